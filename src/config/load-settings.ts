import { resolve } from 'node:path'
import { AppError } from '../errors/app-error.ts'
import type { Environment } from './environment.ts'
import { defaultDataFolder } from './platform.ts'
import { providerVariables, type ProviderSettings } from './provider-variables.ts'
import { settingDefinitions } from './setting-definitions.ts'
import type { SettingDefinition } from './setting.ts'

type Definitions = typeof settingDefinitions

/** The values of the table of settings. */
type TableValues = {
  readonly [Name in keyof Definitions]: Definitions[Name] extends SettingDefinition<infer Value>
    ? Value
    : never
}

/** Everything that can be set, checked. */
export interface Settings extends Omit<TableValues, 'home'> {
  /** The data folder, absolute. */
  readonly home: string
  /** Every provider the product reads variables of, whether or not it has a key. */
  readonly providers: readonly ProviderSettings[]
  /** Where each value that is not a default came from, by setting; `option` beats the environment. */
  readonly sources: Readonly<Record<string, string>>
}

/** Values given by the caller, such as options of the command line; undefined ones do not count. */
export type SettingOverrides = {
  readonly [Name in keyof TableValues]?: TableValues[Name] | undefined
}

/**
 * Reads and checks every setting.
 *
 * @throws AppError `configuration_invalid` that names the variable, what is wrong with its value and what is allowed.
 */
export function loadSettings(environment: Environment, overrides: SettingOverrides = {}): Settings {
  const sources: Record<string, string> = {}
  const table: Record<string, unknown> = {}
  for (const [name, definition] of Object.entries<SettingDefinition>(settingDefinitions)) {
    const override = overrides[name as keyof SettingOverrides]
    const fromEnvironment = readSetting(environment, definition)
    if (override !== undefined) sources[name] = 'option'
    else if (fromEnvironment !== undefined) sources[name] = definition.variable
    table[name] = override ?? fromEnvironment ?? definition.default
  }
  const values = table as TableValues
  return {
    ...values,
    home: resolve(values.home ?? defaultDataFolder()),
    providers: providerVariables.map(({ provider, apiKeys, baseUrls }) => {
      const key = firstSet(environment, apiKeys)
      const url = firstSet(environment, baseUrls)
      if (key !== null) sources[`${provider} key`] = key.variable
      if (url !== null) sources[`${provider} URL`] = url.variable
      return {
        provider,
        apiKey: key?.value ?? null,
        baseUrl: url?.value ?? null,
        keyVariable: apiKeys[0]?.variable ?? null,
      }
    }),
    sources,
  }
}

function readSetting<Value>(
  environment: Environment,
  definition: SettingDefinition<Value>,
): Value | undefined {
  const text = environment[definition.variable]
  if (text === undefined || text.trim() === '') return undefined
  const result = definition.schema().safeParse(text)
  if (result.success) return result.data
  const shown = definition.secret ? 'its value' : JSON.stringify(text)
  throw new AppError(
    'configuration_invalid',
    `Cannot use the setting ${definition.variable}: ${shown} is not ${definition.allowed}. ` +
      'Correct the variable or unset it.',
    { data: { variable: definition.variable, allowed: definition.allowed } },
  )
}

function firstSet(
  environment: Environment,
  definitions: readonly SettingDefinition<string | null>[],
): { readonly variable: string; readonly value: string } | null {
  for (const definition of definitions) {
    const value = readSetting(environment, definition)
    if (value !== undefined && value !== null) return { variable: definition.variable, value }
  }
  return null
}
