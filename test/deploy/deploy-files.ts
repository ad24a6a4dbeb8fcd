import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readYaml } from './read-yaml.ts'

const root = join(import.meta.dirname, '../..')

/** The folder with everything that deploys the product. */
export const deployFolder = join(root, 'deploy')

/** Every file below `deploy/` that is kept, by its path from there. */
export const deployFiles: readonly string[] = readdirSync(deployFolder, {
  recursive: true,
  withFileTypes: true,
})
  .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('secrets'))
  .map((entry) => join(entry.parentPath, entry.name).slice(deployFolder.length + 1))
  .map((path) => path.replaceAll('\\', '/'))

/** The text of a file below `deploy/`. */
export function readDeployFile(path: string): string {
  return readFileSync(join(deployFolder, path), 'utf8')
}

/** A YAML file below `deploy/` as far as a schema knows it. */
export function readDeployYaml<Value>(path: string, schema: z.ZodType<Value>): Value {
  return schema.parse(readYaml(readDeployFile(path)))
}

const probeSchema = z.object({ httpGet: z.object({ path: z.string(), port: z.literal('http') }) })

const containerSchema = z.object({
  name: z.string(),
  image: z.string(),
  envFrom: z.array(z.object({ secretRef: z.object({ name: z.literal('letta') }) })),
  env: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal('false'),
    readOnlyRootFilesystem: z.literal('true'),
    capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  resources: z.object({
    requests: z.object({ memory: z.string() }),
    limits: z.object({ memory: z.string() }),
  }),
})

/** The Deployment both variants share; what is safe by default is part of its schema. */
export const deploymentSchema = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        automountServiceAccountToken: z.literal('false'),
        enableServiceLinks: z.literal('false'),
        terminationGracePeriodSeconds: z.coerce.number(),
        securityContext: z.object({
          runAsNonRoot: z.literal('true'),
          runAsUser: z.coerce.number(),
          seccompProfile: z.object({ type: z.literal('RuntimeDefault') }),
        }),
        initContainers: z.tuple([containerSchema]),
        containers: z.tuple([
          containerSchema.extend({
            args: z.array(z.string()),
            startupProbe: probeSchema,
            livenessProbe: probeSchema,
            readinessProbe: probeSchema,
          }),
        ]),
      }),
    }),
  }),
})

/** What a variant changes in the Deployment. */
export const variantSchema = z.object({
  spec: z.object({
    replicas: z.coerce.number(),
    strategy: z.object({
      type: z.string(),
      rollingUpdate: z.object({ maxUnavailable: z.string() }).optional(),
    }),
    template: z.object({
      spec: z.object({ volumes: z.array(z.looseObject({ name: z.string() })) }),
    }),
  }),
})

/** A Kustomization as far as the tests look at it. */
export const kustomizationSchema = z.object({
  resources: z.array(z.string()),
  patches: z.array(z.object({ path: z.string() })).default([]),
  images: z.array(z.object({ name: z.string(), newTag: z.string() })).default([]),
})

const serviceSchema = z.object({
  image: z.string(),
  environment: z.record(z.string(), z.string()).default({}),
  secrets: z.array(z.string()),
  stop_grace_period: z.string(),
  restart: z.literal('unless-stopped'),
})

/** The compose file. */
export const composeSchema = z.object({
  services: z.object({
    letta: serviceSchema.extend({
      entrypoint: z.array(z.string()),
      command: z.array(z.string()),
      depends_on: z.object({ database: z.object({ condition: z.literal('service_healthy') }) }),
      ports: z.array(z.string()),
      read_only: z.literal('true'),
      cap_drop: z.tuple([z.literal('ALL')]),
    }),
    database: serviceSchema.extend({ healthcheck: z.object({ test: z.array(z.string()) }) }),
  }),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
})
