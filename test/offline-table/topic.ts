/** One thing a person may tell, with several ways to say, change and ask it. `{value}` stands for what is told. */
export interface Topic {
  /** Unique in its split. */
  readonly key: string
  /** Things to tell; none is part of another. */
  readonly values: readonly string[]
  /** Ways to tell it. */
  readonly tells: readonly string[]
  /** Ways to tell that it is something else from now on. */
  readonly updates: readonly string[]
  /** Ways to ask for it; each shares a content word with every way to tell it. */
  readonly asks: readonly string[]
  /** Questions about the same thing that what is told does not answer. */
  readonly nearMisses: readonly string[]
}
