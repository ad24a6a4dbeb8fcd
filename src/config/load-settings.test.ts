import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { modelEnvironmentVariables } from '../llm/provider-definitions.ts'
import { loadSettings } from './load-settings.ts'
import { providerVariables } from './provider-variables.ts'
import { renderConfigDocs } from './render-config-docs.ts'
import { settingDefinitions } from './setting-definitions.ts'

test('loadSettings() of an empty environment has every default', () => {
  const settings = loadSettings({ LETTA_HOME: '', OPENAI_API_KEY: ' ' })
  expect(settings).toMatchObject({
    port: 8283,
    bodyLimit: 4 * 1024 * 1024,
    busy: 'queue',
    modelRoutes: [],
    secretKey: null,
    sources: {},
  })
  expect(settings.home).toContain(homedir())
  expect(
    settings.home.endsWith('letta-ts') || settings.home.endsWith(join('letta-ts', 'Data')),
  ).toBe(true)
  expect(settings.providers.every(({ apiKey }) => apiKey === null)).toBe(true)
})

test('loadSettings() says where each value came from; options win', () => {
  const settings = loadSettings(
    {
      LETTA_HOME: 'data',
      LETTA_PORT: '9000',
      GOOGLE_API_KEY: 'g',
      OPENAI_BASE_URL: 'http://x/v1/',
    },
    { port: 0, host: undefined },
  )
  expect(settings.home).toBe(resolve('data'))
  expect(settings.port).toBe(0)
  expect(settings.sources).toEqual({
    home: 'LETTA_HOME',
    port: 'option',
    'google_ai key': 'GOOGLE_API_KEY',
    'openai URL': 'OPENAI_BASE_URL',
  })
  expect(settings.providers.find(({ provider }) => provider === 'openai')).toEqual({
    provider: 'openai',
    apiKey: null,
    baseUrl: 'http://x/v1',
    keyVariable: 'OPENAI_API_KEY',
  })
})

test('loadSettings() reads the route table', () => {
  const { modelRoutes } = loadSettings({
    LETTA_MODEL_ROUTES: 'openai/gpt-4o=https://a.example/v1, *=http://key@localhost:8000/v1/',
  })
  expect(modelRoutes).toEqual([
    { pattern: 'openai/gpt-4o', url: 'https://a.example/v1' },
    { pattern: '*', url: 'http://key@localhost:8000/v1' },
  ])
})

test.each([
  ['LETTA_PORT', 'http', '"http" is not a whole number from 0 to 65535'],
  ['LETTA_PORT', '65536', '"65536" is not'],
  ['LETTA_PORT', '-1', '"-1" is not'],
  ['LETTA_BUSY', 'drop', '"drop" is not queue, reject'],
  ['LETTA_BASE_URL', 'localhost:8283', '"localhost:8283" is not an http:// or https:// URL'],
  ['LETTA_BODY_LIMIT', '4MB', '"4MB" is not a whole number'],
  ['LETTA_MODEL_ROUTES', '*', '"*" is not `pattern=url` pairs'],
  ['LETTA_MODEL_ROUTES', '*=ftp://x', 'is not `pattern=url` pairs'],
  ['LETTA_LOG_FILE', 'maybe', '"maybe" is not true or false'],
  ['OPENAI_BASE_URL', 'x', '"x" is not an http:// or https:// URL'],
])('loadSettings() refuses %s=%s with a sentence', (variable, value, part) => {
  expect(() => loadSettings({ [variable]: value })).toThrow(
    expect.objectContaining({
      code: 'configuration_invalid',
      message: expect.stringMatching(new RegExp(`^Cannot use the setting ${variable}: `)),
    }),
  )
  expect(() => loadSettings({ [variable]: value })).toThrow(part)
})

test('the settings name the variables of every provider the model layer has', () => {
  for (const { provider, keyVariable, urlVariable } of modelEnvironmentVariables) {
    const variables = providerVariables.find((known) => known.provider === provider)
    expect(variables?.apiKeys[0]?.variable ?? null).toBe(keyVariable)
    expect(variables?.baseUrls[0]?.variable).toBe(urlVariable)
  }
  expect(providerVariables).toHaveLength(modelEnvironmentVariables.length)
})

test('every setting has a variable of its own and is in the docs', () => {
  const variables = Object.values(settingDefinitions).map(({ variable }) => variable)
  expect(new Set(variables).size).toBe(variables.length)
  const docs = renderConfigDocs()
  for (const variable of variables) expect(docs).toContain(`| \`${variable}\` |`)
})
