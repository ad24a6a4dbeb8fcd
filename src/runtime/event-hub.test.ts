import { expect, test } from 'vitest'
import { sampleMessage } from '../testing/samples.ts'
import { EventHub, type LiveRunReader } from './event-hub.ts'
import type { RunFrame } from './runtime.ts'

/** A frame with a message of so many characters. */
function frameOf(sequence: number, characters: number): RunFrame {
  const message = sampleMessage({ content: [{ type: 'text', text: 'x'.repeat(characters) }] })
  const event = { type: 'message-stored', messageId: message.id } as const
  return { event: { runId: 'run-1', sequence, createdAt: 0, event }, message } as RunFrame
}

/** A run whose frames may take so many bytes, with somebody who reads it. */
function openRun(mostBytes?: number): { readonly hub: EventHub; readonly reader: LiveRunReader } {
  const hub = new EventHub(mostBytes)
  hub.open('run-1', 'conv-1')
  const reader = hub.join('run-1')
  if (reader === null) throw new Error('the run is not there')
  return { hub, reader }
}

/** The first frame that is still there. */
function firstKept(reader: LiveRunReader, last: number): number {
  for (let sequence = 0; sequence < last; sequence += 1) {
    if (reader.framesAfter(sequence) !== null) return sequence + 1
  }
  return last
}

test('EventHub keeps no more of a run than there is room for, however few its frames are', () => {
  const { hub, reader } = openRun(100_000)
  for (let sequence = 1; sequence <= 40; sequence += 1) {
    hub.publish('run-1', [frameOf(sequence, 10_000)])
  }
  const first = firstKept(reader, 40)
  expect(first).toBeGreaterThan(35)
  expect(reader.framesAfter(first - 1)).toHaveLength(41 - first)
  expect(reader.framesAfter(0)).toBeNull()
})

test('EventHub keeps the newest frame whatever its size, so that a reader knows what it lacks', () => {
  const { hub, reader } = openRun(100_000)
  hub.publish('run-1', [frameOf(1, 10), frameOf(2, 200_000)])
  expect(reader.framesAfter(0)).toBeNull()
  expect(reader.framesAfter(1)).toHaveLength(1)
  hub.publish('run-1', [frameOf(3, 10)])
  expect(reader.framesAfter(1)).toBeNull()
  expect(reader.framesAfter(2)).toHaveLength(1)
})

test('EventHub keeps 512 small frames of a run, and has room for more when some were dropped', () => {
  const { hub, reader } = openRun(10_000_000)
  hub.publish(
    'run-1',
    Array.from({ length: 600 }, (_, index) => frameOf(index + 1, 1)),
  )
  expect(firstKept(reader, 600)).toBe(89)
  for (let sequence = 601; sequence <= 2000; sequence += 1) {
    hub.publish('run-1', [frameOf(sequence, 1)])
  }
  expect(firstKept(reader, 2000)).toBe(1489)
})
