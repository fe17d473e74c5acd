/** Programs of Debian that rows need: which are missing, and their installation where that is possible. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { barbicanNeeds } from '../peers/barbican.ts'
import { pykmipNeeds } from '../peers/pykmip.ts'
import { softHsmNeeds } from '../peers/softhsm.ts'

/** Debian package names, each with a file that shows that it is installed. */
export type Needs = Readonly<Record<string, string>>

/** What every row needs: the ceilings are C programs, the counts come from strace. */
export const basicNeeds: Needs = { gcc: '/usr/bin/gcc', 'libc6-dev': '/usr/include/stdio.h', strace: '/usr/bin/strace' }

/** The load generator of KMIP speaks TLS. */
export const tlsNeeds: Needs = { 'libssl-dev': '/usr/include/openssl/ssl.h' }

/** That of gRPC speaks HTTP/2 besides. */
export const grpcNeeds: Needs = { ...tlsNeeds, 'libnghttp2-dev': '/usr/include/nghttp2/nghttp2.h' }

export const postgresNeeds: Needs = { 'postgresql-15': '/usr/lib/postgresql/15/bin/initdb' }

export function missingPackages(needs: Needs): string[] {
  return Object.entries(needs).flatMap(([name, file]) => (existsSync(file) ? [] : [name]))
}

/** Installs what is missing when this is Debian and we are root; otherwise rows skip what they cannot have, by name. */
export function installMissing(say: (text: string) => void): void {
  const peers = { ...postgresNeeds, ...barbicanNeeds, ...pykmipNeeds, ...softHsmNeeds }
  const missing = missingPackages({ ...basicNeeds, ...grpcNeeds, ...peers })
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    say(`not installed, what needs it is skipped: ${missing.join(', ')}`)
    return
  }
  say(`installing from Debian (prevent it with --no-install): ${missing.join(', ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-qq'], { env })
  const words = ['install', '-y', '-qq', '--no-install-recommends', ...missing]
  const { status, stderr } = spawnSync('apt-get', words, { env, encoding: 'utf8' })
  if (status !== 0) say(`that failed: ${stderr.trim()}`)
}
