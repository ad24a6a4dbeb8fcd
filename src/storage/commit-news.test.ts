import { expect, it } from 'vitest'
import { anyNews, decodeNews, encodeNews, mayHaveGrown, mergeNews } from './commit-news.ts'
import { newsOf } from './news-of-operation.ts'

const events = [1, 2].map((sequence) => ({ runId: 'run-1', sequence }))

it('tells how far the logs of runs have got, after operations that say what they stored', () => {
  for (const [name, result] of [
    ['appendEvents', events],
    ['commitStep', { events }],
  ] as const) {
    const news = newsOf(name, result)
    expect(news).toEqual({ logs: new Map([['run-1', 2]]), stops: false, work: false })
  }
  const news = newsOf('appendEvents', events) ?? anyNews
  expect([1, 2].map((seen) => mayHaveGrown(news, { runId: 'run-1', seen }))).toEqual([true, false])
  expect(mayHaveGrown(news, { runId: 'run-2', seen: 0 })).toBe(false)
})

it('tells nothing of what nobody waits for, and everything of what it does not know', () => {
  expect(newsOf('renewLease', undefined)).toBeNull()
  expect(newsOf('acceptInput', {})).toEqual({ logs: new Map(), stops: false, work: true })
  expect(newsOf('acceptInput', { claim: { state: 'claimed' } })).toBeNull()
  expect(newsOf('requestCancel', { events })).toBe(anyNews)
  expect(mayHaveGrown(anyNews, { runId: 'run-2', seen: 99 })).toBe(true)
})

it('adds up, and does not know what one part does not know', () => {
  const one = newsOf('appendEvents', events)
  const two = newsOf('appendEvents', [{ runId: 'run-2', sequence: 7 }])
  const both = mergeNews(one, mergeNews(null, two))
  expect(both?.logs).toEqual(new Map(Object.entries({ 'run-1': 2, 'run-2': 7 })))
  expect(mergeNews(both, anyNews)).toEqual(anyNews)
})

it('comes back from its text, and anything else means that all may have changed', () => {
  const news = { logs: new Map([['run-1', 2]]), stops: true, work: false }
  expect(decodeNews(encodeNews(news))).toEqual(news)
  for (const text of [encodeNews(anyNews), '', 'null', '{}', '[1]', 'what?'])
    expect(decodeNews(text)).toEqual(anyNews)
})
