import { inputText } from '../context/compile-context.ts'
import type { TextSources } from '../memory/admission/admit-text.ts'
import { toldByTools } from '../memory/admission/told-by-tools.ts'
import type { Tool } from '../tools/tool.ts'
import type { ActiveTurn } from './turn-state.ts'

/** What the agent of a turn has before its eyes: everything in view that it may be copying from. */
export function textSources({ parts, work }: ActiveTurn): TextSources {
  const recalled: string[] = []
  const returned: string[] = []
  for (const item of work.items) {
    if (item.kind === 'tail') recalled.push(item.text)
    else {
      for (const { name, text } of item.message.toolReturns) {
        const place = placeOf(parts.tools.get(name))
        if (place === 'recalled') {
          recalled.push(readable(text))
          returned.push(...toldByTools(text))
        } else if (place === 'returned') returned.push(readable(text))
      }
    }
  }
  return { recalled, returned, said: inputText(work) }
}

/** Memory's own tools tell what the agent wrote; those that quote memory recall; all others, also the caller's, come from outside. */
function placeOf(tool: Tool | null): 'own' | 'recalled' | 'returned' {
  if (tool === null || tool.kind === 'wait') return 'returned'
  if (tool.kind === 'memory') return 'own'
  return tool.quotesMemory ? 'recalled' : 'returned'
}

/** A return without the escapes of JSON between its words, nor the marks of JSON around its texts. */
function readable(text: string): string {
  return text.replaceAll(/\\[nrt"]/g, ' ').replaceAll(/[[\]{},:]*"[[\]{},:]*/g, ' ')
}
