import { describe, expect, it } from 'vitest'
import { providerVariables } from '../config/provider-variables.ts'
import { findInCatalogue } from './catalogue.ts'
import { modelEnvironmentVariables, providerDefinitions } from './provider-definitions.ts'

describe('the providers', () => {
  it('are told to set only variables that the settings read', () => {
    const read = new Map(providerVariables.map((variables) => [variables.provider, variables]))
    const unread = modelEnvironmentVariables.flatMap(({ provider, keyVariable, urlVariable }) => {
      const { apiKeys = [], baseUrls = [] } = read.get(provider) ?? {}
      const names = [...apiKeys, ...baseUrls].map(({ variable }) => variable)
      const advised = keyVariable === null ? [urlVariable] : [keyVariable, urlVariable]
      return advised.filter((variable) => !names.includes(variable))
    })
    expect(unread).toEqual([])
  })

  it('have a model for letta/auto whose window is known', () => {
    const unknown = providerDefinitions.filter(
      ({ name, defaultModel }) =>
        defaultModel !== null && findInCatalogue(name, defaultModel) === undefined,
    )
    expect(unknown).toEqual([])
  })
})
