import { createHash } from 'node:crypto'
import { personSubject } from '../../domain/fact.ts'
import { analyse } from '../analysis/analyse.ts'

/** Words for the person the agent talks to. */
const personWords: ReadonlySet<string> = new Set([
  '',
  'i',
  'me',
  'my',
  'mine',
  'myself',
  'user',
  'the user',
  'human',
  'the human',
])

/** The subject as it is kept: trimmed, and one word for the person the agent talks to. */
export function toSubject(subject: string | undefined): string {
  const text = oneLine(subject ?? '')
  return personWords.has(text.toLowerCase()) ? personSubject : text
}

/**
 * What all wordings of a subject and an attribute share: the stems of their words in order, without case and stop words
 * (`The base image of`, `Base Images`). Words that the analyser knows nothing of are kept as they are.
 */
export function slotOf(subject: string, attribute: string): string {
  return `${stemsOf(toSubject(subject))}\n${stemsOf(attribute)}`
}

/** What all wordings of the same words share that say what a fact is about, as a label does. */
export function labelKeyOf(label: string): string {
  return stemsOf(label)
}

/** The slot of instructions: each stands for itself. */
export const instructionSlot = '\ninstruction'

/**
 * What all wordings of a value share: case, blanks and the full stop at the end do not count. A word with a digit in it may be
 * a code, of which every sign counts.
 */
export function valueKeyOf(value: string): string {
  const key = value
    .trim()
    .split(/\s+/u)
    .map((word) => (/\p{N}/u.test(word) ? word.normalize() : word.normalize('NFKC').toLowerCase()))
    .map(plainApostrophes)
    .join(' ')
    .replace(/[.!]+$/, '')
  const short = key === '' ? value : key
  // An index entry has a limit of its own on either engine.
  return short.length <= keyLimit ? short : createHash('sha256').update(short).digest('hex')
}

/** A text on one line. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

/** The longest key that is kept as it is, in UTF-16 units. */
const keyLimit = 200

/** Phones and word processors write the same sign in several ways. */
function plainApostrophes(text: string): string {
  return text.replaceAll(/[\u2018\u2019\u02bc\uff07]/gu, "'")
}

function stemsOf(text: string): string {
  const stems = analyse(plainApostrophes(text)).join(' ')
  const key = stems === '' ? oneLine(text.normalize('NFKC').toLowerCase()) : stems
  return key.length <= keyLimit ? key : createHash('sha256').update(key).digest('hex')
}
