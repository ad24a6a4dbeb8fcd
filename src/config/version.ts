import manifest from '../../package.json' with { type: 'json' }

/** The version of the product, as `letta --version` and `/v1/health` report it. */
export const version: string = manifest.version
