import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { describeEngines } from './describe-engines.ts'
import { runHere } from './run-here.ts'
import { runLetta } from './run-letta.ts'
import { sharedProgram } from './shared-program.ts'

let program: { readonly main: string }
beforeAll(async () => {
  program = await sharedProgram()
}, 30_000)

describeEngines('letta -p without a model', (createHome) => {
  it('keeps what it is told and finds it from a new process', async () => {
    await using home = await createHome()
    const at = { home: home.path, main: program.main, environment: home.environment }
    const told = await runLetta(at, '-p', 'My favorite project is the autonomous drone hub.')
    expect(told).toMatchObject({ code: 0 })
    expect(told.stdout.trim()).not.toBe('')
    expect(told.stderr).toContain('No model')

    const asked = await runLetta(at, '-p', 'What is my favorite project?')
    expect(asked).toMatchObject({ code: 0 })
    expect(asked.stdout).toContain('the autonomous drone hub')

    const request =
      'Implement a Dockerfile for a Go application and remember my preference for Alpine base images.'
    const kept = await runLetta(at, '-p', request)
    expect(kept).toMatchObject({ code: 0 })
    const preference = await runLetta(at, '-p', 'Which base images do I prefer?')
    expect(preference.stdout).toContain('Alpine base images')
  })

  it('knows in one folder what it was told in another', async () => {
    await using home = await createHome()
    const at = { home: home.path, main: program.main, environment: home.environment }
    const [one, two] = ['one', 'two'].map((name) => join(home.path, name))
    for (const folder of [one, two]) mkdirSync(folder ?? '')
    await runHere({ ...at, cwd: one }, '-p', 'The wifi password is plum-otter.')
    const asked = await runHere({ ...at, cwd: two }, '-p', 'What is the wifi password?')
    expect(asked.stdout).toContain('plum-otter')
  })

  it('begins with one agent when the first two commands run at once', async () => {
    await using home = await createHome()
    const at = { home: home.path, main: program.main, environment: home.environment }
    const facts = ['The cat is called Plum.', 'The dog is called Otter.']
    const told = await Promise.all(facts.map((fact) => runLetta(at, '-p', fact)))
    expect(told.map(({ code }) => code)).toEqual([0, 0])
    const agents = await runHere(at, 'agents', 'list', '--json')
    expect(JSON.parse(agents.stdout)).toHaveLength(1)
    for (const [name, question] of Object.entries({ Plum: 'cat', Otter: 'dog' })) {
      const asked = await runHere(at, '-p', `What is the ${question} called?`)
      expect(asked.stdout).toContain(name)
    }
  })

  it('says in JSON that it is limited, and refuses when a model is required', async () => {
    await using home = await createHome()
    const at = { home: home.path, main: program.main, environment: home.environment }
    const json = await runHere(at, '-p', 'Hello there.', '--output-format', 'json')
    expect(JSON.parse(json.stdout)).toMatchObject({ model: 'letta/offline', limited: true })
    const refused = await runHere(at, '-p', 'Hello there.', '--require-model')
    expect(refused.code).not.toBe(0)
    expect(refused.stdout).toBe('')
    expect(refused.stderr).toContain('OPENAI_API_KEY')
  })
})
