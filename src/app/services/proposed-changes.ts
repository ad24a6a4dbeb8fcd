import type { Passage } from '../../domain/archive.ts'
import type { Block } from '../../domain/block.ts'
import { factText, type FactStatement, slotText, type StatedFact } from '../../domain/fact.ts'
import type { MemoryState } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { textOf } from '../../memory/versions/describe-change.ts'
import { diffFields } from '../../memory/versions/diff-fields.ts'
import { diffLines } from '../../memory/versions/diff-lines.ts'
import type { FactWrite } from '../../storage/contract/fact-store.ts'
import type { AppParts } from '../app-parts.ts'
import type { ProposedChange } from './memory-views.ts'
import type { ProposedEdit } from './proposed-edit.ts'
import type { PartialWrite } from './write-memory.ts'

type Parts = Pick<AppParts, 'store'>

/** What a planned write would do to what is stored now; its new passages are left out. */
export async function changesOfWrite(
  parts: Parts,
  scope: TenantScope,
  { agentId, write }: { readonly agentId: string; readonly write: PartialWrite },
): Promise<readonly ProposedChange[]> {
  const { blockEdits = [], newBlocks = [], detachedBlocks = [], facts = [] } = write
  const blocks = await parts.store.listAgentBlocks(scope, { agentId })
  const find = (id: string): MemoryState | null => {
    const block = blocks.find((candidate) => candidate.id === id)
    return block === undefined ? null : blockState(block)
  }
  return [
    ...blockEdits.map((edit) => blockChange(find(edit.blockId), edit)),
    ...newBlocks.map(addedBlock),
    ...detachedBlocks.map(({ blockId }) => detachedBlock(blockId, find(blockId))),
    ...(await passageChanges(parts, scope, write)),
    ...(await factChanges(parts, scope, { agentId, writes: facts })),
  ]
}

/** What a proposal meant for what it was made from, as far as that is stored; its new passages are left out. */
export async function changesMeant(
  { store }: Parts,
  scope: TenantScope,
  { agentId, edit }: { readonly agentId: string; readonly edit: ProposedEdit },
): Promise<readonly ProposedChange[]> {
  const { blocks, newBlocks, detachedBlocks, facts, cleanup } = edit
  const versions = [...blocks, ...detachedBlocks].map(({ blockId, expectedVersion }) => ({
    subject: 'block' as const,
    itemId: blockId,
    version: expectedVersion,
  }))
  const bases = await store.getMemoryStates(scope, { agentId, versions })
  const gone = [
    ...facts.flatMap((each) => (each.kind === 'close' ? [each.factId] : [])),
    ...(cleanup?.mergedFacts ?? []).map(({ factId }) => factId),
  ]
  const closed = await readFacts({ store }, scope, { agentId, ids: gone })
  return [
    ...blocks.map((each, index) => blockChange(bases[index] ?? null, each)),
    ...newBlocks.map(addedBlock),
    ...detachedBlocks.map(({ blockId }, index) =>
      detachedBlock(blockId, bases[blocks.length + index] ?? null),
    ),
    ...facts.flatMap((each) => (each.kind === 'state' ? [addedFact(each.statement)] : [])),
    ...[...closed.values()].map((fact) => factChange(fact, null)),
    ...(cleanup?.removedPassages ?? []).map(({ passageId, text }) =>
      retold({ itemId: passageId, action: 'delete' }, [text, '']),
    ),
    ...(cleanup?.taggedPassages ?? []).map(({ passageId, text, becomes = text }) =>
      retold({ itemId: passageId, action: 'edit' }, [text, becomes]),
    ),
  ]
}

/** A new text of the archive. */
export function addedPassage({ text }: { readonly text: string }): ProposedChange {
  return retold({ itemId: null, action: 'create' }, ['', text])
}

function blockState(block: Block): MemoryState {
  return { subject: 'block', version: block.version, block }
}

function blockChange(
  before: MemoryState | null,
  {
    blockId,
    value,
    label,
    description,
  }: Omit<ProposedEdit['blocks'][number], 'description'> & {
    readonly description?: string | null
  },
): ProposedChange {
  const known = before?.subject === 'block' ? before : null
  const set = {
    ...(value !== undefined && { value }),
    ...(label !== undefined && { label }),
    ...(description !== undefined && { description: description ?? '' }),
  }
  const after = known === null ? null : { ...known, block: { ...known.block, ...set } }
  return {
    subject: 'block',
    itemId: blockId,
    label: known?.block.label ?? label ?? null,
    action: 'edit',
    lines: diffLines(textOf(known), known === null ? (value ?? '') : textOf(after)),
    fields: diffFields(known, after),
  }
}

function addedBlock({ label, value }: Pick<Block, 'label' | 'value'>): ProposedChange {
  const lines = diffLines('', value)
  return { subject: 'block', itemId: null, label, action: 'create', lines, fields: [] }
}

function detachedBlock(itemId: string, state: MemoryState | null): ProposedChange {
  const label = state?.subject === 'block' ? state.block.label : null
  const lines = diffLines(textOf(state), '')
  return { subject: 'block', itemId, label, action: 'detach', lines, fields: [] }
}

async function passageChanges(
  { store }: Parts,
  scope: TenantScope,
  { deletedPassages = [], passageEdits = [] }: PartialWrite,
): Promise<readonly ProposedChange[]> {
  const ids = [...deletedPassages, ...passageEdits].map(({ passageId }) => passageId)
  if (ids.length === 0) return []
  const found = await store.getPassages(scope, { ids })
  const passages = new Map(found.map((passage) => [passage.id, passage]))
  return [
    ...deletedPassages.map(({ passageId: itemId }) =>
      retold({ itemId, action: 'delete' }, [passages.get(itemId)?.text ?? '', '']),
    ),
    ...passageEdits.map(({ passageId: itemId, text, tags, origin, sourceMessageIds }) => {
      const before = passages.get(itemId)
      const after = before && {
        ...before,
        text,
        tags,
        ...(origin !== undefined && { origin }),
        ...(sourceMessageIds !== undefined && { sourceMessageIds }),
      }
      return {
        ...retold({ itemId, action: 'edit' }, [before?.text ?? '', text]),
        fields: diffFields(passageState(before), passageState(after)),
      }
    }),
  ]
}

function passageState(passage: Passage | undefined): MemoryState | null {
  return passage === undefined ? null : { subject: 'passage', version: 0, passage }
}

function retold(
  change: Pick<ProposedChange, 'itemId' | 'action'>,
  [before, after]: readonly [string, string],
): ProposedChange {
  const lines = diffLines(before, after)
  return { subject: 'passage', label: null, ...change, lines, fields: [] }
}

async function factChanges(
  parts: Parts,
  scope: TenantScope,
  { agentId, writes }: { readonly agentId: string; readonly writes: readonly FactWrite[] },
): Promise<readonly ProposedChange[]> {
  const ids = writes.flatMap((write) => (write.action === 'create' ? [] : [write.factId]))
  const known = await readFacts(parts, scope, { agentId, ids })
  return writes.flatMap((write) => {
    if (write.action === 'create') return [addedFact(write.fact)]
    const before = known.get(write.factId)
    if (before === undefined) return []
    return [factChange(before, write.action === 'edit' ? { ...before, ...write.set } : null)]
  })
}

async function readFacts(
  { store }: Parts,
  scope: TenantScope,
  { agentId, ids }: { readonly agentId: string; readonly ids: readonly string[] },
): Promise<ReadonlyMap<string, StatedFact>> {
  if (ids.length === 0) return new Map()
  const facts = await store.listFacts(scope, { agentId, ids: [...ids], limit: ids.length })
  return new Map(facts.map((fact) => [fact.id, fact]))
}

function factChange(before: StatedFact, after: StatedFact | null): ProposedChange {
  const { kind: subject, id: itemId } = before
  const states = [before, after].map((fact) => fact && { subject, version: 0, fact })
  const [left = null, right = null] = states
  return {
    subject,
    itemId,
    label: slotText(before),
    action: after === null ? 'delete' : 'edit',
    lines: diffLines(textOf(left), textOf(right)),
    fields: diffFields(left, right),
  }
}

function addedFact(statement: FactStatement): ProposedChange {
  const since = new Date(statement.validFrom).toISOString()
  return {
    subject: statement.kind,
    itemId: null,
    label: slotText(statement),
    action: 'create',
    lines: diffLines('', factText(statement)),
    fields: [{ field: 'since', before: null, after: since }],
  }
}
