import type { Passage } from '../../domain/archive.ts'
import type { Fact } from '../../domain/fact.ts'
import type { Message } from '../../domain/message.ts'

/** Something stored that an answer rests on. */
export type FoundSource =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'passage'; readonly passage: Passage }
  | { readonly kind: 'fact'; readonly fact: Fact }

/** The identifiers of stored texts that texts name, in order. */
export function sourceIdsIn(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => text.match(/\b(?:message|passage|fact)-[0-9a-f-]{36}\b/g) ?? [])
}

/** The text of a message. */
export function textOf(message: Message | null): string {
  const parts = message?.content ?? []
  return parts
    .map((part) => ('text' in part ? part.text : ''))
    .join(' ')
    .trim()
}
