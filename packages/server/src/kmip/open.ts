/** Opens the KMIP listener as the settings want it: its certificate, kept up while it runs, its bounds, its metrics. */
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Clock } from '../clock.ts'
import type { KmipConfig } from '../kmip-settings.ts'
import { limits } from '../limits.ts'
import { bindError } from '../listener-address.ts'
import { StartError } from '../start-error.ts'
import { openAuthority, serverNames } from '../tls/authority.ts'
import { readTls, type TakeTls, type TlsMaterial, watchTls } from '../tls/files.ts'
import { type Later, later as systemLater } from './deadline.ts'
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

/** How often a certificate of the data folder's authority is looked at: it must outlast a server that never restarts. */
const renewalEveryMs = 24 * 3_600_000

/**
 * @throws StartError CONFIG when the certificate cannot be had or the address cannot be bound, PORT_BUSY when it is taken
 */
export async function openKmip(parts: OpenKmipParts): Promise<KmipListener> {
  const { config, service, clock, log, registry } = parts
  const later = parts.later ?? systemLater
  const certificate = config.tls === undefined ? await ofAuthority(parts, later) : ofFiles(config.tls, log)
  if (config.hasLegacyCiphers) {
    log.warn(
      'KEYWITNESS_KMIP_LEGACY_CIPHERS is on: KMIP connections may lack forward secrecy and authenticated encryption',
    )
  }
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
  const stopWatching = certificate.watch((material) => listener.replaceCertificate(material))
  return {
    address: listener.address,
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

/** A certificate, and what looks whether there is a new one until it is called back. */
interface Certificate {
  readonly material: TlsMaterial
  watch(take: TakeTls): () => void
}

function ofFiles(files: NonNullable<KmipConfig['tls']>, log: Logger): Certificate {
  try {
    return { material: readTls(files), watch: (take) => watchTls(files, take, log) }
  } catch (error) {
    throw new StartError(
      'CONFIG',
      `KEYWITNESS_KMIP_TLS_CERT and KEYWITNESS_KMIP_TLS_KEY cannot be used: ${(error as Error).message}.`,
      error,
    )
  }
}

async function ofAuthority({ config, dataFolder, clock, log }: OpenKmipParts, later: Later): Promise<Certificate> {
  const authority = await openAuthority(dataFolder, clock)
  const names = serverNames(config.address.host)
  const material = await authority.certify('kmip', names)
  return {
    material,
    watch(take) {
      let shown = material
      let cancel = later(renewalEveryMs, renew)
      let isOver = false
      function renew(): void {
        authority
          .certify('kmip', names)
          .then((current) => {
            if (isOver || current.cert.equals(shown.cert)) return
            shown = current
            take(current)
            log.info('the certificate of the KMIP listener was renewed')
          })
          .catch((error: unknown) => log.warn({ err: error }, 'the certificate of the KMIP listener cannot be renewed'))
          .finally(() => {
            if (!isOver) cancel = later(renewalEveryMs, renew)
          })
      }
      return () => {
        isOver = true
        cancel()
      }
    },
  }
}

const fixedBounds = {
  handshakeMs: limits.kmipHandshakeMs,
  handshakes: limits.kmipHandshakes,
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
