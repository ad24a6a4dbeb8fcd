import { expect, test } from 'vitest'
import { helpLines, parseChatLine } from './slash-commands.ts'

test.each([
  ['', { kind: 'blank' }],
  ['   ', { kind: 'blank' }],
  ['hello', { kind: 'message', text: 'hello' }],
  [' /etc/hosts is a file', { kind: 'message', text: '/etc/hosts is a file' }],
  ['/model', { kind: 'command', command: { name: 'model', argument: '' } }],
  ['/model  gpt-4o ', { kind: 'command', command: { name: 'model', argument: 'gpt-4o' } }],
  ['/persona I am Ada.', { kind: 'command', command: { name: 'persona', argument: 'I am Ada.' } }],
  ['/exit', { kind: 'command', command: { name: 'exit' } }],
  ['/quit', { kind: 'command', command: { name: 'exit' } }],
  ['/retry', { kind: 'command', command: { name: 'retry' } }],
])('parseChatLine() reads %j', (line, expected) => {
  expect(parseChatLine(line)).toEqual(expected)
})

test.each([['/foo'], ['/mod'], ['/models'], ['/'], ['/exit now'], ['/MODEL']])(
  'parseChatLine() refuses %j instead of sending it',
  (line) => {
    expect(parseChatLine(line).kind).toBe('refused')
  },
)

test('the help names every command', () => {
  const names = helpLines.map((line) => line.trim().split(' ')[0])
  for (const name of names) expect(parseChatLine(name ?? '').kind).toBe('command')
  expect(names).toHaveLength(15)
})
