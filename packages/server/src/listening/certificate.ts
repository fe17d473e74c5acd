/** The certificate that a TLS listener shows: the operator's files, or one of the data folder's authority that is kept up. */
import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import { StartError } from '../start-error.ts'
import { openAuthority } from '../tls/authority.ts'
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

/** Remembers what was taken last. */
function certificateOf(first: TlsMaterial, authority: string | undefined, watch: Certificate['watch']): Certificate {
  let { cert } = first
  return {
    material: first,
    shown: () => ({ cert, authority }),
    watch: (take) =>
      watch((material) => {
        cert = material.cert
        take(material)
      }),
  }
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
  log: Logger,
): Certificate {
  try {
    return certificateOf(readTls(files), undefined, (take) => watchTls(files, take, log))
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
 * @param title as log lines name the listener
 * @throws StartError CONFIG
 */
export async function certificateOfAuthority(
  { dataFolder, clock, later, log }: AuthorityParts,
  listener: string,
  names: readonly string[],
  title: string,
): Promise<Certificate> {
  const authority = await openAuthority(dataFolder, clock)
  const material = await authority.certify(listener, names)
  return certificateOf(material, readFileSync(authority.file, 'utf8'), (take) => {
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
