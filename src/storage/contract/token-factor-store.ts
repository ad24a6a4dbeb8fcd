import type { TenantScope } from '../../domain/scope.ts'
import type { TokenFactor } from '../../domain/token-factor.ts'

/** What was learnt of how the providers of models count tokens. */
export interface TokenFactorStore {
  /** Null = nothing was learnt of the model. */
  getTokenFactor(scope: TenantScope, input: { readonly model: string }): Promise<TokenFactor | null>
  /** Stores what was learnt of a model in place of what was known. */
  putTokenFactor(scope: TenantScope, input: { readonly factor: TokenFactor }): Promise<void>
}
