import { z } from 'zod'
import { optional, present } from './optional.ts'
import { defaultBlockLimit, type Block } from '../domain/block.ts'
import type { JsonObject } from '../util/json.ts'
import { jsonObject } from './json-object.ts'
import { queryFlag, queryInteger, queryList, pageShape } from './query.ts'

/** Fields of templates and projects: stored and returned, without meaning here. */
const templateFields = () => ({
  project_id: optional(z.string()),
  template_name: optional(z.string()),
  is_template: optional(z.boolean()),
  template_id: optional(z.string()),
  base_template_id: optional(z.string()),
  deployment_id: optional(z.string()),
  entity_id: optional(z.string()),
  preserve_on_migration: optional(z.boolean()),
})

const label = z.string().min(1).max(200)
const limit = z.int().min(1)

/** `CreateBlock`: unknown fields are ignored. */
export const createBlockSchema = z.lazy(() =>
  z.object({
    ...templateFields(),
    label,
    value: optional(z.string()).transform((value) => value ?? ''),
    limit: optional(limit).transform((value) => value ?? defaultBlockLimit),
    read_only: optional(z.boolean()),
    description: optional(z.string()),
    metadata: optional(jsonObject),
    tags: optional(z.array(z.string())),
    hidden: optional(z.boolean()),
  }),
)

/** `BlockUpdate`: unknown fields are ignored, null ones change nothing. */
export const updateBlockSchema = z.lazy(() =>
  z.object({
    ...templateFields(),
    label: optional(label),
    value: optional(z.string()),
    limit: optional(limit),
    read_only: optional(z.boolean()),
    description: optional(z.string()),
    metadata: optional(jsonObject),
    tags: optional(z.array(z.string())),
    hidden: optional(z.boolean()),
  }),
)

/** A new block before it has an identity. */
export type BlockDraft = Pick<
  Block,
  | 'label'
  | 'value'
  | 'limit'
  | 'description'
  | 'readOnly'
  | 'metadata'
  | 'tags'
  | 'hidden'
  | 'extra'
>

/** A block from a decoded `CreateBlock`. */
export function toBlockDraft(body: z.infer<typeof createBlockSchema>): BlockDraft {
  return {
    label: body.label,
    value: body.value,
    limit: body.limit,
    description: body.description ?? null,
    readOnly: body.read_only ?? false,
    metadata: body.metadata ?? {},
    tags: body.tags ?? [],
    hidden: body.hidden ?? false,
    extra: toExtra(body),
  }
}

/** The changes of a decoded `BlockUpdate`; only what is to change is present. */
export function toBlockChanges(body: z.infer<typeof updateBlockSchema>): Partial<BlockDraft> {
  const extra = toExtra(body)
  return present({
    label: body.label,
    value: body.value,
    limit: body.limit,
    description: body.description,
    readOnly: body.read_only,
    metadata: body.metadata,
    tags: body.tags,
    hidden: body.hidden,
    extra: Object.keys(extra).length > 0 ? extra : undefined,
  })
}

type TemplateFields = z.infer<z.ZodObject<ReturnType<typeof templateFields>>>

function toExtra(body: TemplateFields): JsonObject {
  return present({
    project_id: body.project_id,
    template_name: body.template_name,
    is_template: body.is_template,
    template_id: body.template_id,
    base_template_id: body.base_template_id,
    deployment_id: body.deployment_id,
    entity_id: body.entity_id,
    preserve_on_migration: body.preserve_on_migration,
  })
}

/** `BlockResponse`, with every field. */
export function encodeBlock(block: Block): JsonObject {
  const { extra } = block
  return {
    value: block.value,
    limit: block.limit,
    project_id: extra['project_id'] ?? null,
    template_name: extra['template_name'] ?? null,
    is_template: extra['is_template'] ?? false,
    template_id: extra['template_id'] ?? null,
    base_template_id: extra['base_template_id'] ?? null,
    deployment_id: extra['deployment_id'] ?? null,
    entity_id: extra['entity_id'] ?? null,
    preserve_on_migration: extra['preserve_on_migration'] ?? false,
    label: block.label,
    read_only: block.readOnly,
    description: block.description,
    metadata: block.metadata,
    hidden: block.hidden ? true : null,
    id: block.id,
    created_by_id: block.createdById,
    last_updated_by_id: block.updatedById,
    tags: block.tags,
  }
}

/** The query of `GET /v1/blocks/`. */
export const blockListQuery = z.lazy(() =>
  z.object({
    ...pageShape({ limit: 50, order: 'asc' }),
    label: z
      .string()
      .max(50)
      .regex(/^[a-zA-Z0-9_/-]+$/)
      .optional(),
    label_search: z
      .string()
      .max(50)
      .regex(/^[a-zA-Z0-9_/-]+$/)
      .optional(),
    name: z
      .string()
      .max(100)
      .regex(/^[a-zA-Z0-9 _-]+$/)
      .optional(),
    description_search: z.string().max(200).optional(),
    value_search: z.string().max(200).optional(),
    templates_only: queryFlag.default(false),
    project_id: z.string().optional(),
    identity_id: z.string().max(45).optional(),
    identifier_keys: queryList.optional(),
    tags: queryList.optional(),
    match_all_tags: queryFlag.default(false),
    connected_to_agents_count_gt: queryInteger.optional(),
    connected_to_agents_count_lt: queryInteger.optional(),
    connected_to_agents_count_eq: z
      .preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(queryInteger))
      .optional(),
    show_hidden_blocks: queryFlag.default(false),
  }),
)
