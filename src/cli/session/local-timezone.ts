/** The time zone of this machine, in which its user speaks of days; UTC where it has none that can be named. */
export function localTimezone(): string {
  return toTimezone(new Intl.DateTimeFormat().resolvedOptions().timeZone)
}

/** A time zone as other machines know it: a `TZ` that is empty or unknown has one that no calendar can be made for. */
export function toTimezone(name: string | undefined): string {
  if (name === undefined) return 'UTC'
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch (error) {
    if (error instanceof RangeError) return 'UTC'
    throw error
  }
}
