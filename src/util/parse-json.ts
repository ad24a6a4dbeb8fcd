/** What a text is as JSON; undefined, which JSON has not, where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The one thing it throws is that the text is none.
    return undefined
  }
}
