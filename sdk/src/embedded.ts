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
 * @throws LettaError `product_missing` when it is not installed.
 */
export const openInstalledProduct: OpenEmbedded = async (options) => {
  const product = await importProduct()
  return product.openEmbedded(options)
}

async function importProduct(): Promise<{ readonly openEmbedded: OpenEmbedded }> {
  let product: unknown
  try {
    product = await import(productPackage)
  } catch (error) {
    if (!isMissing(error)) throw error
    throw new LettaError(
      'product_missing',
      'Cannot open agents in this process: the package letta-ts is not installed. ' +
        'Run `npm install letta-ts`, or give createClient() the baseUrl of a server.',
      { cause: error },
    )
  }
  if (isProduct(product)) return product
  throw new LettaError(
    'product_missing',
    'Cannot open agents in this process: the installed package letta-ts has no openEmbedded. ' +
      'Install the version that matches this client.',
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
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND') &&
    error.message.includes(productPackage)
  )
}
