import type {
  ForgetElsewhere,
  ForgetPreview,
  ForgetReceipt,
  ForgetRequest,
} from '../../../sdk/src/index.ts'
import { toOneLine } from '../chat/terminal-text.ts'
import { askYesNo } from '../ask.ts'
import { CliError, usageError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines, shortTime, toColumns } from './print.ts'

/** What `letta forget` was asked. */
export interface ForgetOptions {
  readonly ids: readonly string[]
  readonly query: string | undefined
  readonly cutOnly: boolean
  /** Whether also in the agents that share blocks or archives. */
  readonly includeShared: boolean
  readonly agent: string | undefined
  /** Whether to show only. */
  readonly isPreview: boolean
  /** Whether not to ask. */
  readonly isConfirmed: boolean
  readonly json: boolean
}

/** How many things a preview shows on a terminal. */
const shownItems = 40

/** Shows what would go, asks, and removes it for good. */
export async function runForget(context: CliContext, options: ForgetOptions): Promise<void> {
  const { ids, query, cutOnly, includeShared, isPreview, isConfirmed, json } = options
  if (query === undefined ? ids.length === 0 : query.trim() === '') {
    throw usageError('Cannot forget: name something by its id, or give --query with words.')
  }
  if (cutOnly && query === undefined) {
    throw usageError('Cannot cut words out: --cut goes with --query only.')
  }
  if (!isPreview && !isConfirmed && !context.terminal.stdin) {
    throw usageError(
      'Cannot forget without a confirmation: there is no terminal to ask at. Look at --preview, then give --yes.',
    )
  }
  await withClient(context, async ({ client }) => {
    const needsAgent =
      query !== undefined || ids.some((id) => !/^(?!fact)[a-z]+-[0-9a-f]{8}-/.test(id))
    const agentId =
      needsAgent || options.agent !== undefined
        ? (await chooseAgent({ client, agent: options.agent })).id
        : undefined
    const request: ForgetRequest = {
      ...(ids.length > 0 && { ids }),
      query,
      agentId,
      ...(cutOnly && { cutOnly }),
      ...(includeShared && { includeShared }),
    }
    const forgetting = client.forgetting()
    const preview = await forgetting.preview(request)
    if (isPreview && json) {
      printJson(context, preview)
      return
    }
    const lines = renderPreview(preview)
    if (isPreview) printLines(context, lines)
    else context.stderr.write(lines.map((line) => `${line}\n`).join(''))
    if (preview.items.length === 0) {
      if (isPreview) return
      throw new CliError('Nothing was forgotten: nothing that is stored fits.')
    }
    if (isPreview) return
    if (!isConfirmed && !(await askYesNo(context, 'Forget all of this for good?'))) {
      throw new CliError('Nothing was forgotten.')
    }
    printReceipt(context, await forgetting.confirm(request, preview.token), json)
  })
}

/** Lists receipts, newest first. */
export async function listForgets(
  context: CliContext,
  options: { readonly limit: number; readonly json: boolean },
): Promise<void> {
  await withClient(context, async ({ client }) => {
    const receipts = await client.forgetting().list({ limit: options.limit })
    if (options.json) {
      printJson(context, receipts)
      return
    }
    if (receipts.length === 0) context.stderr.write('Nothing was forgotten yet.\n')
    printLines(
      context,
      toColumns(
        receipts.map((receipt) => [
          receipt.id,
          shortTime(receipt.created_at),
          receipt.state,
          receipt.origin,
          describeCounts(receipt.counts),
        ]),
      ),
    )
  })
}

/** Shows a receipt. */
export async function showForget(
  context: CliContext,
  options: { readonly id: string; readonly json: boolean },
): Promise<void> {
  await withClient(context, async ({ client }) => {
    printReceipt(context, await client.forgetting().get(options.id), options.json)
  })
}

/** What would go, line by line, for a person. */
export function renderPreview({ items, counts, elsewhere }: ForgetPreview): readonly string[] {
  const left = renderElsewhere(elsewhere)
  const hint = elsewhere.agents.length === 0 ? [] : ['`letta forget --shared` reaches them, too.']
  if (items.length === 0)
    return [
      'Nothing that is stored fits. Several words are looked for one after another.',
      ...left,
      ...hint,
    ]
  const words = { remove: 'remove', empty: 'empty', cut: 'cut from' } as const
  const rows = items
    .slice(0, shownItems)
    .map(({ kind, id, reason, effect, snippet, becomes, date }) => [
      words[effect],
      kind,
      id,
      reason === 'same-turn' ? 'same turn' : reason,
      shortTime(date),
      renderSnippet(snippet, effect === 'cut' ? (becomes ?? '(nothing)') : null),
    ])
  const rest = items.length - shownItems
  return [
    ...toColumns(rows),
    ...(rest > 0 ? [`and ${rest} more`] : []),
    `In all: ${describeCounts(counts)}.`,
    ...left,
    ...hint,
  ]
}

/** What a thing says, and what is left of that. */
function renderSnippet(snippet: string | null, becomes: string | null): string {
  if (snippet === null) return ''
  const left = becomes === null ? '' : ` → ${toOneLine(becomes, 80)}`
  return toOneLine(snippet, 80) + left
}

/** A receipt, line by line, for a person. */
export function renderReceipt(receipt: ForgetReceipt): readonly string[] {
  return [
    receipt.id,
    `removed    ${shortTime(receipt.created_at)}  ${describeCounts(receipt.counts)}`,
    ...(receipt.state === 'done'
      ? [`cleaned    ${shortTime(receipt.completed_at)}`]
      : ['cleaned    not yet: a server goes on with it']),
    ...(receipt.residue === null ? [] : [`searched   ${describeResidue(receipt.residue)}`]),
    ...renderElsewhere(receipt.residue?.elsewhere ?? null),
    ...receipt.outside.map((place) => `outside    ${place}`),
  ]
}

/** What is left with agents that share memory, line by line. */
function renderElsewhere(elsewhere: ForgetElsewhere | null): readonly string[] {
  if (elsewhere === null) return []
  const { agents, unsearched } = elsewhere
  const sharing = unsearched === 1 ? 'agent that shares' : 'agents that share'
  return [
    ...agents.map(
      ({ agent_id: id, rows }) =>
        `elsewhere  ${id ?? 'an agent that this key may not see'} shares memory and holds the same words in ${rows} ${rows === 1 ? 'row' : 'rows'}`,
    ),
    ...(unsearched === 0 ? [] : [`elsewhere  ${unsearched} ${sharing} memory not searched`]),
  ]
}

function describeResidue(residue: NonNullable<ForgetReceipt['residue']>): string {
  const { rows_found: rowsFound, files_found: filesFound, files_searched: files } = residue
  const inRows =
    rowsFound === null
      ? 'the rows were not searched again'
      : `${rowsFound} of ${residue.rows_searched} rows still hold it`
  if (filesFound === null) return `${inRows}; the files were cleaned without being searched`
  if (files === 0) return `${inRows}; no files were within reach`
  return `${inRows}; ${filesFound} of ${files} files still hold the same words`
}

/** Shows a receipt; throws when it says that something is left. */
export function printReceipt(context: CliContext, receipt: ForgetReceipt, json: boolean): void {
  if (json) printJson(context, receipt)
  else printLines(context, renderReceipt(receipt))
  const left = receipt.residue?.rows_found ?? 0
  if (left === 0) return
  throw new CliError(
    `Not everything is forgotten: ${left} rows still hold it, as something was written meanwhile. Forget it once more.`,
  )
}

/** Such as "2 messages removed, 1 block cut". */
function describeCounts(counts: Readonly<Record<string, number>>): string {
  const participles: Readonly<Record<string, string>> = {
    remove: 'removed',
    empty: 'emptied',
    cut: 'cut',
  }
  return Object.entries(counts)
    .map(([name, count]) => {
      const [, kind = name, effect = ''] = /^(.*) (\w+)$/.exec(name) ?? []
      const noun = count === 1 ? kind : kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`
      return `${count} ${noun} ${participles[effect] ?? effect}`
    })
    .join(', ')
}
