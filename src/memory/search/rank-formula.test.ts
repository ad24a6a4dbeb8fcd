import { expect, test } from 'vitest'
import type { StoredText } from '../../storage/contract/search-store.ts'
import { indexedText } from '../../testing/indexed-text.ts'
import { openMemoryStore } from '../../testing/open-memory-store.ts'
import { World } from '../../storage/conformance/world.ts'
import { analyse } from '../analysis/analyse.ts'
import { createAgentSearch } from './create-agent-search.ts'
import { planQuery, type QueryPlan } from './query-plan.ts'
import { rank } from './rank.ts'
import { searchConstants as numbers } from './search-constants.ts'
import { messageEntry } from './search-entry.ts'
import { TextTable } from './text-table.ts'

const noon = Date.UTC(2023, 4, 8, 12)
const moment = { now: Date.UTC(2023, 5, 1), timezone: 'UTC' }

function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** A word of a made-up language; the smaller its number, the commoner it is. */
function createTalk(seed: number): () => string {
  const random = createRandom(seed)
  return () => {
    const words = Array.from({ length: 3 + random(24) }, () => {
      const rank = Math.floor(600 ** (random(10_000) / 10_000))
      return `w${String.fromCodePoint(97 + (rank % 26))}${rank.toString(36)}`
    })
    const about = ['', '', 'I and you: ', 'You: '][random(4)] ?? ''
    return `${about}${words.join(' ')}${random(5) === 0 ? '?' : ''}${random(9) === 0 ? ' yesterday' : ''}`
  }
}

/** A talk in parts: of two people with names, or of a user and an assistant. */
function textsOf(count: number, isNamed: boolean): readonly StoredText[] {
  const next = createTalk(count)
  return Array.from({ length: count }, (_, index): StoredText => {
    const role = isNamed || index % 2 === 0 ? 'user' : 'assistant'
    const said = { role, toolCalls: [], toolReturns: [], searchable: true } as const
    const name = isNamed ? (['Ada', 'Bo'][index % 2] ?? null) : null
    const createdAt = noon + index * 3_600_000
    const content = [{ type: 'text', text: next() }] as const
    const entry = messageEntry({ ...said, name, createdAt, content }, { timezone: 'UTC' })
    if (entry === null) throw new Error('no words')
    return indexedText(entry, {
      id: `id-${index}`,
      createdAt,
      sequence: index + 1,
      role,
      thread: 'c',
      place: index,
      session: index - (index % 17),
    })
  })
}

/** The scores of docs/decisions/retrieval.md as they read, without any shortcut. */
function scoreByTheBook(
  texts: readonly StoredText[],
  plan: QueryPlan,
): readonly { readonly id: string; readonly score: number }[] {
  const words = (text: string): readonly string[] => (text === '' ? [] : text.split(' '))
  const times = (text: string, term: string): number =>
    words(text).filter((word) => word === term).length
  const nameOf = (text: StoredText): readonly string[] =>
    text.speaker === '' ? analyse(text.role ?? '') : words(text.speaker)
  const named = (text: StoredText): boolean => text.speaker !== ''
  const isReply = (text: StoredText, before: StoredText): boolean =>
    before.isQuestion && named(before) && named(text) && before.speaker !== text.speaker
  const short = (text: StoredText): number => Math.min(1, numbers.contextWords / text.wordCount)
  const inContext = (text: StoredText, count: (other: StoredText) => number): number =>
    [...numbers.contextBefore.entries(), ...numbers.contextAfter.entries()].reduce(
      (sum, [distance, weight], index) => {
        const isBefore = index < numbers.contextBefore.length
        const place = (text.place ?? 0) + (isBefore ? -1 - distance : 1 + distance)
        const other = texts.find((each) => each.place === place && each.session === text.session)
        if (other === undefined) return sum
        const share = named(text) ? 1 : numbers.unnamedContext
        const isAsked = place === (text.place ?? 0) - 1 && isReply(text, other)
        return (
          sum +
          (isAsked ? numbers.questionContext : weight) *
            share *
            short(text) *
            short(other) *
            count(other)
        )
      },
      0,
    )
  const { own, speaker, dates } = numbers.weights
  const countOf = (text: StoredText, term: string): number =>
    own * times(text.tokens, term) +
    speaker * nameOf(text).filter((word) => word === term).length +
    dates * times(text.dates, term) +
    inContext(text, (other) => times(other.tokens, term))
  const lengths = texts.map((text) => {
    const fixed = own * text.length + speaker * nameOf(text).length + dates * text.dateLength
    return Math.round((fixed + inContext(text, (other) => other.length)) * 1024) / 1024
  })
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const bm25 = (counts: readonly number[], sizes: readonly number[], power: number): number[] => {
    const holders = counts.filter((count) => count > 0).length
    const rarity = Math.log(1 + (counts.length - holders + 0.5) / (holders + 0.5)) ** power
    return counts.map((count, index) => {
      const held = numbers.k1 * (1 - numbers.b + (numbers.b * (sizes[index] ?? 0)) / mean(sizes))
      return (rarity * count * (numbers.k1 + 1)) / (count + held)
    })
  }
  const sum = (lists: readonly (readonly number[])[], index: number): number =>
    lists.reduce((total, list) => total + (list[index] ?? 0), 0)
  const terms = [...new Set(plan.terms)]
  const byTerm = terms.map((term) => {
    const counts = texts.map((text) => countOf(text, term))
    return bm25(counts, lengths, numbers.rarityPower)
  })
  const sessions = [...new Set(texts.map(({ session }) => session))]
  const inSession = (count: (text: StoredText) => number): number[] =>
    sessions.map((session) =>
      texts.filter((text) => text.session === session).reduce((all, text) => all + count(text), 0),
    )
  const sessionTerms = terms.map((term) => {
    const counts = inSession(
      (text) =>
        times(text.tokens, term) +
        nameOf(text).filter((word) => word === term).length +
        numbers.sessionDates * times(text.dates, term),
    )
    const sizes = inSession(
      (text) => text.length + nameOf(text).length + numbers.sessionDates * text.dateLength,
    )
    return bm25(counts, sizes, 1)
  })
  const sessionScores = sessions.map((_, index) => sum(sessionTerms, index))
  const bestSession = Math.max(...sessionScores)
  const asked = texts.map((text, index) => ({ text, score: sum(byTerm, index) }))
  const found = asked
    .filter(({ text, score }) => {
      const isOwn = terms.some((term) => times(text.tokens, term) > 0)
      const dated = terms.filter((term) => times(text.dates, term) > 0).length
      return score > 0 && (isOwn || named(text) || dated > 1)
    })
    .map(({ text, score }) => {
      const length =
        Math.log(1 + Math.min(text.wordCount, numbers.priorWords)) ** numbers.lengthPower
      const question =
        text.isQuestion && text.wordCount <= numbers.questionWords ? numbers.questionFactor : 1
      const agent = text.role === 'assistant' ? numbers.agentFactor : 1
      const reply = texts.find(
        (other) => other.place === (text.place ?? 0) + 1 && other.session === text.session,
      )
      const part = Math.min(1, numbers.answeredWords / text.wordCount)
      const answered =
        reply !== undefined && isReply(reply, text) ? 1 - (1 - numbers.answeredFactor) * part : 1
      const about = named(text) ? 1 - (1 - numbers.listenerFactor) * (text.listenerShare / 100) : 1
      return { text, score: score * length * question * answered * about * agent }
    })
  const best = Math.max(...found.map(({ score }) => score))
  const people = new Set(texts.filter(named).map(({ speaker: name }) => name))
  const meant = [...people].filter((name) => words(name).some((word) => terms.includes(word)))
  return found.map(({ text, score }) => {
    const isMeant = meant.length === 1 && text.speaker === meant[0]
    const when = plan.asksWhen && text.isTemporal ? numbers.whenFactor : 1
    const session = sessionScores[sessions.indexOf(text.session)] ?? 0
    return {
      id: text.id,
      score:
        (score / best) * (isMeant ? numbers.namedFactor : 1) * when +
        (numbers.sessionWeight * session) / bestSession,
    }
  })
}

test.each([true, false])('rank() gives the scores of the formula (named: %s)', (isNamed) => {
  const texts = textsOf(160, isNamed)
  const table = new TextTable()
  for (const text of texts) table.add(text)
  const next = createTalk(7)
  for (let round = 0; round < 6; round += 1) {
    const asked = `${round % 2 === 0 ? 'When did Ada ' : ''}${next().slice(0, 20)}`
    const plan = planQuery(asked, moment)
    const ranking = rank(plan, { table, hidden: new Set(), passes: () => true, chosenFrom: null })
    const expected = scoreByTheBook(texts, plan).toSorted((one, other) => other.score - one.score)
    const ours = ranking.best(texts.length)
    expect(ours.map(({ score }) => score.toFixed(9))).toEqual(
      expected.map(({ score }) => score.toFixed(9)),
    )
    const scores = new Map(expected.map(({ id, score }) => [id, score.toFixed(9)]))
    expect(ours.map(({ id, score }) => [id, score.toFixed(9)])).toEqual(
      ours.map(({ id }) => [id, scores.get(id)]),
    )
  }
})

test.each([true, false])(
  'what the index chooses from is ranked nearly as where all are scored (named: %s)',
  async (isNamed) => {
    const store = await openMemoryStore()
    const world = new World(store)
    const agent = await world.agent()
    const conversation = world.conversationOf(agent)
    const next = createTalk(3)
    const messages = Array.from({ length: 900 }, (_, index) => {
      const role = isNamed || index % 2 === 0 ? ('user' as const) : ('assistant' as const)
      const name = isNamed ? (['Ada', 'Bo'][index % 2] ?? null) : null
      const { message } = world.message(agent, next(), { role, conversationId: conversation.id })
      const named = { ...message, name }
      return { message: named, entry: messageEntry(named, { timezone: 'UTC' }) }
    })
    await store.importMessages(world.scope, {
      agentId: agent.id,
      importId: conversation.id,
      start: { conversation, messages: [] },
      messages,
      at: world.at(),
    })
    const place = { store, scope: world.scope, agentId: agent.id, now: world.at(), timezone: 'UTC' }
    const all = createAgentSearch({ ...place, completeUpTo: 10_000 })
    const chosen = createAgentSearch({ ...place, completeUpTo: 0 })
    const open = { roles: [], from: null, until: null, excludeIds: [], limit: 10 }
    let [same, asked] = [0, 0]
    for (let round = 0; round < 12; round += 1) {
      const text = next().split(' ').slice(0, 4).join(' ')
      const best = (await all.messages({ ...open, text })).hits.map(({ item }) => item.id)
      const { hits } = await chosen.messages({ ...open, text })
      same += hits.filter(({ item }) => best.includes(item.id)).length
      asked += best.length
    }
    expect(asked).toBeGreaterThan(100)
    expect(same / asked).toBeGreaterThan(0.9)
    await store.close()
  },
)
