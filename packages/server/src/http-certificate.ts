/** The certificate that the HTTP listeners show, public and private alike, where the settings name one. */
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Clock } from './clock.ts'
import { httpTlsSettings } from './config.ts'
import { certificateOfFiles, meterCertificate } from './listening/certificate.ts'
import type { TlsFiles, TlsMaterial } from './tls/files.ts'
import { replaceCertificate } from './http/listener.ts'

export interface HttpCertificate {
  /** For the options of a listener; empty without TLS. */
  readonly options: { readonly tls?: TlsMaterial }
  /** Hands the listeners each new certificate, until it is called back. */
  watch(listeners: readonly FastifyInstance[]): () => void
}

/** @throws StartError CONFIG when the files cannot be used */
export function httpCertificate(
  files: TlsFiles | undefined,
  parts: { readonly clock: Clock; readonly log: Logger; readonly registry: Registry },
): HttpCertificate {
  if (files === undefined) return { options: {}, watch: () => () => undefined }
  const certificate = certificateOfFiles(files, httpTlsSettings, 'HTTP', parts)
  meterCertificate(parts.registry, 'HTTP', certificate, parts.clock)
  return {
    options: { tls: certificate.material },
    watch: (listeners) =>
      certificate.watch((material) => {
        for (const listener of listeners) replaceCertificate(listener, material)
      }),
  }
}
