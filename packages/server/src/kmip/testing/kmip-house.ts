/** A KMIP service in the key service's house of tests: an adapter, its client's certificate, and messages in and out. */
import { createHash, X509Certificate } from 'node:crypto'
import type { Audit } from '../../audit.ts'
import { FloodControl } from '../../iam/flood.ts'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { readAccounts } from '../../iam/accounts.ts'
import { readInstances } from '../../instances/instances.ts'
import { type House, openHouse } from '../../keys/testing/house.ts'
import { policiesInForce } from '../../policies/in-force.ts'
import { selfSigned } from '../../testing/self-signed.ts'
import { createKmip, type Kmip } from '../kmip.ts'
import type { AdapterRow } from '../management/rows.ts'
import { messageMetrics } from '../metrics.ts'
import { addAdapter, addCertificate } from '../management/testing/adapters.ts'
import type { KmipPeer } from '../peer.ts'
import { type Asking, asking } from './messages.ts'

export interface Client extends Asking {
  readonly adapter: AdapterRow
  readonly peer: KmipPeer
  /** Bytes as they are. */
  raw(message: Uint8Array): Promise<{ bytes: Buffer | undefined; close: boolean }>
}

export interface KmipHouse extends House {
  readonly kmip: Kmip
  readonly registry: Registry
  readonly client: Client
  readonly flood: FloodControl
  /** The first client, of a service that records through another door. */
  through(audit: Audit): Client
  /** Another adapter of the instance with a client of its own. */
  stranger(): Promise<Client>
}

export async function openKmipHouse(): Promise<KmipHouse> {
  const house = openHouse()
  const { parts, store } = house
  const flood = new FloodControl(() => 0)
  const registry = new Registry()
  const metrics = messageMetrics(registry)
  const kmipWith = (audit: Audit): Kmip =>
    createKmip({
      ...parts,
      reader: store,
      carry: house.carry,
      metrics,
      audit,
      accounts: readAccounts(store),
      instances: readInstances(store),
      policies: policiesInForce(store, parts.random),
      clock: { now: () => house.time, monotonic: () => 0 },
      flood,
      forgetting: { owe: () => void parts.forget() },
      cname: 'keywitness',
      location: 'us-south',
      serviceName: 'Keywitness',
      log: pino({ level: 'trace' }, { write: (line) => void house.logged.push(line) }),
    })
  const kmip = kmipWith(house.audit)
  const clientOf = async (name: string): Promise<Client> => {
    const adapter = await addAdapter(house, { name })
    const { cert } = selfSigned(name)
    await addCertificate(house, name, { name: 'host', pem: cert })
    return connect(kmip, adapter, peerOf(cert))
  }
  const client = await clientOf('vcenter')
  let strangers = 0
  return Object.assign(house, {
    kmip,
    flood,
    registry,
    client,
    through: (audit: Audit) => connect(kmipWith(audit), client.adapter, client.peer),
    stranger: () => {
      strangers += 1
      return clientOf(`stranger-${strangers}`)
    },
  })
}

/** A peer with this certificate, as the listener would tell of it. */
export function peerOf(pem: string): KmipPeer {
  const certificate = new X509Certificate(pem).raw
  return { certificate, fingerprint: createHash('sha256').update(certificate).digest('hex'), address: '127.0.0.1' }
}

function connect({ service }: Pick<Kmip, 'service'>, adapter: AdapterRow, peer: KmipPeer): Client {
  const raw = (message: Uint8Array) => service.answer(peer, Buffer.from(message))
  const exchange = async (request: Uint8Array): Promise<Buffer> => {
    const { bytes } = await raw(request)
    if (bytes === undefined) throw new Error('there is no answer')
    return bytes
  }
  return { adapter, peer, raw, ...asking(exchange) }
}
