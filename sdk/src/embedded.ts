import { LettaError } from './errors.ts'

/** The product opened in this process. */
export interface Embedded {
  /** Serves a request as a server would, without a socket. */
  readonly fetch: (request: Request) => Promise<Response> | Response
  /** The data folder it works on. */
  readonly dataPath: string
  /**
   * Carries on what an earlier process left open in a conversation; resolves when nothing is open there any more, with
   * the number of turns it carried on.
   */
  recover(options: { readonly conversationId: string }): Promise<number>
  /** Ends what it does in the background and closes the database. */
  close(): Promise<void>
}

/** Opens the product in this process; what the package `letta-ts` exports as `openEmbedded`. */
export type OpenEmbedded = (options: { readonly home: string }) => Promise<Embedded>

/** A name in a variable, so that neither compiler nor bundler looks for the optional package. */
const productPackage: string = 'letta-ts'

/**
 * Opens the product through the installed package `letta-ts`, which is loaded only now.
 *
 * @throws LettaError `product_missing` when it is not installed, or this Node is too old for it.
 */
export const openInstalledProduct: OpenEmbedded = async (options) => {
  try {
    const product: unknown = await import(productPackage)
    return await requireProduct(product).openEmbedded(options)
  } catch (error) {
    throw toOpenFailure(error)
  }
}

function requireProduct(product: unknown): { readonly openEmbedded: OpenEmbedded } {
  if (isProduct(product)) return product
  throw new LettaError(
    'product_missing',
    'Cannot open agents in this process: the installed package letta-ts has no openEmbedded. ' +
      'Install the version that matches this client.',
  )
}

/** What is said when the product could not be loaded; an error of the product itself comes back as it is. */
export function toOpenFailure(error: unknown): unknown {
  if (hasCode(error, 'ERR_UNKNOWN_BUILTIN_MODULE')) {
    return new LettaError(
      'product_missing',
      `Cannot open agents in this process: Node ${process.versions.node} is too old, 24.12 or newer is needed. ` +
        'Run the program under a current Node, or give createClient() the baseUrl of a server.',
      { cause: error },
    )
  }
  if (!isMissing(error)) return error
  return new LettaError(
    'product_missing',
    'Cannot open agents in this process: the package letta-ts is not installed. ' +
      'Run `npm install letta-ts`, or give createClient() the baseUrl of a server.',
    { cause: error },
  )
}

function isProduct(module: unknown): module is { readonly openEmbedded: OpenEmbedded } {
  return (
    typeof module === 'object' &&
    module !== null &&
    'openEmbedded' in module &&
    typeof module.openEmbedded === 'function'
  )
}

function isMissing(error: unknown): boolean {
  const isCode = hasCode(error, 'ERR_MODULE_NOT_FOUND') || hasCode(error, 'MODULE_NOT_FOUND')
  return isCode && error instanceof Error && error.message.includes(productPackage)
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
