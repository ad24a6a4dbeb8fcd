import { z } from 'zod'

/** One setting: where it is read from, what it means and what it may be. */
export interface SettingDefinition<Value = unknown> {
  /** The environment variable. */
  readonly variable: string
  /** What it does, in one or two sentences, for docs/config.md. */
  readonly description: string
  /**
   * Makes what turns the variable's text into the value; its error messages complete "…: <text> ". Most variables are not set, so
   * that a start makes few of them.
   */
  readonly schema: () => z.ZodType<Value, string>
  /** The value when the variable is absent or empty. */
  readonly default: Value
  /** What the default is, in words, where the value alone does not say it. */
  readonly defaultText?: string
  /** What is allowed, in words, for error messages and the docs. */
  readonly allowed: string
  /** Whether the value must never be shown. */
  readonly secret: boolean
}

/** What {@link defineText} and the others need besides the kind of value. */
interface Description {
  readonly variable: string
  readonly description: string
  readonly defaultText?: string
  readonly secret?: boolean
}

/** A setting that is any text; absent means null. */
export function defineText(input: Description): SettingDefinition<string | null> {
  const schema = () => z.string().trim().min(1)
  return { secret: false, ...input, schema, default: null, allowed: 'any text' }
}

/** A setting that is the address of an HTTP server, kept without its trailing slash; absent means null. */
export function defineUrl(input: Description): SettingDefinition<string | null> {
  const schema = () =>
    z
      .url({ protocol: /^https?$/ })
      .trim()
      .transform((url) => url.replace(/\/+$/, ''))
  return { secret: false, ...input, schema, default: null, allowed: 'an http:// or https:// URL' }
}

/** A setting that is the URL of a database on a server; it may hold a password. */
export function defineDatabaseUrl(input: Description): SettingDefinition<string | null> {
  const schema = () =>
    z
      .string()
      .trim()
      .regex(/^postgres(?:ql)?:\/\//i)
  return { ...input, secret: true, schema, default: null, allowed: 'a postgres:// URL' }
}

/** A setting that is one of a few words. */
export function defineChoice<const Choice extends string>(
  input: Description & { readonly choices: readonly Choice[]; readonly default: Choice },
): SettingDefinition<Choice> {
  const { choices, ...rest } = input
  return { secret: false, ...rest, schema: () => z.enum(choices), allowed: choices.join(', ') }
}

/** A setting that is a whole number within bounds. */
export function defineInteger(
  input: Description & { readonly min: number; readonly max: number; readonly default: number },
): SettingDefinition<number> {
  const { min, max, ...rest } = input
  const schema = () =>
    z
      .string()
      .regex(/^\s*\d+\s*$/)
      .transform(Number)
      .pipe(z.number().int().min(min).max(max))
  return { secret: false, ...rest, schema, allowed: `a whole number from ${min} to ${max}` }
}

/** A setting that is on or off. */
export function defineSwitch(
  input: Description & { readonly default: boolean },
): SettingDefinition<boolean> {
  const schema = () =>
    z
      .string()
      .toLowerCase()
      .pipe(z.enum(['true', 'false', '1', '0', 'yes', 'no', 'on', 'off']))
      .transform((text) => ['true', '1', 'yes', 'on'].includes(text))
  return { secret: false, ...input, schema, allowed: 'true or false' }
}

/** A setting that is a list of texts separated by commas. */
export function defineList(input: Description): SettingDefinition<readonly string[]> {
  const schema = () =>
    z.string().transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
  return { secret: false, ...input, schema, default: [], allowed: 'texts separated by commas' }
}
