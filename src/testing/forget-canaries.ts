import { defaultConversationId, newIdentifier } from '../domain/identifier.ts'
import { newJob } from '../domain/job.ts'
import { defaultScope } from '../domain/scope.ts'
import type { Agent } from '../domain/agent.ts'
import type { App } from '../app/app.ts'
import type { ModelRequest } from '../llm/model.ts'
import type { ScriptedReply } from './scripted-model.ts'
import { textTableNames } from '../storage/stored-texts.ts'
import { toolId } from '../tools/registry.ts'
import type { TestApp } from './create-test-app.ts'

/** Words that nobody says by chance, one for each way into the store. */
export interface Canaries {
  readonly agent: Agent
  /** The message that the others rest on. */
  readonly messageId: string
  /** The words, by the way they went in. */
  readonly words: Readonly<Record<string, string>>
  /** What was said besides and has to stay. */
  readonly kept: string
}

/** The sentence that is told first and quoted in many places. */
export function secretSentence(word: string): string {
  return `My locker at the harbour opens with ${word}, please remember that.`
}

/** What was known before. */
export const keptFact = 'none so far'

const kept = 'The heron stood in the reeds until the evening.'

/** What the model does, call by call, when {@link plantCanaries} talks to it. */
export function canaryScript(word: string): readonly ((request: ModelRequest) => ScriptedReply)[] {
  const sentence = secretSentence(word)
  const line = `Locker code: ${word}`
  const call = (name: string, given: object): ScriptedReply => ({
    reasoning: `They told me ${word}.`,
    text: ['I note ', word.slice(0, 4), word.slice(4), '.'],
    toolCalls: [{ name, arguments: given }],
  })
  const replies: readonly ScriptedReply[] = [
    { toolCalls: [{ name: 'remember_fact', arguments: { attribute: 'locker', value: keptFact } }] },
    { text: 'Nice.' },
    // Then the words.
    call('remember_fact', { attribute: 'locker', value: word }),
    call('core_memory_append', { label: 'human', content: line }),
    call('archival_memory_insert', { content: `Their locker opens with ${word}.`, tags: [word] }),
    { text: `Noted: ${word}.` },
    // Later, about other things.
    call('core_memory_append', { label: 'human', content: 'Likes herons.' }),
    call('core_memory_replace', {
      label: 'human',
      old_content: 'Likes herons.',
      new_content: 'Likes herons and egrets.',
    }),
    { text: 'Fine.' },
    // And asked for it.
    call('conversation_search', { query: 'locker harbour' }),
    call('archival_memory_search', { query: 'locker' }),
    { text: `You said: “${sentence}” So it is ${word}.` },
    // And with an error of the provider that repeats what it was sent.
    { failure: { code: 'llm_bad_request', message: `Bad request: ${sentence}` } },
  ]
  return replies.map((reply) => () => reply)
}

const canaryTools = [
  'core_memory_append',
  'core_memory_replace',
  'archival_memory_insert',
  'archival_memory_search',
  'conversation_search',
  'remember_fact',
]

/** Puts a word into every place that can hold one. The app's script has to be {@link canaryScript}. */
export async function plantCanaries(test: TestApp, word: string): Promise<Canaries> {
  const { app } = test
  const { services, store } = app
  const sentence = secretSentence(word)
  const agent = await test.createAgent({
    description: `Knows ${word}`,
    metadata: { note: [`about ${word}`] },
    toolIds: canaryTools.map(toolId),
  })
  await test.ask(agent, kept)
  await test.ask(agent, sentence, {
    options: { overrideSystem: `Be kind about ${word}.` },
    requestConfig: { note: word },
  })
  await test.ask(agent, 'I like herons.')
  await test.ask(agent, 'What opens my locker?')
  const [block] = await store.listAgentBlocks(defaultScope, { agentId: agent.id })
  await services.blocks.update(defaultScope, block?.id ?? '', {
    value: `${block?.value ?? ''}\nSpare key: ${word} too`,
    metadata: { from: word },
  })
  await test.ask(agent, 'Say something that fails.')
  await plantElsewhere(app, agent, word)
  const [first] = await store
    .listMessages(defaultScope, {
      agentId: agent.id,
      limit: 100,
      order: 'asc',
    })
    .then((messages) =>
      messages.filter(({ content }) => JSON.stringify(content).includes(sentence)),
    )
  return { agent, messageId: first?.id ?? '', words: { everywhere: word }, kept }
}

async function plantElsewhere(app: App, agent: Agent, word: string): Promise<void> {
  const { services, store, clock, ids } = app
  const at = clock.now()
  const sentence = secretSentence(word)
  await services.imports.importMessages(defaultScope, agent.id, {
    importId: null,
    messages: [
      { role: 'user', text: sentence, name: word, createdAt: at, otid: 'old-1', session: word },
      {
        role: 'assistant',
        text: 'A fine harbour.',
        name: null,
        createdAt: at,
        otid: 'old-2',
        session: null,
      },
    ],
  })
  const [passage] = await services.archives.addPassages(defaultScope, { agentId: agent.id }, [
    {
      text: `From a letter: ${sentence}`,
      tags: ['letters', word],
      metadata: { word },
      createdAt: at,
    },
  ])
  const vector = Array.from({ length: 4 }, (_, index) => index + 1)
  await store.putVectors(defaultScope, {
    items: [{ kind: 'passage', id: passage?.id ?? '', model: 'm', vector }],
  })
  const conversationId = defaultConversationId(agent.id)
  await store.updateConversation(defaultScope, {
    id: conversationId,
    at,
    set: { summary: `About ${word}` },
  })
  await store.sendSignal(defaultScope, {
    signal: {
      id: newIdentifier(ids, 'signal'),
      conversationId,
      name: 'letter',
      payload: { word },
      createdAt: at,
      consumedAt: null,
    },
    at,
  })
  await store.enqueueJob(defaultScope, {
    job: newJob({
      id: newIdentifier(ids, 'job'),
      tenantId: defaultScope.tenantId,
      lane: agent.id,
      kind: 'embed',
      payload: { text: sentence },
      maxAttempts: 1,
      at,
    }),
  })
  app.logger.error({ said: sentence }, `Cannot do anything with ${word}`)
}

/** The tables that hold a word in what belongs to an agent. */
export async function tablesWith(
  { store }: Pick<App, 'store'>,
  { agentId, word }: { readonly agentId: string; readonly word: string },
): Promise<readonly string[]> {
  const named = { agentIds: [agentId], archiveIds: [], blockIds: [] }
  const owners = await store.findForgetOwners(defaultScope, named)
  const found: string[] = []
  for (const table of textTableNames) {
    const rows = await store.listStoredTexts(defaultScope, { owners, table, limit: 1000 })
    if (JSON.stringify(rows).includes(word)) found.push(table)
  }
  return found
}
