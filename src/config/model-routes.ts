import { z } from 'zod'
import type { SettingDefinition } from './setting.ts'

/** Sends the handles that match a pattern to one OpenAI-compatible endpoint. */
export interface ModelRoute {
  /** A handle, or one with `*` for any characters. */
  readonly pattern: string
  /** The base URL, such as `http://localhost:8000/v1`, without trailing slash. */
  readonly url: string
}

function toRoute(text: string, context: z.core.$RefinementCtx): ModelRoute {
  const [, pattern = '', target = ''] = /^\s*([^=\s]+)\s*=\s*(\S+)\s*$/.exec(text) ?? []
  const isUrl = /^https?:\/\//.test(target) && URL.canParse(target)
  if (pattern === '' || !isUrl) context.addIssue({ code: 'custom', message: 'not a route' })
  return { pattern, url: target.replace(/\/+$/, '') }
}

/** The setting that holds the route table. */
export const modelRoutes: SettingDefinition<readonly ModelRoute[]> = {
  variable: 'LETTA_MODEL_ROUTES',
  description:
    'Sends model handles to other endpoints, for gateways and tests: `pattern=url` pairs separated by commas, where ' +
    'a pattern is a handle, with `*` for any characters. The first that matches wins.',
  schema: () =>
    z
      .string()
      .transform((text) => text.split(',').filter((part) => part.trim() !== ''))
      .pipe(z.array(z.string().transform(toRoute))),
  default: [],
  defaultText: 'no routes',
  allowed: '`pattern=url` pairs separated by commas, such as `*=http://localhost:8000/v1`',
  secret: false,
}
