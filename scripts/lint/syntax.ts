/** What our rules look at in a node of the syntax tree; which of it there is depends on the type. */
export interface Node {
  readonly type: string
  readonly name?: string
  readonly value?: unknown
  readonly id?: Node | null
  readonly source?: Node | null
  readonly declaration?: Node | null
  readonly declarations?: readonly Node[]
  readonly parent?: Node | null
  readonly body?: readonly Node[]
}

/** A comment as the parser found it, without its delimiters. */
export interface Comment {
  readonly type: 'Block' | 'Line' | 'Shebang'
  readonly value: string
}

/** What oxlint gives a rule: the file it looks at, and where to report. */
export interface Context {
  readonly cwd: string
  readonly filename: string
  readonly sourceCode: { getCommentsBefore(node: Node): readonly Comment[] }
  report(problem: { node: Node; message: string }): void
}

/** One rule: makes the functions that oxlint calls with the nodes of the types that name them. */
export interface Rule {
  create(context: Context): Readonly<Record<string, (node: Node) => void>>
}
