import { noUsage, type LanguageModel, type ModelPart, type ModelRequest } from '../model.ts'
import { cancelledCall } from '../with-retry.ts'
import { offlineHandle, offlineInfo } from './offline-info.ts'
import { readSearchResult, type FoundText } from './read-search-result.ts'
import { selectQuotes, type WordSplitter } from './select-quotes.ts'
import { writeReply, type OfflineReply } from './write-reply.ts'

/** The tools the offline mode finds text with, and how it calls them. */
const searches: readonly {
  readonly name: string
  readonly toArguments: (query: string) => object
}[] = [
  {
    name: 'conversation_search',
    toArguments: (query) => ({ query, roles: ['user'], limit: resultLimit }),
  },
  {
    name: 'archival_memory_search',
    toArguments: (query) => ({ query, top_k: resultLimit }),
  },
  { name: 'recall_facts', toArguments: (query) => ({ query, limit: resultLimit }) },
]

/** How many results are asked for; more than are quoted, as the newest of them come first. */
const resultLimit = 20

/** The longest query in characters. */
const queryLimit = 2_000

/**
 * What answers when no model is configured: not a language model, but one that finds what was said and quotes it.
 *
 * It calls the agent's search tools with the user's own words, then writes an extractive reply from what they return.
 * Deterministic: the same request gives the same parts.
 */
export function createOfflineModel(toWords: WordSplitter): LanguageModel {
  return {
    handle: offlineHandle,
    info: offlineInfo,
    async *stream(request) {
      if (request.signal.aborted) {
        yield { type: 'error', error: cancelledCall(offlineHandle) }
        return
      }
      yield* answer(request, toWords)
    },
  }
}

function* answer(request: ModelRequest, toWords: WordSplitter): Generator<ModelPart> {
  const question = lastUserText(request)
  const results = resultsOfThisTurn(request)
  const attached = searches.filter(({ name }) => request.tools.some((tool) => tool.name === name))
  if (results.length === 0 && attached.length > 0 && question !== '') {
    yield* callSearches(request, attached, question.slice(0, queryLimit))
    return
  }
  const text = writeReply(toReply({ question, results, hasSearch: attached.length > 0, toWords }))
  yield { type: 'text-delta', text }
  yield { type: 'finish', reason: 'stop', usage: noUsage }
}

function* callSearches(
  request: ModelRequest,
  attached: typeof searches,
  query: string,
): Generator<ModelPart> {
  const turn = request.messages.filter((message) => message.role === 'user').length
  for (const [index, { name, toArguments }] of attached.entries()) {
    const callId = `search-${turn}-${index + 1}`
    const argumentsText = JSON.stringify(toArguments(query))
    yield { type: 'tool-call-start', index, callId, name }
    yield { type: 'tool-call-delta', index, argumentsText }
    yield { type: 'tool-call-end', index, callId, name, arguments: argumentsText }
  }
  yield { type: 'finish', reason: 'tool-calls', usage: noUsage }
}

/** The user's own words; blocks that a client put around reminders of its own are not theirs. */
function lastUserText(request: ModelRequest): string {
  const message = request.messages.findLast((candidate) => candidate.role === 'user')
  if (message?.role !== 'user') return ''
  return message.content
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n')
    .replaceAll(/<(system-[a-z-]+)>[\s\S]*?<\/\1>/g, '')
    .trim()
}

interface SearchReturn {
  readonly name: string
  readonly text: string
  readonly isError: boolean
}

function resultsOfThisTurn(request: ModelRequest): readonly SearchReturn[] {
  const lastUser = request.messages.findLastIndex((message) => message.role === 'user')
  return request.messages
    .slice(lastUser + 1)
    .flatMap((message) => (message.role === 'tool' ? message.returns : []))
    .filter(({ name }) => searches.some((search) => search.name === name))
}

function toReply(input: {
  readonly question: string
  readonly results: readonly SearchReturn[]
  readonly hasSearch: boolean
  readonly toWords: WordSplitter
}): OfflineReply {
  const { question, results, hasSearch, toWords } = input
  if (question === '') return { type: 'nothing-asked' }
  if (!hasSearch) return { type: 'no-search' }
  const found: FoundText[] = []
  for (const result of results) {
    const texts = result.isError ? null : readSearchResult(result)
    if (texts === null) return { type: 'search-failed', reason: result.text }
    found.push(...texts)
  }
  return { type: 'found', quotes: selectQuotes({ question, found, toWords }) }
}
