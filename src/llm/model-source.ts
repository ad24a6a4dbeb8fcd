import type { LanguageModel, ModelInfo } from './model.ts'

/**
 * Where the runtime and the API get models from. Made once by `createModelSource(settings)`; holds no connection
 * until a model is called.
 */
export interface ModelSource {
  /**
   * The model behind a handle (`provider/model`), a bare name that exactly one provider has, or `letta/auto`.
   *
   * @throws AppError `model_not_found` (the text contains the handle), `model_ambiguous` (lists the handles),
   * `model_key_missing` (names the environment variable). Loads the provider's package on first use.
   */
  resolve(handle: string): Promise<LanguageModel>
  /**
   * What {@link ModelSource.resolve} would resolve to, without loading a provider. The same errors.
   * For `letta/auto` the info of the model it stands for now.
   */
  describe(handle: string): Promise<ModelInfo>
  /** The full handle of a bare name, `letta/auto` unchanged. The same errors as {@link ModelSource.resolve}. */
  canonicalHandle(handle: string): Promise<string>
  /** Every model that can be used now (its provider has a key or an endpoint), by provider, then name. */
  list(): Promise<readonly ModelInfo[]>
}
