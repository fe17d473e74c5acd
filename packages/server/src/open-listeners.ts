/** Opens every listener in front of the services: HTTP, KMIP and EP11. */
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { type Ep11Listeners, openEp11 } from './ep11/open.ts'
import type { Endpoint, Endpoints } from './http/routes/locations.ts'
import { type OpenedKmip, openKmip } from './kmip/open.ts'
import { addressText, bindError } from './listener-address.ts'
import type { RunFile } from './run-file.ts'
import type { Services } from './services.ts'
import type { Address } from './setting-values.ts'

export interface ListenersParts {
  readonly config: Config
  readonly services: Pick<Services, 'publicListener' | 'privateListener' | 'kmip' | 'ep11' | 'announce'>
  readonly clock: Clock
  readonly registry: Registry
  readonly log: Logger
}

export interface Listeners {
  /** `host:port` of each that there is. */
  readonly addresses: Pick<RunFile, 'http' | 'httpPrivate' | 'kmip' | 'ep11' | 'ep11Private'>
  /** Refuses new connections and lets what is being answered be answered. */
  stop(): Promise<void>
}

/**
 * @param undo steps that close what was opened, for a start that fails later
 * @throws StartError CONFIG, PORT_BUSY
 */
export async function openListeners(
  { config, services, clock, registry, log }: ListenersParts,
  undo: (() => void | Promise<void>)[],
): Promise<Listeners> {
  const { publicListener, privateListener } = services
  const http = await listen(publicListener, config.http, 'KEYWITNESS_HTTP')
  undo.push(() => publicListener.close())
  const httpPrivate = await listen(privateListener, config.httpPrivate, 'KEYWITNESS_HTTP_PRIVATE')
  undo.push(() => privateListener.close())
  const common = { dataFolder: config.data, clock, registry, log }
  const kmip =
    config.kmip === undefined
      ? undefined
      : await openKmip({ ...common, config: config.kmip, service: services.kmip.service })
  if (kmip !== undefined) {
    services.kmip.attach(kmip)
    undo.push(() => kmip.stop())
  }
  const ep11 = await openEp11({ ...common, config: config.ep11, ep11: services.ep11 })
  undo.push(() => ep11.stop())
  services.announce(endpointsOf(config, kmip, ep11))
  return {
    addresses: {
      http,
      httpPrivate,
      kmip: kmip?.address,
      ep11: ep11.addresses.public,
      ep11Private: ep11.addresses.private,
    },
    stop: async () => {
      await Promise.all([publicListener.close(), privateListener.close(), kmip?.stop(), ep11.stop()])
    },
  }
}

/** Where clients find what is open. */
function endpointsOf(config: Config, kmip: OpenedKmip | undefined, ep11: Ep11Listeners): Endpoints {
  const found = (bound: string | undefined, wanted: Address | undefined, shown: Endpoint['shown'] | undefined) => {
    if (bound === undefined || wanted === undefined || shown === undefined) return undefined
    const isEverywhere = wanted.host === '0.0.0.0' || wanted.host === '::'
    return {
      host: isEverywhere ? undefined : wanted.host,
      port: Number(bound.slice(bound.lastIndexOf(':') + 1)),
      shown,
    }
  }
  const ofKmip = found(kmip?.address, config.kmip?.address, kmip?.shown)
  const ofPublic = found(ep11.addresses.public, config.ep11.public, ep11.shown)
  const ofPrivate = found(ep11.addresses.private, config.ep11.private, ep11.shown)
  const ofEp11 = {
    ...(ofPublic === undefined ? {} : { public: ofPublic }),
    ...(ofPrivate === undefined ? {} : { private: ofPrivate }),
  }
  return {
    ...(ofKmip === undefined ? {} : { kmip: ofKmip }),
    ...(ep11.shown === undefined ? {} : { ep11: ofEp11 }),
  }
}

/** Binds a listener. Answers the real `host:port`. */
async function listen(app: FastifyInstance, address: Address, setting: string): Promise<string> {
  try {
    await app.listen(address)
  } catch (error) {
    throw bindError(error, address, setting)
  }
  return addressText(app.server.address())
}
