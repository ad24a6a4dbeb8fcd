import { beforeAll, expect, it } from 'vitest'
import {
  startFakeProvider,
  type FakeProvider,
  type FakeScript,
} from '../../src/testing/fake-provider.ts'
import { describeEngines, type EngineHome } from './describe-engines.ts'
import { runHere } from './run-here.ts'
import { type LettaOptions, runLetta } from './run-letta.ts'
import { sharedProgram } from './shared-program.ts'

/** A model that keeps every statement in core memory, and answers questions from what its prompt holds. */
const attentiveModel: FakeScript = (body) => {
  const last = body.messages.at(-1)
  if (last?.role === 'tool') return { text: 'I will remember that.' }
  const said = JSON.stringify(last?.content)
  if (!said.includes('?')) {
    return {
      toolCalls: [{ name: 'core_memory_append', arguments: { label: 'human', content: said } }],
    }
  }
  const system = JSON.stringify(body.messages[0]?.content)
  return { text: system.includes('drone hub') ? 'It is the drone hub.' : 'I do not know.' }
}

function optionsFor(home: EngineHome, provider: FakeProvider): LettaOptions {
  const environment = { ...home.environment, OPENAI_BASE_URL: provider.url }
  return { home: home.path, main: program.main, environment }
}

let program: { readonly main: string }
beforeAll(async () => {
  program = await sharedProgram()
}, 30_000)

describeEngines('letta -p with a model behind OPENAI_BASE_URL', (createHome) => {
  it('lets the model keep what it was told and answer from it in a new process', async () => {
    await using home = await createHome()
    await using provider = await startFakeProvider({ script: attentiveModel })
    const at = optionsFor(home, provider)
    const told = await runLetta(at, '-p', 'My favorite project is the autonomous drone hub.')
    expect(told).toMatchObject({ code: 0, stdout: 'I will remember that.\n' })
    const asked = await runLetta(at, '-p', 'What is my favorite project?', '--new')
    expect(asked).toMatchObject({ code: 0, stdout: 'It is the drone hub.\n' })
    const memory = await runHere(at, 'memory')
    expect(memory.stdout).toContain('drone hub')
  })

  it('names the model that answered in JSON, not the alias it was asked by', async () => {
    await using home = await createHome()
    await using provider = await startFakeProvider({ script: [{ text: 'Hello.' }] })
    const at = optionsFor(home, provider)
    const { stdout } = await runHere(at, '-p', 'Hello?', '--output-format', 'json')
    expect(JSON.parse(stdout)).toMatchObject({ model: 'openai/gpt-4o-mini' })
  })

  it('says in one sentence that the endpoint is dead, keeps the message and carries on with retry', async () => {
    await using home = await createHome()
    const provider = await startFakeProvider({ script: [{ text: 'Here again.' }] })
    const { port } = new URL(provider.url)
    await provider.close()
    const at = optionsFor(home, provider)
    const failed = await runHere(at, '-p', 'Are you there?')
    expect(failed.code).toBe(1)
    expect(failed.stdout).toBe('')
    expect(failed.stderr).toMatch(/Cannot .*127\.0\.0\.1/)
    await using revived = await startFakeProvider({
      script: [{ text: 'Here again.' }],
      port: Number(port),
    })
    const retried = await runHere(at, 'retry')
    expect(retried).toMatchObject({ code: 0, stdout: 'Here again.\n' })
    const messages = revived.requests[0]?.body.messages.filter(({ role }) => role === 'user') ?? []
    expect(JSON.stringify(messages).match(/Are you there/g)).toHaveLength(1)
  })
})
