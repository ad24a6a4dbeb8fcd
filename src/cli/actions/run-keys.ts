import { z } from 'zod'
import { CliError, usageError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { findAgent } from '../session/agents.ts'
import { withClient } from '../session/open-client.ts'
import { printJson, printLines, shortTime, toColumns } from './print.ts'

const keySchema = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  agent_ids: z.array(z.string()).nullable(),
  hint: z.string(),
  created_at: z.string(),
  last_used_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
})

const newKeySchema = keySchema.extend({ key: z.string() })

/** What `letta keys create` was asked. */
export interface CreateKeyArguments {
  readonly name: string
  readonly role: 'admin' | 'member' | 'reader'
  /** Ids or names of the only agents it may reach. */
  readonly agent?: readonly string[] | undefined
  readonly json: boolean
}

/** Creates a key and prints its secret, the only time it can be seen. */
export async function createKey(context: CliContext, options: CreateKeyArguments): Promise<void> {
  if (options.name.trim() === '')
    throw usageError('Cannot create the key: its name is empty. Name it.')
  await withClient(context, async ({ client }) => {
    const names = options.agent ?? []
    const agents = await Promise.all(names.map((name) => findAgent(client, name)))
    const body = {
      name: options.name,
      role: options.role,
      ...(agents.length === 0 ? {} : { agent_ids: agents.map(({ id }) => id) }),
    }
    const key = newKeySchema.parse(await client.letta.post('/v1/keys/', { body }))
    if (options.json) {
      printJson(context, key)
      return
    }
    printLines(context, [key.key])
    context.stderr.write(
      `Created ${key.id} (${key.role}). It is not shown again; clients take it as LETTA_API_KEY. ` +
        'From now on every request to the server needs a key.\n',
    )
  })
}

/** Lists the keys, newest first, without secrets. */
export async function listKeys(
  context: CliContext,
  options: { readonly json: boolean },
): Promise<void> {
  await withClient(context, async ({ client }) => {
    const keys = z.array(keySchema).parse(await client.letta.get('/v1/keys/'))
    if (options.json) {
      printJson(context, keys)
      return
    }
    if (keys.length === 0)
      context.stderr.write('There are no keys: the server is open to this machine.\n')
    const rows = keys.map((key) => [
      key.id,
      key.role,
      `${key.hint}…`,
      key.revoked_at === null ? `used ${shortTime(key.last_used_at)}` : 'revoked',
      key.name,
    ])
    printLines(context, toColumns(rows))
  })
}

/** Revokes a key, by its id or by the name that one key alone has. */
export async function revokeKey(
  context: CliContext,
  options: { readonly key: string },
): Promise<void> {
  await withClient(context, async ({ client }) => {
    const keys = z.array(keySchema).parse(await client.letta.get('/v1/keys/'))
    const id = findKey(keys, options.key)
    await client.letta.delete(`/v1/keys/${encodeURIComponent(id)}`)
    context.stderr.write(`Revoked ${id}.\n`)
  })
}

function findKey(keys: readonly z.infer<typeof keySchema>[], given: string): string {
  if (keys.some(({ id }) => id === given)) return given
  const named = keys.filter((key) => key.name === given && key.revoked_at === null)
  const [only, ...others] = named
  if (only === undefined) {
    throw new CliError(
      `Cannot revoke the key ${JSON.stringify(given)}: none has this id or name. Run \`letta keys list\` to see them.`,
    )
  }
  if (others.length === 0) return only.id
  const ids = named.map(({ id }) => id).join(', ')
  throw new CliError(
    `Cannot choose the key ${JSON.stringify(given)}: several have this name (${ids}). Give the id.`,
  )
}
