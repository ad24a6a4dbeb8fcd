/** A text without secrets. */
export interface RedactedText {
  readonly text: string
  /** How many were taken out. */
  readonly count: number
}

/** What stands in place of a secret. */
export const redaction = '[redacted secret]'

/** Forms of keys and tokens that nobody writes by chance; the first group, where there is one, is kept. */
const secretPatterns: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\bsk-(?:proj-|ant-|svcacct-|or-)?[A-Za-z0-9_-]{20,}/g,
  /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,})/g,
  /\bglpat-[A-Za-z0-9_-]{20,}/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{35}/g,
  /\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}/g,
  /\bnpm_[A-Za-z0-9]{36}\b/g,
  /\bhf_[A-Za-z0-9]{30,}\b/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g,
  /\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]+:)[^\s/@]{3,}(?=@)/gi,
  /(?<![A-Za-z0-9])((?:api[_-]?key|secret(?:[_-]?(?:access[_-]?)?key)?|access[_-]?token|auth[_-]?token|password|passwd|pwd)["']?\s*[:=]\s*["']?)(?=[^\s"',;]*[\d!@#$%^&*])[^\s"',;]{8,}/gi,
  // In a sentence a secret may be a word, which can end in "!".
  /(?<![A-Za-z0-9])((?:api[_-]?key|secret[_-]?(?:access[_-]?)?key|access[_-]?token|auth[_-]?token|password|passwd)\s+is:?\s+["']?)(?=[^\s"',;]*(?:\d|[!@#$%^&*][A-Za-z]))[^\s"',;]{8,}/gi,
  /\b(authorization:\s*(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}/gi,
]

/** Takes keys, tokens and passwords of well-known forms out of a text. Finds only what has such a form. */
export function redactSecrets(given: string): RedactedText {
  let count = 0
  let text = given
  for (const pattern of secretPatterns) {
    text = text.replace(pattern, (_match, ...groups: readonly unknown[]) => {
      count += 1
      return `${typeof groups[0] === 'string' ? groups[0] : ''}${redaction}`
    })
  }
  return { text, count }
}
