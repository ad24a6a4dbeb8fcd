/**
 * How long a provider asks to wait, in milliseconds; null when it does not say or says it in a way that is unknown.
 *
 * Reads `retry-after-ms` (milliseconds) and `retry-after` (seconds, or a date).
 */
export function parseRetryAfter(
  headers: Readonly<Record<string, string>>,
  now: number,
): number | null {
  const milliseconds = Number.parseFloat(headers['retry-after-ms'] ?? '')
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return Math.ceil(milliseconds)
  const given = headers['retry-after']?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(given)) return Math.ceil(Number.parseFloat(given) * 1000)
  const date = Date.parse(given)
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}
