import type { TenantScope } from '../domain/scope.ts'
import { learnFactor, type UsageReport } from '../domain/token-factor.ts'
import type { LanguageModel, ModelInfo } from '../llm/model.ts'
import type { Store } from '../storage/store.ts'
import type { Clock } from '../util/clock.ts'

/** From which change on, per thousand, a factor is stored again: a turn is not to write for nothing. */
const storedFrom = 30

/** How many models of tenants are remembered; more are read again. */
const mostModels = 1000

/** What is known of a model in this process, per thousand. */
interface Known {
  now: number | null
  stored: number | null
}

/**
 * What is learnt of how the providers of models count tokens.
 *
 * Each process learns from its own calls and begins with what is stored; of two processes the last one to learn is stored.
 */
export class TokenCalibration {
  readonly #store: Pick<Store, 'getTokenFactor' | 'putTokenFactor'>
  readonly #clock: Clock
  readonly #known = new Map<string, Known>()

  constructor(parts: {
    readonly store: Pick<Store, 'getTokenFactor' | 'putTokenFactor'>
    readonly clock: Clock
  }) {
    this.#store = parts.store
    this.#clock = parts.clock
  }

  /** What is known of a model, with how it counts. Rejects as the store does. */
  async describe(scope: TenantScope, info: ModelInfo): Promise<ModelInfo> {
    if (info.extractive) return info
    const { now } = await this.#read(scope, info.handle)
    return now === null ? info : { ...info, tokenFactor: now / 1000 }
  }

  /** A model that knows how it counts. Rejects as the store does. */
  async apply(scope: TenantScope, model: LanguageModel): Promise<LanguageModel> {
    const info = await this.describe(scope, model.info)
    return { handle: model.handle, info, stream: (request) => model.stream(request) }
  }

  /** Learns from the usage of a call; what cannot be true is passed over. Rejects as the store does. */
  async learn(scope: TenantScope, info: ModelInfo, report: UsageReport): Promise<void> {
    if (info.extractive) return
    const known = await this.#read(scope, info.handle)
    const next = learnFactor(known.now, report)
    if (next === null) return
    known.now = next
    if (known.stored !== null && Math.abs(next - known.stored) < storedFrom) return
    known.stored = next
    const factor = { model: info.handle, perThousand: next, updatedAt: this.#clock.now() }
    await this.#store.putTokenFactor(scope, { factor })
  }

  async #read(scope: TenantScope, model: string): Promise<Known> {
    const key = `${scope.tenantId} ${model}`
    const present = this.#known.get(key)
    if (present !== undefined) return present
    const factor = await this.#store.getTokenFactor(scope, { model })
    const meanwhile = this.#known.get(key)
    if (meanwhile !== undefined) return meanwhile
    const perThousand = factor?.perThousand ?? null
    const known: Known = { now: perThousand, stored: perThousand }
    if (this.#known.size >= mostModels) this.#known.clear()
    this.#known.set(key, known)
    return known
  }
}
