import { AppError } from '../../errors/app-error.ts'
import type { JsonObject } from '../../util/json.ts'

/** Rules that turns obey. Every other one would be a promise that nothing keeps, so it is refused. */
const enforcedRules = ['exit_loop', 'continue_loop', 'requires_approval'] as const

/**
 * Refuses tool rules that turns do not obey in this version.
 *
 * @throws AppError `not_supported` that names the rule and those that work; `invalid_argument` without a tool name.
 */
export function checkToolRules(rules: readonly JsonObject[]): void {
  for (const rule of rules) {
    const { type, tool_name: toolName } = rule
    if (typeof toolName !== 'string') {
      throw new AppError(
        'invalid_argument',
        `Cannot set a tool rule of type ${JSON.stringify(type)}: it has no tool_name. Name the tool it is for.`,
      )
    }
    if (!enforcedRules.some((known) => known === type)) {
      throw new AppError(
        'not_supported',
        `Cannot set a tool rule of type ${JSON.stringify(type)} for "${toolName}": this version does not enforce it. Leave it out; the types that work are ${enforcedRules.join(', ')}.`,
      )
    }
  }
}
