/** Opens the EP11 listeners as the settings want them: public and private, with one certificate that is kept up. */
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Clock } from '../clock.ts'
import { type Ep11Config, ep11SettingNames } from '../ep11-settings.ts'
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
import { CallBounds } from './call-bounds.ts'
import type { Ep11 } from './ep11.ts'
import { type Ep11Listener, listenEp11 } from './listen.ts'
import { type BoundMetrics, type Ep11Network, listenerMetrics } from './metrics.ts'

export interface OpenEp11Parts {
  readonly config: Ep11Config
  /** Absolute. */
  readonly dataFolder: string
  readonly ep11: Pick<Ep11, 'door' | 'certificates' | 'whenChanged'> & { readonly metrics: BoundMetrics }
  readonly clock: Clock
  readonly registry: Registry
  readonly log: Logger
  /** In place of the machine's timers. */
  readonly later?: Later
}

export interface Ep11Listeners {
  /** `host:port` of each that there is. */
  readonly addresses: Readonly<Partial<Record<Ep11Network, string>>>
  /** What clients of all of them see by now; undefined when there is none. */
  readonly shown: Certificate['shown'] | undefined
  stop(): Promise<void>
}

/** Clients may reach an instance by a name of its own: `<GUID>.ep11.localhost`. */
const anyInstance = '*.ep11.localhost'

const networks = ['public', 'private'] as const

/**
 * @throws StartError CONFIG when the certificate cannot be had or an address cannot be bound, PORT_BUSY when it is taken
 */
export async function openEp11(parts: OpenEp11Parts): Promise<Ep11Listeners> {
  const { config } = parts
  const later = parts.later ?? systemLater
  const wanted = networks.filter((network) => config[network] !== undefined)
  if (wanted.length === 0) return { addresses: {}, shown: undefined, stop: () => Promise.resolve() }
  const hosts = wanted.flatMap((network) => config[network]?.host ?? [])
  const names = [...new Set(hosts.flatMap((host) => serverNames(host))), anyInstance]
  const certificate =
    config.tls === undefined
      ? await certificateOfAuthority({ ...parts, later }, 'ep11', names, 'EP11')
      : certificateOfFiles(config.tls, ep11SettingNames, 'EP11', parts)
  meterCertificate(parts.registry, 'EP11', certificate, parts.clock)
  const metricsOf = listenerMetrics(parts.registry)
  const opened = new Map<Ep11Network, Ep11Listener>()
  const stopAll = async (): Promise<void> => {
    await Promise.all([...opened.values()].map((listener) => listener.stop()))
  }
  for (const network of wanted) {
    const address = config[network]
    if (address === undefined) continue
    const listening = listenEp11({
      ...parts,
      later,
      address,
      isPrivate: network === 'private',
      tls: certificate.material,
      bounds: { ...acceptBounds, ...config.bounds },
      connection: connectionBounds,
      calls: { ...parts.ep11, bounds: new CallBounds(callBounds, later), ...callTimes },
      drainMs: limits.drainMs / 2,
      metrics: metricsOf(network),
    })
    try {
      opened.set(network, await listening)
    } catch (error) {
      await stopAll()
      throw bindError(error, address, ep11SettingNames[network])
    }
  }
  const { certificates, whenChanged } = parts.ep11
  whenChanged((instance) => {
    for (const { connections } of opened.values()) {
      for (const connection of connections) {
        // At once, unless it is being answered: then with that.
        if (certificates.isCutOff(connection.peer, instance)) connection.close()
      }
    }
  })
  const stopWatching = certificate.watch((material) => {
    for (const listener of opened.values()) listener.replaceCertificate(material)
  })
  return {
    addresses: Object.fromEntries([...opened].map(([network, { address }]) => [network, address])),
    shown: certificate.shown,
    async stop() {
      stopWatching()
      await stopAll()
    },
  }
}

const acceptBounds = {
  handshakeMs: limits.ep11HandshakeMs,
  handshakes: limits.ep11Handshakes,
  handshakeWork,
  connectsPerSecond: limits.ep11ConnectsPerSecond,
  connectBurst: limits.ep11ConnectBurst,
  backlog: limits.ep11Backlog,
  sources: limits.ep11Sources,
} as const

const connectionBounds = {
  streams: limits.ep11Streams,
  headerBytes: limits.ep11HeaderBytes,
  headerPairs: limits.ep11HeaderPairs,
  resetBurst: limits.ep11ResetBurst,
  resetsPerSecond: limits.ep11ResetsPerSecond,
  invalidFrames: limits.ep11InvalidFrames,
  refusedStreams: limits.ep11RefusedStreams,
  memoryBytes: limits.ep11HeldBytes,
  idleMs: limits.ep11IdleMs,
  pingMs: limits.ep11PingMs,
  pingWaitMs: limits.ep11PingWaitMs,
  lingerMs: limits.ep11LingerMs,
} as const

const callBounds = {
  calls: limits.ep11Calls,
  callsOfCaller: limits.ep11CallsOfCaller,
  readings: limits.ep11Readings,
  readingsOfCaller: limits.ep11ReadingsOfCaller,
  slowBytes: limits.ep11SlowBytes,
  slowMs: limits.ep11SlowMs,
  heldBytes: limits.ep11HeldBytes,
} as const

const callTimes = {
  metadataBytes: limits.ep11MetadataBytes,
  messageBytes: limits.ep11MessageBytes,
  messageMs: limits.ep11MessageMs,
  answerMs: limits.ep11AnswerMs,
} as const
