/** One thing that is wrong with a request, as the original server writes it. */
const issuePattern =
  /\{'type': '[^']*', 'loc': \(([^)]*)\), 'msg': ('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"), 'input': (.*?)\}(?=, \{'type'|\]$)/gs

/** How much of what was given is quoted. */
const shownLength = 60

/** The list that the API answers a malformed request with, as sentences for people; any other text as it is. */
export function describeRefusal(message: string): string {
  if (!message.startsWith("[{'type'")) return message
  const sentences = [...message.matchAll(issuePattern)].map(
    ([, place = '', quoted = '', input = '']) => {
      const name = place.split(', ').at(-1)?.replaceAll("'", '') ?? ''
      const reason = quoted
        .slice(1, -1)
        .replace(/^Value error, /, '')
        .replace(/\.$/, '')
      const given = input.length > shownLength ? `${input.slice(0, shownLength)}…` : input
      return `Cannot use ${given} as ${name.replaceAll('_', ' ')}: ${reason}.`
    },
  )
  return sentences.length === 0 ? message : sentences.join(' ')
}
