import { z } from 'zod'
import { type Origin, untrustedOrigins } from '../../domain/archive.ts'
import { parseJson } from '../../util/parse-json.ts'

const quotation = z.looseObject({
  /** Of a message: whose it is. */
  role: z.string().optional(),
  /** Of a passage or an event, where a tool or the web told it. */
  told_by: z.string().optional(),
  /** Of a fact. */
  origin: z.string().optional(),
  content: z.string().optional(),
  fact: z.string().optional(),
})

const quotations = z.lazy(() =>
  z.looseObject({
    results: z.array(quotation).default([]),
    events: z.array(quotation).default([]),
  }),
)

/**
 * What a tool that quotes memory quoted of what other tools and the web told: held back texts, and returns of tools. That it
 * was kept in between makes it no more the agent's own.
 */
export function toldByTools(returned: string): readonly string[] {
  const found = quotations.safeParse(parseJson(returned))
  if (!found.success) return []
  return [...found.data.results, ...found.data.events]
    .filter(isToldByTool)
    .map(({ content = '', fact = '' }) => `${content}\n${fact}`)
}

function isToldByTool({
  role,
  told_by: toldBy,
  origin = toldBy,
}: z.infer<typeof quotation>): boolean {
  return role === 'tool' || untrustedOrigins.includes(origin as Origin)
}
