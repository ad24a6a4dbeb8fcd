import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** The bundled program in a folder of its own. */
export interface BuiltProgram extends Disposable {
  /** The file that Node runs. */
  readonly main: string
}

const script = fileURLToPath(new URL('../../scripts/build.ts', import.meta.url))

/** Bundles the program as it is published, without touching `dist/`. */
export async function buildProgram(): Promise<BuiltProgram> {
  const folder = mkdtempSync(join(tmpdir(), 'letta-build-'))
  await bundleInto(folder)
  return {
    main: join(folder, 'main.cjs'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Bundles the program into a folder. */
export async function bundleInto(folder: string): Promise<void> {
  await promisify(execFile)(process.execPath, [script, '--out', folder])
}
