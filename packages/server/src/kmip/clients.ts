/** Who a client is: the adapter that its certificate belongs to, looked up for every message anew. */
import { X509Certificate } from 'node:crypto'
import { Refusal } from '../errors.ts'
import type { NetworkPolicies } from '../http/network.ts'
import type { Instance } from '../instances/instance.ts'
import type { Instances } from '../instances/instances.ts'
import type { Condition, Reader } from '../store/store.ts'
import type { KmipPeer } from './peer.ts'
import type { AdapterRow, CertificateRow } from './management/rows.ts'

/** A client that is let in, and what must still hold of it when its message is recorded. */
export interface Client {
  readonly instance: Instance
  readonly adapter: AdapterRow
  readonly certificate: Pick<CertificateRow, 'id' | 'name' | 'fingerprint'>
  readonly condition: Condition
}

export interface ClientParts {
  readonly reader: Reader
  readonly instances: Pick<Instances, 'find'>
  readonly policies: NetworkPolicies
  /** Where the listener is: of a certificate that several locations know, this one's adapter is meant. */
  readonly location: string
}

interface Row {
  readonly certificate: string
  readonly certificateName: string
  readonly der: Uint8Array
  readonly instance: string
  readonly id: string
  readonly name: string
  readonly description: string
  readonly profile: string
  readonly crk: string
  readonly createdAt: number
  readonly createdBy: string
  readonly updatedAt: number
  readonly updatedBy: string
}

const byFingerprint = `SELECT c.id AS certificate, c.name AS certificateName, c.certificate AS der, a.instance, a.id, a.name,
    a.description, a.profile, a.crk, a.created_at AS createdAt, a.created_by AS createdBy, a.updated_at AS updatedAt,
    a.updated_by AS updatedBy
  FROM kmip_certificates c INDEXED BY kmip_certificates_fingerprint
  JOIN kmip_adapters a ON a.instance = c.instance AND a.id = c.adapter
  WHERE c.fingerprint = ?1 ORDER BY c.location <> ?2, c.created_at LIMIT 1`

const stillRegistered = 'SELECT 1 FROM kmip_certificates WHERE instance = ? AND adapter = ? AND id = ?'
const isKnown = 'SELECT 1 FROM kmip_certificates INDEXED BY kmip_certificates_fingerprint WHERE fingerprint = ?'

/** Certificates whose validity is kept ready: reading one costs more than a whole request otherwise does. */
const validitiesMax = 1_000

interface Validity {
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly to: number
}

export class Clients {
  readonly #parts: ClientParts
  /** By fingerprint, and so for ever true. */
  readonly #validities = new Map<string, Validity>()

  constructor(parts: ClientParts) {
    this.#parts = parts
  }

  /** Whether an adapter has the peer's certificate; what it may is another matter. */
  isRegistered({ fingerprint }: KmipPeer): boolean {
    return fingerprint !== undefined && this.#parts.reader.get(isKnown, fingerprint) !== undefined
  }

  /**
   *
   * @throws Refusal `KMIP_NO_CERTIFICATE`, `KMIP_UNKNOWN_CERTIFICATE`
   */
  find({ fingerprint }: KmipPeer): Client & { readonly validity: Validity } {
    if (fingerprint === undefined) throw new Refusal('KMIP_NO_CERTIFICATE')
    const { reader, instances, location } = this.#parts
    const row = reader.get<Row>(byFingerprint, fingerprint, location)
    const instance = row === undefined ? undefined : instances.find(row.instance)
    if (row === undefined || instance === undefined) throw new Refusal('KMIP_UNKNOWN_CERTIFICATE')
    const { certificate, certificateName, der, ...adapter } = row
    return {
      instance,
      adapter,
      certificate: { id: certificate, name: certificateName, fingerprint },
      condition: { sql: stillRegistered, params: [row.instance, row.id, certificate] },
      validity: this.#validityOf(fingerprint, der),
    }
  }

  /**
   * Whether a known client may come in now, and from there.
   * @throws Refusal `KMIP_CERTIFICATE_EXPIRED`, `UNAUTHORIZED_ERR`
   */
  admit({ instance, validity }: ReturnType<Clients['find']>, { address }: KmipPeer, now: number): void {
    if (now < validity.from || now >= validity.to) throw new Refusal('KMIP_CERTIFICATE_EXPIRED')
    this.#parts.policies.rulesOf(instance.guid).requireAddress({ isPrivate: true, address })
  }

  #validityOf(fingerprint: string, der: Uint8Array): Validity {
    const known = this.#validities.get(fingerprint)
    if (known !== undefined) return known
    const { validFromDate, validToDate } = new X509Certificate(der)
    const validity = { from: validFromDate.getTime(), to: validToDate.getTime() }
    if (this.#validities.size >= validitiesMax) this.#validities.clear()
    this.#validities.set(fingerprint, validity)
    return validity
  }
}
