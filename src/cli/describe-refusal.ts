/** One thing that is wrong with a request, as the original server writes it. */
const issuePattern =
  /\{'type': '[^']*', 'loc': \(([^)]*)\), 'msg': ('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"), 'input': (.*?)\}(?=, \{'type'|\]$)/gs

/** How much of what was given is quoted. */
const shownLength = 60

/** A longer reason is the expression of a program. */
const longestReason = 160

/** The list that the API answers a malformed request with, as sentences for people; any other text as it is. */
export function describeRefusal(message: string): string {
  if (!message.startsWith("[{'type'")) return message
  const sentences = [...message.matchAll(issuePattern)].map(
    ([, place = '', quoted = '', input = '']) => {
      // A place is the part of the request with keys behind it; a part alone names nothing a person knows.
      const name = place.split(', ').slice(1).at(-1)?.replaceAll("'", '').replaceAll('_', ' ') ?? ''
      const reason = quoted
        .slice(1, -1)
        .replace(/^Value error, /, '')
        .replace(/\.$/, '')
      const told =
        reason.length > longestReason ? 'it does not have the form that is expected' : reason
      const given = input.length > shownLength ? `${input.slice(0, shownLength)}…` : input
      return `Cannot use ${given}${name === '' ? '' : ` as ${name}`}: ${told}.`
    },
  )
  return sentences.length === 0 ? message : sentences.join(' ')
}
