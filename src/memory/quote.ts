/**
 * Names of the tags that prompts of this product and of the original server put around stored text. A stored text may
 * not open one of them.
 */
export const wrapperNames = [
  'archive',
  'available_skills',
  'base_instructions',
  'block',
  'context_update',
  'conversation',
  'description',
  'directories',
  'directory',
  'event',
  'external_projection',
  'file',
  'file_limits',
  'human',
  'known_facts',
  'memory',
  'memory_block',
  'memory_blocks',
  'memory_filesystem',
  'memory_metadata',
  'message',
  'metadata',
  'passage',
  'persona',
  'projection',
  'recall',
  'recalled',
  'result',
  'results',
  'self',
  'skill',
  'standing_instructions',
  'summary',
  'system',
  'system_alert',
  'system_reminder',
  'task',
  'tool_result',
  'tool_return',
  'tool_rule',
  'tool_usage_rules',
  'user',
  'value',
  'warning',
] as const

/** The sections in which a prompt of this product speaks for itself; what a tool returns may open and close none of them. */
const sectionNames = [
  'base_instructions',
  'context_update',
  'known_facts',
  'memory_blocks',
  'memory_metadata',
  'recalled',
  'standing_instructions',
  'system',
  'system_alert',
  'system_reminder',
  'tool_usage_rules',
] as const satisfies readonly (typeof wrapperNames)[number][]

/** What may stand between the bracket and the name of a tag and still be read as one: blanks and invisible characters. */
const gap = String.raw`[\s\p{Cf}]*`
const closing = `${gap}/${gap}[\\p{L}_]`
const wrapper = namesPattern(wrapperNames)
const anyTag = String.raw`\p{Cf}*[\p{L}_!?]`
const lineStart = String.raw`(?<=^[^\S\n]*)`
const openBracket = tagPattern('<')
const quotedBracket = tagPattern('&lt;')
const sectionBracket = new RegExp(`<(?=(?:${gap}/)?${namesPattern(sectionNames)})`, 'giu')

/**
 * Makes stored text safe to stand between tags of a prompt or tool result: nothing in it can close its wrapper or pose
 * as another.
 *
 * A `<` becomes `&lt;` where it begins (1) a closing tag of any name, (2) a tag named in {@link wrapperNames}, with any
 * capitals, or (3) any tag that begins its line, as all wrappers of ours do. Everything else, such as `a < b`
 * and `Map<string, number>`, stays as it is, so that the model sees what is stored. {@link unquoteData} takes it back.
 */
export function quoteAsData(text: string): string {
  if (!text.includes('<')) return text
  return text.replace(openBracket, '&lt;')
}

/**
 * What a tool returned as a model may read it: it cannot pose as a section in which the prompt speaks for itself. All other
 * tags stay, as a model edits files and reads pages by their very text.
 */
export function quoteReturn(text: string): string {
  if (!text.includes('<')) return text
  return text.replace(sectionBracket, '&lt;')
}

/** Takes back what {@link quoteAsData} did; for text that a model copied from what it was shown. */
export function unquoteData(text: string): string {
  if (!text.includes('&lt;')) return text
  return text.replace(quotedBracket, '<')
}

function namesPattern(names: readonly string[]): string {
  return `${gap}(?:${names.join('|').replaceAll('_', '[_-]')})(?![\\p{L}\\p{N}])`
}

function tagPattern(bracket: string): RegExp {
  return new RegExp(
    `${bracket}(?=${closing}|${wrapper})|${lineStart}${bracket}(?=${anyTag})`,
    'gimu',
  )
}
