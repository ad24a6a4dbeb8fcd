/**
 * Loads a module by its URL. The command is run by its launcher as a script; there the launcher loads modules for it
 * (`scripts/build/command-import.ts`).
 */
export function importModule(url: string): Promise<unknown> {
  return import(/* @vite-ignore */ url) as Promise<unknown>
}
