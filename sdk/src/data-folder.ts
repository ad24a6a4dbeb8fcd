import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { readFolderVariables } from './environment.ts'

/**
 * The data folder: `home`, else where this platform keeps the data of `letta-ts`. The same as the product's own
 * (a test compares them); written here again so that the client can find a running server without the product.
 */
export function resolveDataFolder(home: string | null): string {
  return resolve(home ?? defaultFolder())
}

function defaultFolder(): string {
  const { LOCALAPPDATA, XDG_DATA_HOME } = readFolderVariables()
  switch (process.platform) {
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support', 'letta-ts')
    case 'win32':
      return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'letta-ts', 'Data')
    default:
      return join(XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'letta-ts')
  }
}
