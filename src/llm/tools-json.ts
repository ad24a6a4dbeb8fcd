import type { JsonObject } from '../util/json.ts'
import type { ModelTool } from './model.ts'

/** A tool that is the same in every turn, and remembers how it is written. */
export class WrittenTool implements ModelTool {
  readonly name: string
  readonly description: string
  readonly parameters: JsonObject
  #json: string | null = null

  constructor({ name, description, parameters }: ModelTool) {
    this.name = name
    this.description = description
    this.parameters = parameters
  }

  /** Its JSON, written when it is asked for first. */
  get json(): string {
    return (this.#json ??= JSON.stringify(this))
  }
}

/** The JSON of a list of tools, byte for byte as `JSON.stringify` writes it; what is written already is not written anew. */
export function toolsJson(tools: readonly ModelTool[]): string {
  const parts = tools.map((tool) =>
    tool instanceof WrittenTool ? tool.json : JSON.stringify(tool),
  )
  return `[${parts.join()}]`
}
