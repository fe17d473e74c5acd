/** Opens the KMIP listener as the settings want it: its certificate, kept up while it runs, its bounds, its metrics. */
import { X509Certificate } from 'node:crypto'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Clock } from '../clock.ts'
import type { KmipConfig } from '../kmip-settings.ts'
import { limits } from '../limits.ts'
import { bindError } from '../listener-address.ts'
import {
  type Certificate,
  certificateOfAuthority,
  certificateOfFiles,
  meterCertificate,
} from '../listening/certificate.ts'
import { type Later, later as systemLater } from '../listening/deadline.ts'
import { handshakeWork } from '../listening/handshake-work.ts'
import { serverNames } from '../tls/authority.ts'
import type { TlsMaterial } from '../tls/files.ts'
import { type KmipListener, type ListenBounds, listenKmip } from './listen.ts'
import { kmipMetrics } from './metrics.ts'
import type { KmipService } from './peer.ts'

export interface OpenKmipParts {
  readonly config: KmipConfig
  /** Absolute. */
  readonly dataFolder: string
  readonly service: KmipService
  readonly clock: Clock
  readonly registry: Registry
  readonly log: Logger
  /** In place of the machine's timers. */
  readonly later?: Later
}

/** A listener whose certificate is kept up. */
export interface OpenedKmip extends KmipListener {
  /** What its clients see by now. */
  readonly shown: Certificate['shown']
}

const tlsSettings = { cert: 'KEYWITNESS_KMIP_TLS_CERT', key: 'KEYWITNESS_KMIP_TLS_KEY' } as const

/**
 * @throws StartError CONFIG when the certificate cannot be had or the address cannot be bound, PORT_BUSY when it is taken
 */
export async function openKmip(parts: OpenKmipParts): Promise<OpenedKmip> {
  const { config, service, clock, log, registry } = parts
  const later = parts.later ?? systemLater
  const names = serverNames(config.address.host)
  const certificate =
    config.tls === undefined
      ? await certificateOfAuthority({ ...parts, later }, 'kmip', names, 'KMIP')
      : certificateOfFiles(config.tls, tlsSettings, 'KMIP', parts)
  meterCertificate(registry, 'KMIP', certificate, clock)
  if (config.hasLegacyCiphers) tellLegacyCiphers(certificate.material, log)
  const { address, hasLegacyCiphers } = config
  const bounds: ListenBounds = { ...fixedBounds, ...config.bounds }
  const listener = await listenKmip({
    address,
    tls: certificate.material,
    hasLegacyCiphers,
    bounds,
    service,
    clock,
    later,
    metrics: kmipMetrics(registry),
    log,
  }).catch((error: unknown) => {
    throw bindError(error, address, 'KEYWITNESS_KMIP')
  })
  const stopWatching = certificate.watch((material) => {
    if (hasLegacyCiphers) tellLegacyCiphers(material, log)
    listener.replaceCertificate(material)
  })
  return {
    address: listener.address,
    shown: certificate.shown,
    get connections() {
      return listener.connections
    },
    drop: (fingerprint) => listener.drop(fingerprint),
    replaceCertificate: (material) => listener.replaceCertificate(material),
    stop: async () => {
      stopWatching()
      await listener.stop()
    },
  }
}

/** All of the legacy cipher suites need an RSA key: to exchange keys with it, or to sign with it. */
function tellLegacyCiphers({ cert }: TlsMaterial, log: Logger): void {
  const isRsa = new X509Certificate(cert).publicKey.asymmetricKeyType === 'rsa'
  log.warn(
    isRsa
      ? 'KEYWITNESS_KMIP_LEGACY_CIPHERS is on: KMIP connections may lack forward secrecy and authenticated encryption'
      : 'KEYWITNESS_KMIP_LEGACY_CIPHERS is on to no effect: all of these cipher suites need a certificate with an RSA key, and that of the KMIP listener has another',
  )
}

const fixedBounds = {
  handshakeMs: limits.kmipHandshakeMs,
  handshakes: limits.kmipHandshakes,
  handshakeWork,
  connectsPerSecond: limits.kmipConnectsPerSecond,
  connectBurst: limits.kmipConnectBurst,
  backlog: limits.kmipBacklog,
  idleMs: limits.kmipIdleMs,
  messageMs: limits.kmipMessageMs,
  answerMs: limits.kmipAnswerMs,
  lingerMs: limits.kmipLingerMs,
  overloadMs: limits.kmipOverloadMs,
  sources: limits.kmipSources,
  heldBytes: limits.kmipHeldBytes,
  ownBytes: limits.kmipOwnBytes,
  drainMs: limits.drainMs / 2,
} as const
