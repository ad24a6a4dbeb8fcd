import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  claimFolderConversation,
  type FolderKey,
  readFolderConversation,
  writeFolderConversation,
} from './folder-state.ts'

function createKey(): FolderKey {
  const root = mkdtempSync(join(tmpdir(), 'letta-folder-'))
  const folder = join(root, 'project')
  mkdirSync(folder)
  return { dataFolder: join(root, 'data'), databaseId: 'db-1', agentId: 'agent-1', folder }
}

test('a folder keeps its conversation, also when it is reached by another path', () => {
  const key = createKey()
  expect(readFolderConversation(key)).toBeNull()
  writeFolderConversation(key, 'conv-1')
  const link = `${key.folder}-link`
  symlinkSync(key.folder, link, 'junction')
  expect(readFolderConversation({ ...key, folder: link })).toBe('conv-1')
})

test('databases, agents and folders do not meet', () => {
  const key = createKey()
  writeFolderConversation(key, 'conv-1')
  expect(readFolderConversation({ ...key, databaseId: 'db-2' })).toBeNull()
  expect(readFolderConversation({ ...key, agentId: 'agent-2' })).toBeNull()
  expect(readFolderConversation({ ...key, folder: tmpdir() })).toBeNull()
})

test('claimFolderConversation() keeps the first of two commands that start at once', () => {
  const key = createKey()
  expect(claimFolderConversation(key, 'conv-1')).toBe('conv-1')
  expect(claimFolderConversation(key, 'conv-2')).toBe('conv-1')
})

test('a damaged note counts as none and is replaced', () => {
  const key = createKey()
  writeFolderConversation(key, 'conv-1')
  const notes = join(key.dataFolder, 'folders')
  for (const name of readdirSync(notes)) writeFileSync(join(notes, name), '{"conv')
  expect(readFolderConversation(key)).toBeNull()
  expect(claimFolderConversation(key, 'conv-2')).toBe('conv-2')
  expect(readFolderConversation(key)).toBe('conv-2')
})

test('a place of notes that cannot be used, and a folder that cannot be named, are told in sentences', () => {
  const key = createKey()
  mkdirSync(key.dataFolder)
  writeFileSync(join(key.dataFolder, 'folders'), '')
  const blocked =
    /^Cannot read or write .*[0-9a-f]\.json, which .*: a file of that name is there\. Make /
  expect(() => claimFolderConversation(key, 'conv-1')).toThrow(blocked)
  const unnamed = { ...key, folder: `${key.folder}/\uFFFD` }
  expect(() => readFolderConversation(unnamed)).toThrow(/its name is no text in UTF-8\. Rename it/)
})
