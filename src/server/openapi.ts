import { z } from 'zod'
import type { JsonObject } from '../util/json.ts'
import { jsonObject } from '../wire/json-object.ts'
import { operations, type Operation } from './operations.ts'

/** The OpenAPI document of the server, made from the schemas that requests are checked with. */
export function createOpenApi(version: string): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {}
  for (const [route, operation] of Object.entries(operations)) {
    const [method = '', path = ''] = route.split(' ')
    const methods = (paths[`/v1${path}`] ??= {})
    methods[method.toLowerCase()] = toOperation(route, operation)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Letta', version },
    security: [{}, { key: [] }],
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
      responses: { error: errorResponse },
    },
    paths,
  }
}

const errorResponse: JsonObject = {
  description: 'The request was refused or failed',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        properties: {
          detail: {},
          code: { type: 'string' },
          trace_id: { type: 'string' },
          run_id: { type: 'string' },
          error: { type: 'object' },
        },
      },
    },
  },
}

function toOperation(route: string, operation: Operation): JsonObject {
  const body = operation.body === undefined ? undefined : toSchema(operation.body)
  return {
    operationId: route.toLowerCase().replaceAll(/[^a-z]+/g, '_'),
    summary: operation.summary,
    parameters: [...pathParameters(route), ...queryParameters(operation.query)],
    ...(body !== undefined && {
      requestBody: { content: { 'application/json': { schema: body } } },
    }),
    responses: {
      '200': { description: 'Done', content: { 'application/json': {} } },
      default: { $ref: '#/components/responses/error' },
    },
  }
}

function pathParameters(route: string): readonly JsonObject[] {
  return [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name: name ?? '',
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

function queryParameters(query: z.ZodType | undefined): readonly JsonObject[] {
  if (query === undefined) return []
  const schema = toSchema(query)
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const properties = jsonObject.parse(schema['properties'] ?? {})
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: property ?? {},
  }))
}

function toSchema(schema: z.ZodType): JsonObject {
  const { $schema: _, ...rest } = jsonObject.parse(
    z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }),
  )
  return rest
}
