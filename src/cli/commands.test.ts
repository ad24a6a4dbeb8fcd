import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { defaultScope } from '../domain/scope.ts'
import { defineTool } from '../tools/define-tool.ts'
import { toolId } from '../tools/registry.ts'
import type { TestAppOptions } from '../testing/create-test-app.ts'
import { createTestRun, toInput, type TestRun } from '../../test/setup/create-test-run.ts'

const products: TestRun[] = []

afterEach(async () => {
  for (const product of products.splice(0)) await product.close()
})

/** A product with a scripted model, and what runs command lines against it. */
async function createProduct(options: TestAppOptions = {}): Promise<TestRun> {
  const product = await createTestRun(options)
  products.push(product)
  return product
}

function parse(text: string): unknown {
  return JSON.parse(text)
}

test('letta -p prints the answer alone, and the next call goes on in the same conversation', async () => {
  const { run, product } = await createProduct({ script: [{ text: 'Hello Bo.' }, { text: 'Bo.' }] })
  expect(await run(['-p', 'I am Bo.'])).toEqual({ exitCode: 0, stdout: 'Hello Bo.\n', stderr: '' })
  expect((await run(['-p', 'Who am I?'])).stdout).toBe('Bo.\n')
  const sent = JSON.stringify(product.model.requests[1]?.messages)
  expect(sent).toContain('I am Bo.')
  expect(sent).toContain('Hello Bo.')
})

test('letta -p combines its words with standard input', async () => {
  const { run, product } = await createProduct({ script: [{ text: 'ok' }] })
  await run(['-p', 'Review', 'this'], { stdin: toInput('diff --git a b') })
  expect(JSON.stringify(product.model.requests[0]?.messages)).toContain(
    String.raw`Review this\n\ndiff --git a b`,
  )
})

test('folders have conversations of their own, and --new begins another', async () => {
  const { run, home } = await createProduct({ script: ['1', '2', '3'].map((text) => ({ text })) })
  const other = join(home, 'other')
  mkdirSync(other)
  const ids = []
  for (const [flags, folder] of [
    [[], home],
    [[], other],
    [['--new'], home],
  ] as const) {
    const { stdout } = await run(['-p', 'x', '--output-format', 'json', ...flags], { folder })
    ids.push((parse(stdout) as { conversation_id: string }).conversation_id)
  }
  expect(new Set(ids).size).toBe(3)
})

test('a deleted conversation starts a new one and says so', async () => {
  const { run, product } = await createProduct({ script: [{ text: '1' }, { text: '2' }] })
  const { stdout } = await run(['-p', 'x', '--output-format', 'json'])
  const { conversation_id } = parse(stdout) as { conversation_id: string }
  await product.app.services.conversations.delete(defaultScope, conversation_id)
  const { exitCode, stderr } = await run(['-p', 'y'])
  expect(exitCode).toBe(0)
  expect(stderr).toBe('The conversation of this folder was deleted; this is a new one.\n')
})

test('--output-format json prints one object with answer, ids and usage', async () => {
  const { run } = await createProduct({ script: [{ text: 'Hi' }] })
  const { exitCode, stdout, stderr } = await run(['-p', 'x', '--output-format', 'json'])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(parse(stdout)).toMatchObject({
    type: 'result',
    subtype: 'success',
    is_error: false,
    result: 'Hi',
    agent_id: expect.stringMatching(/^agent-/),
    conversation_id: expect.stringMatching(/^conv-/),
    run_ids: [expect.stringMatching(/^run-/)],
    stop_reason: 'end_turn',
    usage: { step_count: 1 },
  })
})

test('--output-format stream-json prints a line for each frame, first init, last the result', async () => {
  const { run } = await createProduct({ script: [{ text: 'Hi' }] })
  const { stdout } = await run(['-p', 'x', '--output-format', 'stream-json'])
  const lines = stdout.trimEnd().split('\n').map(parse)
  expect(lines[0]).toMatchObject({ type: 'system', subtype: 'init' })
  expect(lines).toContainEqual(
    expect.objectContaining({ type: 'message', message_type: 'assistant_message', content: 'Hi' }),
  )
  expect(lines.at(-1)).toMatchObject({ type: 'result', result: 'Hi' })
})

test('a failed run is one sentence, exit code 1, a JSON result, and letta retry answers it', async () => {
  const { run, product } = await createProduct({
    script: [
      {
        failure: {
          code: 'llm_bad_request',
          message: 'Cannot ask the model: it refused.',
          retryable: false,
        },
      },
      { text: 'Now it works.' },
    ],
  })
  const failed = await run(['-p', 'Hello', '--output-format', 'json'])
  expect(failed.exitCode).toBe(1)
  expect(failed.stderr).toMatch(/^Cannot ask the model: it refused\. .*letta retry/)
  expect(parse(failed.stdout)).toMatchObject({ is_error: true, run_ids: [expect.any(String)] })
  expect(await run(['retry'])).toEqual({ exitCode: 0, stdout: 'Now it works.\n', stderr: '' })
  const messages = product.model.requests[1]?.messages ?? []
  expect(messages.filter((message) => JSON.stringify(message).includes('Hello'))).toHaveLength(1)
  const again = await run(['retry'])
  expect(again.exitCode).toBe(1)
  expect(again.stderr).toContain('the last message was answered')
})

test('letta model shows and switches the model for every later command', async () => {
  const { run } = await createProduct({ script: [{ text: 'x' }] })
  expect((await run(['model'])).stdout).toBe('letta/auto\n')
  const unknown = await run(['/model', 'no-such-model'])
  expect(unknown.exitCode).toBe(1)
  expect(unknown.stderr).toContain('no-such-model')
  expect((await run(['model'])).stdout).toBe('letta/auto\n')
  const { stdout } = await run(['model', '--list'])
  const handle = stdout.split(' ')[0] ?? ''
  expect((await run(['C:/Program Files/Git/model', handle])).stdout).toBe(
    `Letta now uses ${handle}.\n`,
  )
  expect((await run(['model'])).stdout).toBe(`${handle}\n`)
})

test('letta memory shows the blocks of the default agent', async () => {
  const { run } = await createProduct()
  const { stdout } = await run(['memory'])
  expect(stdout).toMatch(/^\[persona\] \d+ of \d+ characters\nI am Letta\./)
  expect(stdout).toContain('[human] 0 of')
  expect(stdout).toContain('[task] 0 of')
  const missing = await run(['memory', 'nothing'])
  expect(missing).toMatchObject({ exitCode: 1, stdout: '' })
  expect(missing.stderr).toContain('It has: persona, human, task.')
})

test('letta agents creates, lists and deletes', async () => {
  const { run, home } = await createProduct()
  writeFileSync(join(home, 'ada.md'), 'I am Ada, a reviewer.\n')
  const created = await run(['agents', 'create', 'Ada', '--persona', 'ada.md'])
  const id = created.stdout.trim()
  expect(id).toMatch(/^agent-/)
  expect((await run(['memory', 'persona', '--agent', 'Ada'])).stdout).toContain(
    'I am Ada, a reviewer.',
  )
  expect((await run(['agents', 'list'])).stdout).toContain(`${id}  letta/auto`)
  const refused = await run(['agents', 'delete', 'Ada'])
  expect(refused.exitCode).toBe(2)
  expect(refused.stderr).toContain('Add --yes')
  const declined = await run(['agents', 'delete', 'Ada'], {
    stdin: toInput('n\n'),
    terminal: { stdin: true },
  })
  expect(declined.stderr).toContain('Nothing was deleted.')
  expect((await run(['agents', 'delete', 'Ada', '--yes'])).exitCode).toBe(0)
  expect((await run(['memory', '--agent', 'Ada'])).stderr).toContain('none has this name')
})

test('letta help shows the help of the program or of a command', async () => {
  const { run } = await createProduct()
  const whole = await run(['--help'])
  for (const words of [['help'], ['/help']]) expect(await run(words)).toEqual(whole)
  expect(await run(['help', 'agents'])).toEqual(await run(['agents', '--help']))
  expect(await run(['help', 'agents', 'create'])).toEqual(await run(['agents', 'create', '--help']))
  expect(whole.stdout).toContain('Show the help of a command.')
})

test('--stateless leaves no agent and no conversation behind', async () => {
  const { run, product } = await createProduct({ script: [{ text: 'Hi' }] })
  expect((await run(['-p', 'x', '--stateless'])).stdout).toBe('Hi\n')
  expect(await product.app.services.agents.count(defaultScope, { includeHidden: true })).toBe(0)
})

test('the chat answers lines, shows what is remembered, and refuses unknown commands', async () => {
  const { run, product } = await createProduct({
    script: [
      {
        toolCalls: [
          {
            name: 'core_memory_append',
            arguments: '{"label":"human","content":"Likes Go."}',
          },
        ],
      },
      { text: 'Noted.' },
    ],
  })
  const { exitCode, stdout } = await run([], {
    stdin: toInput('/star\nI like Go.\n/star\n/nonsense\n/memory human\n/exit\n'),
    terminal: { stdin: true, stdout: true },
  })
  expect(exitCode).toBe(0)
  expect(stdout).toContain('Letta (letta/auto) · a new conversation · /help lists commands\n')
  expect(stdout).toContain('· remembers in human: Likes Go.\nNoted.\n')
  expect(stdout).toContain('There is no answer in this chat yet.\n')
  expect(stdout).toContain('nothing stored was looked up for it')
  expect(stdout).toContain('There is no command /nonsense')
  expect(stdout).toMatch(/\[human\] .*\n+Likes Go\./)
  expect(product.model.requests).toHaveLength(2)
})

test('letta agents create refuses a persona that can only be meant as a file', async () => {
  const { run, home } = await createProduct()
  writeFileSync(join(home, 'picture.txt'), Buffer.from([0xff, 0xd8, 0xff]))
  const refusals = { 'no/ada': 'there is no such file', 'ada.md': 'there is no such file' }
  const all = { ...refusals, [home]: 'it is a folder', 'picture.txt': 'it is no text in UTF-8' }
  for (const [persona, state] of Object.entries(all)) {
    const { exitCode, stderr } = await run(['agents', 'create', 'Ada', '--persona', persona])
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${persona}: ${state}. `)])
  }
  expect((await run(['agents', 'list'])).stdout).toBe('')
  expect((await run(['agents', 'create', 'Ada', '--persona', 'Terse.'])).exitCode).toBe(0)
})

test('the chat changes persona, model and conversation, and goes on after an error', async () => {
  const { run } = await createProduct({
    script: [
      { failure: { code: 'llm_bad_request', message: 'Cannot ask the model: it refused.' } },
      { text: 'Here I am.' },
    ],
  })
  const { exitCode, stdout } = await run([], {
    stdin: toInput(
      '/persona I am Grace.\n/persona\n/model nothing\n/model\nHello\n/new\nHello again\n',
    ),
    terminal: { stdin: true, stdout: true },
  })
  expect(exitCode).toBe(0)
  expect(stdout).toContain('The persona is changed.\nI am Grace.\n')
  expect(stdout).toMatch(/nothing.*\nletta\/auto\n/)
  expect(stdout).toContain('Cannot ask the model: it refused. ')
  expect(stdout).toContain('A new conversation.\nHere I am.\n')
  expect(stdout).toMatch(/\n\n$/)
})

test('the chat tries the last message again, and says so when it was answered', async () => {
  const { run, product } = await createProduct({
    script: [
      { failure: { code: 'llm_bad_request', message: 'Cannot ask the model: it refused.' } },
      { text: 'Here I am.' },
    ],
  })
  const { stdout } = await run([], {
    stdin: toInput('Hello\n/retry\n/retry\n/quit\n'),
    terminal: { stdin: true, stdout: true },
  })
  expect(stdout).toContain('it refused.')
  expect(stdout).toContain('Here I am.\n')
  expect(stdout).toContain('Cannot retry: the last message was answered.')
  expect(product.model.requests).toHaveLength(2)
})

test('letta search finds what was said, and says when nothing matches', async () => {
  const { run } = await createProduct({ script: [{ text: 'Noted.' }] })
  await run(['-p', 'I prefer Alpine base images.'])
  expect((await run(['search', 'alpine', 'image'])).stdout).toMatch(
    /^\S+ \S+ {2}user: I prefer Alpine base images\.\n$/,
  )
  const explained = (await run(['search', '--explain', 'When', 'alpine', 'image'])).stdout
  expect(explained).toMatch(
    /^messages: alpine \(1\), image \(1\); .* all scored; asks for a time$/m,
  )
  expect(explained).toMatch(/1\.00 text .*holds 100 % of the question$/m)
  expect(explained).toMatch(/^archival memory/m)
  await run(['facts', 'add', 'base image', 'Alpine'])
  expect((await run(['search', '--explain', 'alpine', 'image'])).stdout).toMatch(
    /^facts: alpine \(1\), image \(1\); 1 of 1 rank, .*\n {2}1\.00 .* fact: base image = Alpine\n.*holds 100 % of the question$/m,
  )
  expect(await run(['search', 'quartz'])).toEqual({
    exitCode: 0,
    stdout: '',
    stderr: [
      'Nothing found.',
      '  messages: Nothing stored contains any of: quartz.',
      '  archival memory: There is no passage stored yet that has words.',
      '  facts: Nothing stored contains any of: quartz.\n',
    ].join('\n'),
  })
  expect((await run(['search', '?!'])).stderr).toBe(
    'Nothing found. The query holds no letters, digits or signs, so there is nothing to look for.\n',
  )
})

test('letta doctor names the step that failed', async () => {
  const { run } = await createProduct({ script: [{ text: 'I do not call tools.' }] })
  const { exitCode, stdout, stderr } = await run(['doctor'])
  expect(exitCode).toBe(1)
  expect(stdout).toContain('ok     store: ')
  expect(stdout).toContain('FAILED tool call: the model answered without calling a tool')
  expect(stdout).toContain('ok     delete: ')
  expect(stderr).toContain('the step "tool call" failed')
})

test('letta -p says what is asked, and letta runs approve and deny answer it', async () => {
  const launched: string[] = []
  const tool = defineTool({
    name: 'launch',
    description: 'Launches a drone.',
    parameters: z.object({ name: z.string() }),
    replay: 'once',
    requiresApproval: true,
    run: ({ name }) => {
      launched.push(name)
      return 'launched'
    },
  })
  const call = { name: 'launch', arguments: { name: 'kea' }, callId: 'call-1' }
  const { product, run } = await createProduct({
    tools: [tool],
    script: [
      { toolCalls: [call] },
      { text: 'It flies.' },
      { text: 'Again?', toolCalls: [{ ...call, callId: 'call-2' }] },
      { text: 'I leave it.' },
    ],
  })
  const agent = await product.createAgent({
    name: 'Ada',
    toolIds: [toolId('launch')],
    toolRules: [{ type: 'requires_approval', tool_name: 'launch' }],
  })
  const ask = ['--agent', agent.id, '-p', 'Launch the kea.']
  const asked = await run(ask)
  expect(asked).toEqual({
    exitCode: 3,
    stdout: '',
    stderr: expect.stringContaining('launch({"name":"kea"})'),
  })
  const runId = /letta runs approve (run-[\w-]+)/.exec(asked.stderr)?.[1] ?? ''
  expect(asked.stderr).toContain('launch({"name":"kea"})')
  const blocked = await run([...ask, '--output-format', 'json'])
  expect(blocked.exitCode).toBe(3)
  expect(parse(blocked.stdout)).toMatchObject({
    is_error: true,
    error: { code: 'pending_approval' },
    run_ids: [runId],
  })
  const approved = await run(['runs', 'approve', runId])
  expect([approved.exitCode, launched]).toEqual([0, ['kea']])
  expect(approved.stdout).toContain('It flies.')
  const again = await run([...ask, '--output-format', 'json'])
  expect(again.exitCode).toBe(3)
  expect(parse(again.stdout)).toMatchObject({
    pending_approval: [{ tool_call_id: 'call-2', name: 'launch', arguments: '{"name":"kea"}' }],
  })
  const second = /run-[0-9a-f-]+/.exec(again.stdout)?.[0] ?? ''
  const denied = await run(['runs', 'deny', second, '--reason', 'too windy'])
  expect(denied.stdout).toContain('I leave it.')
  expect(launched).toEqual(['kea'])
  const returns = product.model.requests.at(-1)?.messages.at(-1)
  expect(JSON.stringify(returns)).toContain('User reason: too windy')
  expect((await run(['runs', 'approve', second])).exitCode).toBe(1)
})

test('the chat asks at its beginning what the agent asked before, and not what was cancelled since', async () => {
  const guarded = { name: 'launch', arguments: {}, callId: 'call-1' }
  const { product, run } = await createProduct({
    tools: [
      defineTool({
        name: 'launch',
        description: 'Launches a drone.',
        parameters: z.object({}),
        replay: 'once',
        requiresApproval: true,
        run: () => 'In the air.',
      }),
    ],
    script: [{ toolCalls: [guarded] }, { text: 'It flies.' }, { toolCalls: [guarded] }],
  })
  const agent = await product.createAgent({
    name: 'Ada',
    toolIds: [toolId('launch')],
    toolRules: [{ type: 'requires_approval', tool_name: 'launch' }],
  })
  const ask = ['--agent', agent.id, '-p', 'Launch it.']
  const chat = async (...lines: readonly string[]): Promise<string> => {
    const stdin = toInput(lines.map((line) => `${line}\n`).join(''))
    const terminal = { stdin: true, stdout: true }
    return (await run(['--agent', agent.id], { stdin, terminal })).stdout
  }
  await run(ask)
  const answered = await chat('y')
  expect(answered).toContain('The agent asks before it does this:\n  launch {}\nAllow it?')
  expect(answered).toContain('It flies.')
  expect(await chat()).not.toContain('The agent asks')
  const runId = /run-[\w-]+/.exec((await run(ask)).stderr)?.[0] ?? ''
  expect(await chat()).toContain('The agent asks')
  await product.app.runtime.cancel(defaultScope, { runId })
  expect(await chat()).not.toContain('The agent asks')
})
