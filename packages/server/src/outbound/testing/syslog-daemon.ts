/** Debian's rsyslog for tests: a real receiver of syslog over TLS that writes what it read to a file. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SelfSigned } from '../../testing/self-signed.ts'

const binary = '/usr/sbin/rsyslogd'
const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64'

/** Whether it is installed, with its TLS. */
export function hasSyslogDaemon(): boolean {
  return existsSync(binary) && existsSync(`/usr/lib/${machine}-linux-gnu/rsyslog/lmnsd_gtls.so`)
}

/** What the daemon understood of one message. */
interface Understood {
  readonly facility: string
  readonly severity: string
  readonly time: string
  readonly host: string
  readonly app: string
  readonly kind: string
  readonly data: string
  readonly msg: string
}

export interface SyslogDaemon {
  readonly port: number
  /** Resolves when so many messages stand in the file. */
  wrote(count: number): Promise<Understood[]>
  close(): Promise<void>
}

/** Listens on a free port of loopback, with the certificate. */
export async function syslogDaemon({ cert, key }: SelfSigned): Promise<SyslogDaemon> {
  const folder = mkdtempSync(join(tmpdir(), 'keywitness-rsyslog-'))
  const file = (name: string): string => join(folder, name)
  writeFileSync(file('cert.pem'), cert)
  writeFileSync(file('key.pem'), key, { mode: 0o600 })
  writeFileSync(file('rsyslog.conf'), configuration(file))
  const child = spawn(binary, ['-n', '-f', file('rsyslog.conf'), '-i', file('pid')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const kill = (): boolean => child.kill('SIGKILL')
  // However the test ends, the daemon does not outlive it.
  process.once('exit', kill)
  const close = async (): Promise<void> => {
    kill()
    await ended
    process.off('exit', kill)
    rmSync(folder, { recursive: true, force: true })
  }
  const fails = ended.then(() => Promise.reject(new Error(`rsyslog ended: ${said}`)))
  fails.catch(() => undefined)
  const until = (name: string, isThere: (text: string) => boolean): Promise<string> =>
    Promise.race([textOf(folder, name, isThere), fails])
  try {
    const port = Number(await until('port', (text) => /^\d+$/.test(text.trim())))
    return {
      port,
      wrote: async (count) => {
        const text = await until('messages', (found) => found.split('\n').length > count)
        return text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Understood)
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function configuration(file: (name: string) => string): string {
  const property = (outname: string, name: string): string =>
    `property(outname="${outname}" name="${name}" format="jsonf")`
  const properties = [
    property('facility', 'syslogfacility-text'),
    property('severity', 'syslogseverity-text'),
    'property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")',
    property('host', 'hostname'),
    property('app', 'app-name'),
    property('kind', 'msgid'),
    property('data', 'structured-data'),
    property('msg', 'msg'),
  ]
  return `
global(workDirectory="${file('')}" maxMessageSize="8k" defaultNetstreamDriver="gtls"
  defaultNetstreamDriverCAFile="${file('cert.pem')}" defaultNetstreamDriverCertFile="${file('cert.pem')}"
  defaultNetstreamDriverKeyFile="${file('key.pem')}")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
template(name="understood" type="list" option.jsonf="on") { ${properties.join(' ')} }
ruleset(name="take") { action(type="omfile" file="${file('messages')}" template="understood") }
input(type="imtcp" port="0" address="127.0.0.1" listenPortFileName="${file('port')}" ruleset="take")
`
}

/** The text of a file once it is as wanted; looked at again whenever the folder changes. */
async function textOf(folder: string, name: string, isThere: (text: string) => boolean): Promise<string> {
  const stopped = new AbortController()
  const changes = watch(folder, { signal: stopped.signal })
  const read = (): string => {
    const path = join(folder, name)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }
  try {
    if (isThere(read())) return read()
    for await (const _change of changes) {
      if (isThere(read())) return read()
    }
    throw new Error('the folder is watched no more')
  } finally {
    stopped.abort()
  }
}
