import type { JsonObject } from '../../util/json.ts'
import type { ToolService } from './tools.ts'

/** The rules with the one that calls of a tool have to be allowed first, or without it. */
export function withApprovalRule(
  rules: readonly JsonObject[],
  toolName: string,
  isRequired: boolean,
): readonly JsonObject[] {
  const isRule = (rule: JsonObject): boolean =>
    rule['type'] === 'requires_approval' && rule['tool_name'] === toolName
  if (!isRequired) return rules.filter((rule) => !isRule(rule))
  if (rules.some(isRule)) return rules
  return [...rules, { type: 'requires_approval', tool_name: toolName, prompt_template: null }]
}

/** The rules with those that newly attached tools bring along, because they want to be allowed by default. */
export function withDefaultApprovals(
  tools: ToolService,
  rules: readonly JsonObject[],
  attachedIds: readonly string[],
): readonly JsonObject[] {
  return tools
    .describe(attachedIds)
    .filter((tool) => tool.requiresApproval)
    .reduce((before, tool) => withApprovalRule(before, tool.name, true), rules)
}
