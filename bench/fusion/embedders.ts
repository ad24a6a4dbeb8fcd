import { analyse, analyseQuery } from '../../src/memory/analysis/analyse.ts'
import { createDoubleEmbedder, toNoise } from '../../src/testing/double-embedder.ts'
import type { PluggedIn } from '../locomo/memory-under-test.ts'
import type { Chat } from '../locomo/read-chats.ts'

/** An embedder that is plugged in, and what may be expected of it. */
export interface NamedEmbedder extends PluggedIn {
  readonly name: string
}

const dimensions = 256

/**
 * Embedders without a model. The first knows which words are said beside each other in the chats; the others know less and less, down
 * to those that know nothing or are wrong: what is plugged in by mistake.
 */
export function createDoubles(chats: readonly Chat[]): readonly NamedEmbedder[] {
  const noise = toNoise(dimensions)
  const doubles: Readonly<Record<string, (text: string) => readonly number[]>> = {
    'words that are said together': createCompany(chats, noise),
    'the words themselves, hashed': (text) => sumOf(wordsOf(text).map(noise)),
    'beginnings of words, hashed': (text) =>
      sumOf(wordsOf(text).map((word) => noise(word.slice(0, 2)))),
    'the length of a text': toLength,
    'question or not': (text) => (text.includes('?') ? [1, 0.2] : [0.2, 1]),
    'all alike': () => [1, 1, 1],
    'noise, 256 dimensions': noise,
    'noise, 8 dimensions': toNoise(8),
    'the other way round': (text) => opposite(text, sumOf(wordsOf(text).map(noise))),
  }
  return Object.entries(doubles).map(([name, toVector], index) => {
    const handle = `test/double-${index}`
    return { name, handle, embedders: createDoubleEmbedder(toVector, handle) }
  })
}

function wordsOf(text: string): readonly string[] {
  return text.includes('?') ? analyseQuery(text).terms : analyse(text)
}

/** Random indexing: a word's vector is the sum of those of the words in the same turn and the turns beside it, the rarer the more. */
function createCompany(
  chats: readonly Chat[],
  noise: (text: string) => readonly number[],
): (text: string) => readonly number[] {
  const turns = chats.flatMap(({ turns: own }) => own.map(({ text }) => new Set(analyse(text))))
  const counts = new Map<string, number>()
  for (const word of turns.flatMap((words) => [...words])) {
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  const rarityOf = (word: string): number => Math.log(1 + turns.length / (counts.get(word) ?? 1))
  const weighted = (words: Iterable<string>, vectorOf: (word: string) => readonly number[]) =>
    sumOf([...words].map((word) => scaled(vectorOf(word), rarityOf(word))))
  const own = turns.map((words) => weighted(words, noise))
  const company = new Map<string, number[]>()
  for (const [index, words] of turns.entries()) {
    const around = sumOf([own[index - 1] ?? [], own[index] ?? [], own[index + 1] ?? []])
    for (const word of words) company.set(word, sumOf([company.get(word) ?? [], around]))
  }
  const unit = (word: string): readonly number[] => normalised(company.get(word) ?? noise(word))
  const everyone = normalised(sumOf([...company.keys()].map(unit)))
  const apart = (word: string): readonly number[] => {
    const vector = unit(word)
    const shared = vector.reduce((sum, value, index) => sum + value * (everyone[index] ?? 0), 0)
    return normalised(vector.map((value, index) => value - shared * (everyone[index] ?? 0)))
  }
  return (text) => weighted(wordsOf(text), apart)
}

/** Puts texts of like length near each other, which says nothing of what they tell. */
function toLength(text: string): readonly number[] {
  const angle = Math.min(1, text.length / 400) * (Math.PI / 2)
  return [Math.cos(angle), Math.sin(angle)]
}

/** A question is put opposite to the texts with its words: the nearest are those that are wrong. */
function opposite(text: string, vector: readonly number[]): readonly number[] {
  return text.includes('?') ? scaled(vector, -1) : vector
}

function sumOf(vectors: readonly (readonly number[])[]): number[] {
  const sum = Array.from({ length: dimensions }, () => 0)
  for (const vector of vectors) {
    for (const [index, value] of vector.entries()) sum[index] = (sum[index] ?? 0) + value
  }
  return sum
}

function scaled(vector: readonly number[], factor: number): number[] {
  return vector.map((value) => value * factor)
}

function normalised(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector)
  return length === 0 ? vector : scaled(vector, 1 / length)
}
