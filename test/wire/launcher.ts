import { z } from 'zod'
import { defineTool } from '../../src/tools/define-tool.ts'
import type { Tool } from '../../src/tools/tool.ts'

/** A tool that counts what it was called with. */
export function createLauncher(given: { readonly requiresApproval?: boolean } = {}): {
  readonly tool: Tool
  readonly launched: string[]
} {
  const launched: string[] = []
  const tool = defineTool({
    name: 'launch',
    description: 'Launches a drone.',
    parameters: z.object({ name: z.string() }),
    replay: 'once',
    ...given,
    run: ({ name }) => {
      launched.push(name)
      return `launched ${name}`
    },
  })
  return { tool: tool as Tool, launched }
}
