/** Certificate and key of a TLS listener: read from their files, and read again when they change. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Logger } from 'pino'

/** PEM files. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

/** PEM. */
export interface TlsMaterial {
  readonly cert: Buffer
  readonly key: Buffer
}

/** What a listener shows its clients. PEM. */
export interface ShownCertificate {
  /** Its own certificate first. */
  readonly cert: Buffer
  /** The certificate of the data folder's authority that signed it; undefined for a certificate of the operator's. */
  readonly authority: string | undefined
}

/** Gives a listener its new certificate; connections that are open keep theirs. */
export type TakeTls = (material: TlsMaterial) => void

/** @throws Error when a file cannot be read, or they do not belong together */
export function readTls(files: TlsFiles): TlsMaterial {
  const material = { cert: readFileSync(files.cert), key: readFileSync(files.key) }
  requirePair(material)
  return material
}

/**
 * OpenSSL takes a certificate beside a key of another type, and then fails every handshake.
 * @throws Error when they do not belong together, or cannot be used
 */
export function requirePair({ cert, key }: { readonly cert: string | Buffer; readonly key: string | Buffer }): void {
  createSecureContext({ cert, key })
  const ofCertificate = new X509Certificate(cert).publicKey.asymmetricKeyType
  const ofKey = createPrivateKey(key).asymmetricKeyType
  if (ofCertificate !== ofKey) {
    throw new Error(
      `key types mismatch: the certificate is for ${typeName(ofCertificate)}, the key is ${typeName(ofKey)}`,
    )
  }
}

function typeName(type: string | undefined): string {
  return type?.toUpperCase() ?? 'of no known type'
}

/** How often the files are looked at. */
const lookEveryMs = 10_000

/**
 * Hands on the new certificate when the files change. Files that do not (yet) belong together are left alone and looked
 * at again. The returned function stops watching.
 */
export function watchTls(files: TlsFiles, take: TakeTls, log: Logger): () => void {
  const changed = (): void => reloadTls(files, take, log)
  for (const file of [files.cert, files.key]) watchFile(file, { interval: lookEveryMs, persistent: false }, changed)
  return () => {
    for (const file of [files.cert, files.key]) unwatchFile(file, changed)
  }
}

/** Reads the files now. The log tells the outcome; a failure changes nothing. */
export function reloadTls(files: TlsFiles, take: TakeTls, log: Logger): void {
  try {
    take(readTls(files))
    log.info('the TLS certificate was read again')
  } catch (error) {
    log.warn({ err: error }, 'the TLS files changed but cannot be used; the listener keeps its certificate')
  }
}
