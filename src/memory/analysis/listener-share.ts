import { splitWords } from './split-words.ts'

/** Words that stand for whoever speaks, and for whoever is spoken to, without what an apostrophe adds. */
const speakerWords = new Set([
  'i',
  'me',
  'my',
  'mine',
  'myself',
  'we',
  'us',
  'our',
  'ours',
  'ourselves',
])
const listenerWords = new Set(['you', 'your', 'yours', 'yourself', 'yourselves'])

const sentencePattern = /[^.!?？\n]+[.!?？]*/gu

/**
 * How much of what a text states is about whoever it is said to: of its words for the speaker and for the listener, those
 * for the listener, in whole percent; 0 when it has neither. Questions state nothing and do not count.
 */
export function listenerShare(text: string): number {
  const sentences = text.match(sentencePattern) ?? []
  const stated = sentences.filter((sentence) => !/[?？]/u.test(sentence)).join('\n')
  let [speaker, listener] = [0, 0]
  for (const word of splitWords(stated)) {
    if (speakerWords.has(word.text)) speaker += 1
    else if (listenerWords.has(word.text)) listener += 1
  }
  return listener === 0 ? 0 : Math.round((100 * listener) / (speaker + listener))
}
