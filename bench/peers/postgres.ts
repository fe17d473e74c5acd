/** PostgreSQL as an audit store: a server of its own in a temporary folder, durable, reached over its Unix socket. */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { stopped, type Workshop } from '../harness/workshop.ts'

const versionsFolder = '/usr/lib/postgresql'
const user = 'postgres'

/** Folder of the newest installed server's programs; undefined when there is none. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(versionsFolder)) return undefined
  const versions = readdirSync(versionsFolder).sort((a, b) => Number(a) - Number(b))
  const programs = versions.map((version) => join(versionsFolder, version, 'bin'))
  return programs.findLast((folder) => existsSync(join(folder, 'initdb')))
}

export function postgresVersion(): string {
  const programs = postgresPrograms()
  if (programs === undefined) return 'not installed'
  return execFileSync(join(programs, 'postgres'), ['--version'], { encoding: 'utf8' }).trim()
}

/**
 * The settings of a careful operator: every commit is on the disk when it returns. `shared_buffers` holds the whole
 * working set, the log may grow before a checkpoint; both favour it.
 */
const settings = [
  'fsync=on',
  'synchronous_commit=on',
  'full_page_writes=on',
  'shared_buffers=2GB',
  'max_wal_size=8GB',
  'checkpoint_timeout=5min',
  'work_mem=64MB',
  'listen_addresses=',
]

export class Postgres {
  readonly #socket: string

  constructor(socket: string) {
    this.#socket = socket
  }

  /** Makes a cluster and starts it; it is stopped at the end of the run. */
  static async start(workshop: Workshop): Promise<Postgres> {
    const programs = postgresPrograms()
    if (programs === undefined) throw new Error('PostgreSQL is not installed')
    // The server refuses to run as root: then the account that its package made runs it.
    const isRoot = process.getuid?.() === 0
    const asServer = (file: string, words: string[]): [string, string[]] =>
      isRoot ? ['runuser', ['-u', user, '--', file, ...words]] : [file, words]
    const folder = join(workshop.folder, 'postgres')
    mkdirSync(folder)
    if (isRoot) {
      chmodSync(workshop.folder, 0o755)
      execFileSync('chown', [user, folder])
    }
    const data = join(folder, 'data')
    const initdb = asServer(join(programs, 'initdb'), [
      '-D',
      data,
      '-U',
      user,
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
    ])
    execFileSync(...initdb, { stdio: 'ignore', cwd: folder })
    const words = settings.flatMap((setting) => ['-c', setting])
    const server = asServer(join(programs, 'postgres'), ['-D', data, '-k', folder, ...words])
    const child = spawn(...server, { stdio: 'ignore', cwd: folder })
    // SIGINT ends sessions and writes what is dirty: its "fast" way to stop. runuser hands SIGTERM on, which waits.
    workshop.atEnd(async () => {
      execFileSync(...asServer(join(programs, 'pg_ctl'), ['-D', data, '-m', 'fast', 'stop']), { stdio: 'ignore' })
      await stopped(child)
    })
    const postgres = new Postgres(folder)
    await postgres.#isReady()
    return postgres
  }

  async connect(): Promise<Client> {
    const client = new Client({ host: this.#socket, user, database: 'postgres' })
    await client.connect()
    return client
  }

  async #isReady(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        const client = await this.connect()
        await client.end()
        return
      } catch (error) {
        if (tries > 300) throw error
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }
}
