/** EP11 for tests: its listeners on loopback over real TLS, the house's identities and audit door, a unit that is told what to say. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ActivityEvent } from '@keywitness/cadf'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { openCertificates, type OpenCertificates } from '../../certificates/certificates.ts'
import type { Minted } from '../../certificates/testing/mint.ts'
import { type Ep11Config, ep11ConfigOf, ep11Settings } from '../../ep11-settings.ts'
import type { InstanceRole } from '../../iam/permissions.ts'
import { fingerprintOf } from '../../tls/certificate-pem.ts'
import type { Later } from '../../listening/deadline.ts'
import { policiesInForce } from '../../policies/in-force.ts'
import { type HttpHouse, openHttpHouse } from '../../testing/http-house.ts'
import { createEp11 } from '../ep11.ts'
import type { Ep11Method } from '../method.ts'
import { type Ep11Listeners, openEp11 } from '../open.ts'
import { FakeUnit } from './fake-unit.ts'
import { type ClientOptions, type Generation, Grep11Client } from './grep11-client.ts'

export interface Ep11HouseOptions {
  readonly settings?: Readonly<Partial<Record<keyof typeof ep11Settings, string>>>
  readonly later?: Later
  /** Of other services on the same listeners. */
  readonly methods?: (house: HttpHouse) => readonly Ep11Method[]
}

export interface Ep11House extends HttpHouse {
  readonly unit: FakeUnit
  readonly listeners: Ep11Listeners
  readonly registry: Registry
  readonly ports: { readonly public: number; readonly private: number }
  /** PEM of the authority that vouches for the listeners. */
  readonly ca: Buffer
  /** A client with a token of the operator's owner, or of another API key. */
  client(
    generation?: Generation,
    options?: Partial<ClientOptions> & { readonly apiKey?: string },
  ): Promise<Grep11Client>
  /** A service ID of the operator's account with this role on the first instance; answers its API key. */
  withRole(role: InstanceRole, instance?: string): Promise<string>
  readonly certificates: OpenCertificates
  /** From now on an instance, the operator's first unless told otherwise, accepts clients by this certificate. */
  accept(id: string, authority: Pick<Minted, 'der'>, instance?: string): void
  /** From now on it does not. */
  drop(id: string, instance?: string): void
  /** Events of EP11 since the last call of `news`. */
  uses(): ActivityEvent[]
}

export function configOf(settings: Ep11HouseOptions['settings'] = {}): Ep11Config {
  const own: Readonly<Record<string, string>> = {
    KEYWITNESS_EP11: '127.0.0.1:0',
    KEYWITNESS_EP11_PRIVATE: '127.0.0.1:0',
    ...settings,
  }
  return ep11ConfigOf((name) => own[name] ?? ep11Settings[name].default, true)
}

export async function openEp11House(options: Ep11HouseOptions = {}): Promise<Ep11House> {
  const house = await openHttpHouse()
  const closeHouse = house.close
  const folder = mkdtempSync(join(tmpdir(), 'ep11-'))
  const unit = new FakeUnit()
  const registry = new Registry()
  const config = configOf(options.settings)
  const { identity, clock, store } = house
  const certificates = openCertificates({
    ...identity,
    ...identity.door,
    reader: store,
    clock,
    random: randomBytes,
    registry,
    serviceName: 'Keywitness',
    recoveryHours: 24,
  })
  const ep11 = createEp11({
    ...identity,
    ...identity.door,
    unit,
    policies: policiesInForce(store, randomBytes),
    certificates,
    authenticationFailed: () => undefined,
    clock,
    bounds: config.bounds,
    methods: options.methods?.(house) ?? [],
    registry,
  })
  const log = pino({ level: 'trace' }, { write: (line) => void house.logged.push(line) })
  const later = options.later === undefined ? {} : { later: options.later }
  const listeners = await openEp11({ config, dataFolder: folder, ep11, clock, registry, log, ...later })
  const portOf = (address: string | undefined): number => Number(address?.split(':').at(-1))
  const ports = { public: portOf(listeners.addresses.public), private: portOf(listeners.addresses.private) }
  const ca = readFileSync(join(folder, 'tls', 'ca.pem'))
  const clients: Grep11Client[] = []
  return Object.assign(house, {
    unit,
    listeners,
    registry,
    ports,
    ca,
    async client(generation: Generation = 'c', more: Partial<ClientOptions> & { apiKey?: string } = {}) {
      const token = await house.token(more.apiKey ?? house.operator.apiKey)
      const metadata = { authorization: `Bearer ${token}`, ...more.metadata }
      const client = new Grep11Client(generation, { port: ports.public, ca, ...more, metadata })
      clients.push(client)
      house.news()
      return client
    },
    async withRole(role: InstanceRole, instance = house.operator.instance) {
      const { apiKey } = house.operator
      const made = await house.as(apiKey, { method: 'POST', url: '/v1/iam/service-ids', payload: { name: role } })
      const { id } = made.json<{ id: string }>()
      const scope = { kind: 'instance', id: instance }
      await house.as(apiKey, { method: 'POST', url: '/v1/iam/roles', payload: { identity: id, role, scope } })
      const key = await house.as(apiKey, {
        method: 'POST',
        url: '/v1/iam/api-keys',
        payload: { identity: id, name: 'key' },
      })
      return key.json<{ apikey: string }>().apikey
    },
    certificates,
    accept(id: string, { der }: Pick<Minted, 'der'>, instance = house.operator.instance) {
      store.run(
        `INSERT OR REPLACE INTO accepted_certificates
           (instance, administrator, id, fingerprint, certificate, not_after, created_at, updated_at)
         VALUES (?, 'somebody', ?, ?, ?, 0, 0, 0)`,
        [instance, id, fingerprintOf(der), der],
      )
      certificates.parts.changed(instance)
    },
    drop(id: string, instance = house.operator.instance) {
      store.run('DELETE FROM accepted_certificates WHERE instance = ? AND id = ?', [instance, id])
      certificates.parts.changed(instance)
    },
    uses: () => house.news().filter(({ action }) => action === 'hs-crypto.ep11.use'),
    close: async () => {
      for (const client of clients) client.close()
      await listeners.stop()
      await closeHouse()
      rmSync(folder, { recursive: true })
    },
  })
}
