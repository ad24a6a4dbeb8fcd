import manifest from '../package.json' with { type: 'json' }

/** The version of the client; it speaks with a server of the same version only, unless it is given a URL. */
export const version: string = manifest.version
