/**
 * Words that speak of the conversation itself, or name only the kind of answer that is wanted. A text is not found by
 * them: whoever asks for the name of the dentist looks for the dentist.
 */
const wordsAboutAsking = `
  remember remind recall forget know mind wonder sure
  tell say mention ask answer question look find check
  please thank sorry hi hello hey okay yes maybe
  again actually just also well now
  one thing name number kind type sort time day date place much many often
`

/** Takes a text apart into words that can be compared, such as stems without stop words. */
export type WordSplitter = (text: string) => readonly string[]

/** The distinct words a text can be found by; all of its words when it has none but words about asking. */
export function tellingWords(text: string, toWords: WordSplitter): ReadonlySet<string> {
  const idle = new Set(toWords(wordsAboutAsking))
  const all = new Set(toWords(text))
  const telling = new Set([...all].filter((word) => !idle.has(word)))
  return telling.size === 0 ? all : telling
}
