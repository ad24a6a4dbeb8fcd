/** What a watcher is told of commits, so that nobody looks for what they cannot have changed. */
export interface CommitNews {
  /** How far the logs of runs have got, by run; null = any of them may have grown. */
  readonly logs: ReadonlyMap<string, number> | null
  /** Whether a run may have been asked to stop. */
  readonly stops: boolean
  /** Whether another process may have left open work that nobody carries on. */
  readonly work: boolean
}

/** Of commits that nothing is known of. */
export const anyNews: CommitNews = { logs: null, stops: true, work: true }

/** What there is to tell of several commits. */
export function mergeNews(earlier: CommitNews | null, later: CommitNews | null): CommitNews | null {
  if (earlier === null || later === null) return earlier ?? later
  const isKnown = earlier.logs !== null && later.logs !== null
  return {
    logs: isKnown ? new Map([...earlier.logs, ...later.logs]) : null,
    stops: earlier.stops || later.stops,
    work: earlier.work || later.work,
  }
}

/** What a process tells itself: it knows of the work that it leaves. */
export function toOwnNews(news: CommitNews): CommitNews {
  return { ...news, work: false }
}

/** Whether a run's log may hold more than up to a number. */
export function mayHaveGrown(
  { logs }: CommitNews,
  { runId, seen }: { readonly runId: string; readonly seen: number },
): boolean {
  return logs === null || (logs.get(runId) ?? 0) > seen
}

/** News as a short text; empty for {@link anyNews}. */
export function encodeNews({ logs, stops, work }: CommitNews): string {
  if (logs === null) return ''
  return JSON.stringify([[...logs], Number(stops), Number(work)])
}

/** What {@link encodeNews} wrote; {@link anyNews} for anything else. */
export function decodeNews(text: string): CommitNews {
  try {
    const [logs, stops, work] = JSON.parse(text) as [[string, number][], number, number]
    return { logs: new Map(logs), stops: stops === 1, work: work === 1 }
  } catch {
    return anyNews
  }
}
