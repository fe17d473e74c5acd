/** PyKMIP's server, as Debian packages it: mutual TLS, SQLite, a thread for each connection, and no audit. */
import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { newIdentity } from '../../packages/testkit/src/index.ts'
import { stopped, type Workshop } from '../harness/workshop.ts'
import { freePort } from './barbican.ts'

const program = '/usr/bin/pykmip-server'

export const pykmipNeeds = { 'python3-pykmip': program } as const

export function pykmipVersion(): string {
  if (!existsSync(program)) return 'PyKMIP not installed'
  return execFileSync('dpkg-query', ['-W', '-f', 'PyKMIP ${Version}', 'python3-pykmip'], { encoding: 'utf8' })
}

export interface PyKmip {
  /** `host:port` */
  readonly address: string
  stop(): Promise<void>
}

/**
 * Starts it with a fresh store. It logs warnings only, which spares it the lines it writes for each request by default.
 *
 * @param clientCertificate PEM file; its common name becomes the owner of what it makes
 */
export async function startPyKmip(workshop: Workshop, clientCertificate: string): Promise<PyKmip> {
  const folder = workshop.newFolder('pykmip')
  const port = await freePort()
  const { certificate, key } = newIdentity('localhost')
  writeFileSync(join(folder, 'server.pem'), certificate)
  writeFileSync(join(folder, 'server.key'), key)
  writeFileSync(join(folder, 'server.conf'), configOf(folder, port, clientCertificate))
  const child = workshop.start(program, ['-f', join(folder, 'server.conf'), '-l', join(folder, 'server.log')], {
    cwd: folder,
    env: { PATH: '/usr/bin:/bin', HOME: folder },
  })
  child.stdout?.resume()
  child.stderr?.resume()
  await accepting(port)
  return { address: `127.0.0.1:${port}`, stop: () => stopped(child) }
}

async function accepting(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('PyKMIP does not listen')
}

function configOf(folder: string, port: number, clientCertificate: string): string {
  return `[server]
hostname=127.0.0.1
port=${port}
certificate_path=${folder}/server.pem
key_path=${folder}/server.key
ca_path=${clientCertificate}
auth_suite=TLS1.2
policy_path=${folder}
enable_tls_client_auth=False
logging_level=WARNING
database_path=${folder}/pykmip.db
`
}
