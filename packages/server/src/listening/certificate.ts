/** The certificate that a TLS listener shows: the operator's files, or one of the data folder's authority that is kept up. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Clock } from '../clock.ts'
import { addGauge } from '../gauge.ts'
import { StartError } from '../start-error.ts'
import { openAuthority } from '../tls/authority.ts'
import { dateStanding, describeCertificate } from '../tls/certificate-pem.ts'
import {
  readTls,
  type ShownCertificate,
  type TakeTls,
  type TlsFiles,
  type TlsMaterial,
  watchTls,
} from '../tls/files.ts'
import type { Later } from './deadline.ts'

/** A certificate, and what looks whether there is a new one until it is called back. */
export interface Certificate {
  readonly material: TlsMaterial
  /** What clients are shown by now, and by which authority of ours they can trust it. PEM. */
  readonly shown: () => ShownCertificate
  watch(take: TakeTls): () => void
}

/** Which listener shows it, as log lines name it. */
type Title = 'HTTP' | 'KMIP' | 'EP11'

type DatesParts = Pick<AuthorityParts, 'clock' | 'log'>

/** Remembers what was taken last. */
function certificateOf(
  first: TlsMaterial,
  authority: string | undefined,
  title: Title,
  parts: DatesParts,
  watch: Certificate['watch'],
): Certificate {
  let { cert } = first
  tellStanding(cert, title, parts)
  return {
    material: first,
    shown: () => ({ cert, authority }),
    watch: (take) =>
      watch((material) => {
        cert = material.cert
        tellStanding(cert, title, parts)
        take(material)
      }),
  }
}

/** Clients may refuse a certificate for its dates, and those that know it by heart may not: it is shown all the same. */
function tellStanding(cert: Buffer, title: Title, { clock, log }: DatesParts): void {
  const { notBefore, notAfter } = datesOf(cert)
  const standing = dateStanding({ notBefore, notAfter }, clock.now())
  if (standing === 'valid') return
  const what = standing === 'expired' ? 'has expired' : 'is not valid yet'
  const since = standing === 'expired' ? { notAfter } : { notBefore }
  log.warn(
    Object.fromEntries(Object.entries(since).map(([name, at]) => [name, new Date(at).toISOString()])),
    `the certificate of the ${title} listener ${what}: clients refuse it`,
  )
}

/** Of the first certificate of a chain. */
function datesOf(cert: Buffer): { readonly notBefore: number; readonly notAfter: number } {
  return describeCertificate(new X509Certificate(cert))
}

/** When what a listener shows ends: the same for all three of them. */
export function meterCertificate(
  registry: Registry,
  title: Title,
  { shown }: Pick<Certificate, 'shown'>,
  clock: Pick<Clock, 'now'>,
): void {
  addGauge(
    registry,
    `${title.toLowerCase()}_certificate_end_seconds`,
    `Seconds until the certificate of the ${title} listener ends, negative once it has ended.`,
    () => (datesOf(shown().cert).notAfter - clock.now()) / 1_000,
  )
}

/** How often a certificate of the data folder's authority is looked at: it must outlast a server that never restarts. */
const renewalEveryMs = 24 * 3_600_000

/**
 * @param settings that name the files
 * @throws StartError CONFIG
 */
export function certificateOfFiles(
  files: TlsFiles,
  settings: { readonly cert: string; readonly key: string },
  title: Title,
  parts: DatesParts,
): Certificate {
  try {
    return certificateOf(readTls(files), undefined, title, parts, (take) => watchTls(files, take, parts.log))
  } catch (error) {
    throw new StartError(
      'CONFIG',
      `${settings.cert} and ${settings.key} cannot be used: ${(error as Error).message}.`,
      error,
    )
  }
}

export interface AuthorityParts {
  /** Absolute. */
  readonly dataFolder: string
  readonly clock: Clock
  readonly later: Later
  readonly log: Logger
}

/**
 * @param listener names its files in `tls`
 * @param names that clients connect to
 * @throws StartError CONFIG
 */
export async function certificateOfAuthority(
  parts: AuthorityParts,
  listener: string,
  names: readonly string[],
  title: Title,
): Promise<Certificate> {
  const { dataFolder, clock, later, log } = parts
  const authority = await openAuthority(dataFolder, clock)
  const material = await authority.certify(listener, names)
  return certificateOf(material, readFileSync(authority.file, 'utf8'), title, parts, (take) => {
    let shown = material
    let cancel = later(renewalEveryMs, renew)
    let isOver = false
    function renew(): void {
      authority
        .certify(listener, names)
        .then((current) => {
          if (isOver || current.cert.equals(shown.cert)) return
          shown = current
          take(current)
          log.info(`the certificate of the ${title} listener was renewed`)
        })
        .catch((error: unknown) =>
          log.warn({ err: error }, `the certificate of the ${title} listener cannot be renewed`),
        )
        .finally(() => {
          if (!isOver) cancel = later(renewalEveryMs, renew)
        })
    }
    return () => {
      isOver = true
      cancel()
    }
  })
}
