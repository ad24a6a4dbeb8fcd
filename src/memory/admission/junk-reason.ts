import { analyseQuery } from '../analysis/analyse.ts'

/** What only prompts of this product and of the original server put around texts. */
const wrapperTag =
  /<\/?(?:context_update|known_facts|memory_blocks?|memory_metadata|recalled|standing_instructions|system_alert|system_reminder|tool_(?:result|return|usage_rules))\b[^>]*>/i

/** What programs and models say when something failed; only where it is the whole text. */
const failures: readonly RegExp[] = [
  /^Error executing function \w+: .*$/is,
  /^(?:I['’]m|I am) sorry,? but I (?:can['’]t|cannot|can not) (?:assist|help)(?: you)?(?: with (?:that|this)(?: request)?)?\.?$/i,
  /^As an AI(?: language)? model,? I (?:can['’]t|cannot|do not|don['’]t)\b[^.!?;\n]*\.?$/i,
]

/** Whether a text has anything that could be read. */
export function hasWords(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text)
}

/** Why a text is nothing that anybody would want to remember, as a sentence; null = no rule says so for certain. */
export function junkReason(text: string): string | null {
  if (text.trim() === '') return 'It is empty.'
  if (!hasWords(text)) return 'It has no words.'
  if (wrapperTag.test(text)) return 'It carries the wrapping of a prompt, not what somebody said.'
  if (failures.some((failure) => failure.test(text.trim()))) {
    return 'It is the message of a failure, not what somebody said.'
  }
  if (analyseQuery(text).onlyStopWords) return 'It has only words that every text has.'
  return null
}
