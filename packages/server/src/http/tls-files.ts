/** Certificate and key of a TLS listener: read from their files, and read again when they change. */
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'

/** PEM files. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

export interface TlsMaterial {
  readonly cert: Buffer
  readonly key: Buffer
}

/** @throws Error when a file cannot be read, or they do not belong together */
export function readTls(files: TlsFiles): TlsMaterial {
  const material = { cert: readFileSync(files.cert), key: readFileSync(files.key) }
  createSecureContext(material)
  return material
}

/** How often the files are looked at. */
const lookEveryMs = 10_000

/**
 * Gives a listener its new certificate when the files change; connections that are open keep theirs. Files that do not
 * (yet) belong together are left alone and looked at again. The returned function stops watching.
 */
export function watchTls(app: FastifyInstance, files: TlsFiles, log: Logger): () => void {
  const changed = (): void => reloadTls(app, files, log)
  for (const file of [files.cert, files.key]) watchFile(file, { interval: lookEveryMs, persistent: false }, changed)
  return () => {
    for (const file of [files.cert, files.key]) unwatchFile(file, changed)
  }
}

/** Reads the files now. The log tells the outcome; a failure changes nothing. */
export function reloadTls(app: FastifyInstance, files: TlsFiles, log: Logger): void {
  try {
    const material = readTls(files)
    if (!('setSecureContext' in app.server)) throw new Error('the listener has no TLS')
    const server = app.server as typeof app.server & { setSecureContext(material: TlsMaterial): void }
    server.setSecureContext(material)
    log.info('the TLS certificate was read again')
  } catch (error) {
    log.warn({ err: error }, 'the TLS files changed but cannot be used; the listener keeps its certificate')
  }
}
