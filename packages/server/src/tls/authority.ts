/**
 * The certificate authority of a data folder: `tls/ca.pem` and `tls/ca.key`, made at the first start that finds none, and
 * the certificates it signs for listeners of this server.
 */
import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { writeDurably } from '../data-folder.ts'
import { StartError } from '../start-error.ts'
import { requirePair, type TlsMaterial } from './files.ts'
import type { Issued } from './issue.ts'

const dayMs = 24 * 3_600_000

/** Times of certificates. */
export const certificateTimes = {
  authorityMs: 3_650 * dayMs,
  /** Of a server's certificate; never longer than its authority's. */
  serverMs: 730 * dayMs,
  /** With less than this left a server's certificate is renewed. */
  renewMs: 30 * dayMs,
  /** Good since before it was made: clocks of clients may be behind. */
  backdateMs: 3_600_000,
} as const

export interface Authority {
  /** PEM file for clients to trust. */
  readonly file: string
  /**
   * Certificate and key of a listener, `tls/<listener>.pem` and `.key`: those of before, or new ones when less than
   * 30 days remain or they are for other names or of another authority.
   *
   * @param names DNS names and IP addresses that clients connect to
   * @throws StartError CONFIG when a new one is needed and the authority's key is not there
   */
  certify(listener: string, names: readonly string[]): Promise<TlsMaterial>
}

/**
 * Opens the authority, or makes it. One that has expired is replaced: nobody trusts it any more.
 * @throws StartError CONFIG when its files are damaged or do not belong together
 */
export async function openAuthority(dataFolder: string, clock: Clock): Promise<Authority> {
  const folder = join(dataFolder, 'tls')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'ca.pem')
  const keyFile = join(folder, 'ca.key')
  if (!existsSync(file) || readAuthority(file, keyFile).validToDate.getTime() <= clock.now()) {
    const { makeAuthority } = await import('./issue.ts')
    // The key first: a crash in between leaves a folder without an authority, and the next start makes one.
    const made = await makeAuthority('Keywitness certificate authority', validity(clock, certificateTimes.authorityMs))
    writeDurably(keyFile, made.key)
    writeDurably(file, made.cert)
  }
  const certificate = readAuthority(file, keyFile)
  return {
    file,
    async certify(listener, names) {
      const paths = { cert: join(folder, `${listener}.pem`), key: join(folder, `${listener}.key`) }
      const kept = readServer(paths)
      if (kept !== undefined && isGood(kept, certificate, names, clock)) return material(kept)
      if (!existsSync(keyFile)) {
        throw new StartError(
          'CONFIG',
          `${paths.cert} must be renewed, and the key of its authority is not there. Restore ${keyFile}, or remove ${file} for a new authority, which clients must then be given.`,
        )
      }
      const { issueServerCertificate } = await import('./issue.ts')
      const wanted = validity(clock, certificateTimes.serverMs)
      const issued = await issueServerCertificate(
        { cert: readFileSync(file, 'utf8'), key: readFileSync(keyFile, 'utf8') },
        names,
        { ...wanted, to: Math.min(wanted.to, certificate.validToDate.getTime()) },
      )
      // A crash in between leaves two that do not belong together, and the next start makes others.
      writeDurably(paths.key, issued.key)
      writeDurably(paths.cert, issued.cert)
      return material(issued)
    },
  }
}

/** The names of a listener's certificate: those of this machine, and the host that the setting names. */
export function serverNames(host: string): string[] {
  return [...new Set(['localhost', '127.0.0.1', '::1', host])].filter((name) => name !== '0.0.0.0' && name !== '::')
}

function validity(clock: Clock, ms: number): { from: number; to: number } {
  // Certificates know whole seconds.
  const now = Math.floor(clock.now() / 1_000) * 1_000
  return { from: now - certificateTimes.backdateMs, to: now + ms }
}

/** @throws StartError CONFIG */
function readAuthority(file: string, keyFile: string): X509Certificate {
  try {
    const cert = readFileSync(file)
    // Who keeps the key elsewhere can start until a certificate must be renewed.
    if (existsSync(keyFile)) requirePair({ cert, key: readFileSync(keyFile) })
    const certificate = new X509Certificate(cert)
    if (!certificate.ca) throw new Error('it is not the certificate of an authority')
    return certificate
  } catch (error) {
    throw new StartError(
      'CONFIG',
      `${file} and ${keyFile} cannot be used (${(error as Error).message}). Restore them, or remove both for a new authority, which clients must then be given.`,
      error,
    )
  }
}

/** Undefined when there is none, or it is damaged: there can always be a new one. */
function readServer(paths: { readonly cert: string; readonly key: string }): Issued | undefined {
  try {
    const kept = { cert: readFileSync(paths.cert, 'utf8'), key: readFileSync(paths.key, 'utf8') }
    requirePair(kept)
    return kept
  } catch {
    return undefined
  }
}

function isGood({ cert }: Issued, authority: X509Certificate, names: readonly string[], clock: Clock): boolean {
  const certificate = new X509Certificate(cert)
  const left = certificate.validToDate.getTime() - clock.now()
  const isOfAuthority = certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
  const named = certificate.subjectAltName?.split(', ') ?? []
  const isFor = (name: string): boolean =>
    (isIP(name) === 0 ? certificate.checkHost(name, { subject: 'never' }) : certificate.checkIP(name)) !== undefined
  return left > certificateTimes.renewMs && isOfAuthority && named.length === names.length && names.every(isFor)
}

function material({ cert, key }: Issued): TlsMaterial {
  return { cert: Buffer.from(cert), key: Buffer.from(key) }
}
