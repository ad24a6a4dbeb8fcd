import { expect, test } from 'vitest'
import { createRecall, type Said } from '../../testing/recall-fixture.ts'
import { sampleTime } from '../../testing/samples.ts'
import { buildTimeline, type TimelineQuery } from './build-timeline.ts'

const day = 86_400_000

/** A message a day about one thing, more of them than are put in order at once. */
function diary(days: number): readonly Said[] {
  return Array.from({ length: days }, (_, index): Said => [
    `Plank ${index} of the garden fence.`,
    { createdAt: sampleTime + index * day },
  ])
}

async function open(messages: readonly Said[]) {
  const recall = await createRecall([...messages])
  const read = async (query: Partial<TimelineQuery>) => {
    const timeline = await buildTimeline(
      recall.search,
      {
        text: '',
        from: null,
        until: null,
        newestFirst: false,
        excludeIds: [],
        limit: 10,
        offset: 0,
        ...query,
      },
      'UTC',
    )
    return { ...timeline, texts: timeline.entries.map(({ text }) => text) }
  }
  return { read, [Symbol.asyncDispose]: () => recall[Symbol.asyncDispose]() }
}

test('buildTimeline() shows what was said in the time asked for, however much was said since', async () => {
  await using diaries = await open(diary(320))
  const range = { from: sampleTime + day, until: sampleTime + 2 * day }
  const texts = ['Plank 1 of the garden fence.', 'Plank 2 of the garden fence.']
  expect(await diaries.read(range)).toMatchObject({ texts, isCut: false, reason: null })
  expect(await diaries.read({ ...range, text: 'garden' })).toMatchObject({ texts })
})

test('buildTimeline() still shows what was said at another time about the time asked for, once', async () => {
  await using diaries = await open([
    ...diary(3),
    ['Yesterday the garden gate was hung.', { createdAt: sampleTime + 3 * day }],
  ])
  const from = Math.floor(sampleTime / day + 2) * day
  const range = { from, until: from + day - 1 }
  const { texts } = await diaries.read({ ...range, text: 'garden' })
  expect(texts.toSorted()).toEqual([
    'Plank 2 of the garden fence.',
    'Yesterday the garden gate was hung.',
  ])
})

test('buildTimeline() says that a page lies behind the last one, and not that nothing happened', async () => {
  await using diaries = await open(diary(3))
  expect(await diaries.read({ offset: 3 })).toMatchObject({
    texts: [],
    reason: 'There are only 3 entries.',
  })
  expect(await diaries.read({ until: sampleTime - day })).toMatchObject({
    reason: 'Nothing of it happened in the time asked for.',
  })
})
