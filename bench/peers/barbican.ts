/** OpenStack Barbican with its CADF audit middleware, as Debian packages it: uWSGI, SQLite, its simple crypto plugin. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { stopped, type Workshop } from '../harness/workshop.ts'
import type { LoadRequest } from '../load/http-load.ts'

const wsgi = '/usr/bin/uwsgi_python3'
const application = '/usr/lib/python3/dist-packages/barbican/api/app.py'
const auditMap = '/etc/barbican/api_audit_map.conf'

/** Files that must be there, with the Debian package of each. */
export const barbicanNeeds = {
  'uwsgi-core': '/usr/bin/uwsgi-core',
  'uwsgi-plugin-python3': wsgi,
  'barbican-api': auditMap,
  'python3-barbican': application,
  'python3-keystonemiddleware': '/usr/lib/python3/dist-packages/keystonemiddleware/audit/__init__.py',
} as const

export function barbicanVersion(): string {
  if (!existsSync(application)) return 'not installed'
  return execFileSync('dpkg-query', ['-W', '-f', 'Barbican ${Version}', 'python3-barbican'], { encoding: 'utf8' })
}

/** Key material of the secret that is stored and read: 32 bytes. */
const material = 'keywitness-bench-32-byte-payload'
const payload = Buffer.from(material).toString('base64')

export interface Barbican {
  /** Stores the payload of a new secret. */
  readonly store: LoadRequest
  /** Reads the payload of the first one. */
  readonly read: LoadRequest
  /** Audit events in its log so far. */
  audited(): number
  stop(): Promise<void>
}

/**
 * Starts it with a fresh store. Callers are taken at their word (its pipeline without Keystone), which spares it the
 * check of tokens that we do.
 */
export async function startBarbican(workshop: Workshop, processes: number): Promise<Barbican> {
  const folder = workshop.newFolder('barbican')
  const port = await freePort()
  const log = join(folder, 'audit.log')
  mkdirSync(join(folder, '.barbican'))
  writeFileSync(join(folder, '.barbican/barbican.conf'), configOf(folder, port, log))
  writeFileSync(join(folder, 'paste.ini'), pipeline)
  writeFileSync(
    join(folder, 'application.py'),
    `from paste import deploy\napplication = deploy.loadapp('config:${join(folder, 'paste.ini')}')\n`,
  )
  const child = workshop.start(
    wsgi,
    [
      ['--http-socket', `127.0.0.1:${port}`, '--plugin', 'python3', '--wsgi-file', 'application.py', '--need-app'],
      ['--master', '--die-on-term', '--processes', String(processes), '--lazy-apps', '--enable-threads'],
      ['--buffer-size', '65535', '--listen', '100', '--disable-logging'],
    ].flat(),
    { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder } },
  )
  child.stdout?.resume()
  child.stderr?.resume()

  const base = { host: '127.0.0.1', port, headers: callerHeaders(port) }
  const body = JSON.stringify({
    name: 'bench',
    payload,
    payload_content_type: 'application/octet-stream',
    payload_content_encoding: 'base64',
    algorithm: 'aes',
    bit_length: 256,
  })
  const reference = await firstSecret(`http://127.0.0.1:${port}/v1/secrets`, { ...base.headers }, body)
  const accept = { accept: 'application/octet-stream' }
  return {
    store: { ...base, method: 'POST', path: '/v1/secrets', body, status: 201, text: '"secret_ref"' },
    read: {
      ...base,
      method: 'GET',
      path: `${new URL(reference).pathname}/payload`,
      headers: { ...base.headers, ...accept },
      status: 200,
      text: material,
    },
    audited: () => readFileSync(log, 'utf8').split('Event type: audit.http.response').length - 1,
    stop: () => stopped(child),
  }
}

async function firstSecret(url: string, headers: Record<string, string>, body: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', connection: 'close' },
        body,
      })
      if (answer.status !== 201) throw new Error(`Barbican answers ${answer.status}: ${await answer.text()}`)
      const { secret_ref: reference } = (await answer.json()) as { secret_ref: string }
      const read = await fetch(`${reference}/payload`, { headers: { ...headers, accept: 'application/octet-stream' } })
      if ((await read.text()) !== material) throw new Error(`Barbican gives back other bytes: ${read.status}`)
      return reference
    } catch (error) {
      if (tries > 100 || (error as Error).message.startsWith('Barbican')) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

/** What Keystone's middleware would have put into the request; the audit middleware makes its event of it. */
function callerHeaders(port: number): Record<string, string> {
  const url = `http://127.0.0.1:${port}`
  const endpoint = { id: 'barbican', adminURL: url, internalURL: url, publicURL: url }
  return {
    'x-project-id': 'bench',
    'x-user-id': 'bench',
    'x-user-name': 'bench',
    'x-identity-status': 'Confirmed',
    'x-service-catalog': JSON.stringify([{ type: 'key-manager', name: 'barbican', endpoints: [endpoint] }]),
  }
}

/** Audit events go to the log, as the middleware does without a message bus; its logger is silent below WARN by default. */
function configOf(folder: string, port: number, log: string): string {
  return `[DEFAULT]
sql_connection = sqlite:///${folder}/barbican.sqlite
db_auto_create = True
host_href = http://127.0.0.1:${port}
log_file = ${log}
default_log_levels = keystonemiddleware=INFO
[secretstore]
enabled_secretstore_plugins = store_crypto
[crypto]
enabled_crypto_plugins = simple_crypto
[queue]
enable = False
[audit_middleware_notifications]
use_oslo_messaging = False
`
}

const pipeline = `[composite:main]
use = egg:Paste#urlmap
/v1: audited
[pipeline:audited]
pipeline = http_proxy_to_wsgi unauthenticated-context microversion audit apiapp
[app:apiapp]
paste.app_factory = barbican.api.app:create_main_app
[filter:unauthenticated-context]
paste.filter_factory = barbican.api.middleware.context:UnauthenticatedContextMiddleware.factory
[filter:microversion]
paste.filter_factory = barbican.api.middleware.microversion:MicroversionMiddleware.factory
[filter:audit]
paste.filter_factory = keystonemiddleware.audit:filter_factory
audit_map_file = ${auditMap}
[filter:http_proxy_to_wsgi]
paste.filter_factory = oslo_middleware:HTTPProxyToWSGI.factory
`

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
