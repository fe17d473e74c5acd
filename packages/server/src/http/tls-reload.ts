/** Reads the TLS files again when they change, so that a renewed certificate needs no restart. */
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { createSecureContext, type Server } from 'node:tls'
import type { Logger } from 'pino'

export interface TlsFiles {
  /** PEM file with the certificate chain. */
  readonly cert: string
  /** PEM file with its private key. */
  readonly key: string
}

/** Between two looks, milliseconds. Polling, because renewed files are often replaced through links. */
const lookEveryMs = 5_000

/** @throws Error when a file cannot be read or the two do not belong together */
export function readTls(files: TlsFiles): { cert: Buffer; key: Buffer } {
  const pair = { cert: readFileSync(files.cert), key: readFileSync(files.key) }
  createSecureContext(pair)
  return pair
}

/** New connections get the new certificate; a pair that does not fit is reported, and the old one stays in use. */
export function reloadTls(
  server: Pick<Server, 'setSecureContext'>,
  files: TlsFiles,
  log: Logger,
  everyMs = lookEveryMs,
): () => void {
  const reload = (): void => {
    try {
      server.setSecureContext({ ...readTls(files), minVersion: 'TLSv1.2' })
      log.info('the TLS files were read again')
    } catch (error) {
      log.error({ err: error }, 'the changed TLS files cannot be used; the old certificate stays')
    }
  }
  for (const file of [files.cert, files.key]) watchFile(file, { interval: everyMs, persistent: false }, reload)
  return () => {
    for (const file of [files.cert, files.key]) unwatchFile(file, reload)
  }
}
