import { createHash } from 'node:crypto'
import type { IdSource } from '../util/id-source.ts'

/** The prefix of each kind of public identifier (wire specification, section 3). */
export const identifierPrefixes = {
  tenant: 'org',
  user: 'user',
  key: 'key',
  agent: 'agent',
  block: 'block',
  message: 'message',
  conversation: 'conv',
  run: 'run',
  step: 'step',
  turn: 'turn',
  archive: 'archive',
  passage: 'passage',
  fact: 'fact',
  tool: 'tool',
  job: 'job',
  schedule: 'schedule',
  change: 'change',
  signal: 'signal',
  forget: 'forget',
  group: 'group',
  document: 'document',
  environmentVariable: 'agent-env',
} as const

/** A kind of object that has a public identifier. */
export type IdentifierKind = keyof typeof identifierPrefixes

const uuid4 = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'

/** A new identifier such as `agent-<uuid4>`. */
export function newIdentifier(ids: IdSource, kind: IdentifierKind): string {
  return `${identifierPrefixes[kind]}-${ids.uuid()}`
}

/** The strict pattern of one kind of identifier: lower case, a real version 4 UUID. */
export function identifierPattern(kind: IdentifierKind): RegExp {
  return new RegExp(`^${identifierPrefixes[kind]}-${uuid4}$`)
}

/**
 * The identifier of a request for approval that belongs to the answer of this message: the number before it, as in the
 * original.
 */
export function requestMessageId(messageId: string): string {
  const number = BigInt(`0x${uuidOf(messageId).replaceAll('-', '')}`)
  const hex = ((number || 1n << 128n) - 1n).toString(16).padStart(32, '0')
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
  return `${identifierPrefixes.message}-${[...groups, hex.slice(20)].join('-')}`
}

/** The UUID part of an identifier, without its prefix. */
export function uuidOf(identifier: string): string {
  return identifier.slice(-36)
}

/**
 * The identifier of the conversation every agent has from its creation.
 *
 * It is derived from the agent's own UUID, so it needs no look-up; on the wire it is called `default`.
 */
export function defaultConversationId(agentId: string): string {
  return `${identifierPrefixes.conversation}-${uuidOf(agentId)}`
}

/**
 * An identifier computed from a name, the same in every database, with the shape of a version 4 UUID.
 *
 * Used for objects that are code rather than rows, such as the built-in tools.
 */
export function namedIdentifier(kind: IdentifierKind, name: string): string {
  const hex = createHash('sha256').update(`${kind}:${name}`).digest('hex')
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4]
  const uuid = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
  return `${identifierPrefixes[kind]}-${uuid}`
}
