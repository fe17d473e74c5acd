/** Who a client is: the adapter that its certificate belongs to, looked up for every message anew. */
import { X509Certificate } from 'node:crypto'
import { Refusal } from '../errors.ts'
import type { NetworkPolicies } from '../http/network.ts'
import type { Instance } from '../instances/instance.ts'
import type { Instances } from '../instances/instances.ts'
import type { Condition, Reader } from '../store/store.ts'
import type { KmipPeer } from './peer.ts'
import { standingOf, type Validity, validityOf } from './management/certificate.ts'
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

/** An adapter with the certificate that it has. */
interface Row extends AdapterRow {
  readonly certificate: string
  readonly certificateName: string
}

/** One for each location that has it. The instance is joined so that its changes, too, are changes of the row. */
const byFingerprint = `SELECT c.id AS certificate, c.name AS certificateName,
    a.instance, a.id, a.name, a.description, a.profile, a.crk, a.created_at AS createdAt, a.created_by AS createdBy,
    a.updated_at AS updatedAt, a.updated_by AS updatedBy
  FROM kmip_certificates c INDEXED BY kmip_certificates_fingerprint
  JOIN kmip_adapters a ON a.instance = c.instance AND a.id = c.adapter
  JOIN instances i ON i.guid = a.instance
  WHERE c.fingerprint = ?1 ORDER BY c.location <> ?2, c.created_at LIMIT 1`

const derOf = 'SELECT certificate AS der FROM kmip_certificates WHERE instance = ? AND adapter = ? AND id = ?'
const stillRegistered = 'SELECT 1 FROM kmip_certificates WHERE instance = ? AND adapter = ? AND id = ?'

/** Certificates whose validity is kept ready: reading one costs more than a whole request otherwise does. */
const validitiesMax = 1_000

type Known = Client & { readonly validity: Validity }

export class Clients {
  readonly #parts: ClientParts
  /** By the row that tells it, which is another one once anything that it was read from has changed. */
  readonly #known = new WeakMap<Row, Known>()
  /** By fingerprint, and so for ever true. */
  readonly #validities = new Map<string, Validity>()

  constructor(parts: ClientParts) {
    this.#parts = parts
  }

  /** Whether an adapter has the peer's certificate; what it may is another matter. */
  isRegistered({ fingerprint }: KmipPeer): boolean {
    return fingerprint !== undefined && this.#find(fingerprint) !== undefined
  }

  /**
   * Whose certificate it is, valid or not.
   * @throws Refusal `KMIP_NO_CERTIFICATE`, `KMIP_UNKNOWN_CERTIFICATE`
   */
  find({ fingerprint }: KmipPeer): Known {
    if (fingerprint === undefined) throw new Refusal('KMIP_NO_CERTIFICATE')
    const known = this.#find(fingerprint)
    if (known === undefined) throw new Refusal('KMIP_UNKNOWN_CERTIFICATE')
    return known
  }

  /**
   * The client, if it may come in now, and from there.
   * @param now milliseconds since the epoch
   * @throws Refusal as `find`; `KMIP_CERTIFICATE_EXPIRED`, `KMIP_CERTIFICATE_WEAK`, `UNAUTHORIZED_ERR`
   */
  admit(peer: KmipPeer, now: number): Client {
    const client = this.find(peer)
    const { instance, validity } = client
    const standing = standingOf(validity, now)
    if (standing !== 'valid')
      throw new Refusal(standing === 'weak' ? 'KMIP_CERTIFICATE_WEAK' : 'KMIP_CERTIFICATE_EXPIRED')
    this.#parts.policies.rulesOf(instance.guid).requireAddress({ isPrivate: true, address: peer.address })
    return client
  }

  /** Each message asks several times. */
  #find(fingerprint: string): Known | undefined {
    const { reader, location } = this.#parts
    const row = reader.remembered<Row>(byFingerprint, fingerprint, location)
    if (row === undefined) return undefined
    let known = this.#known.get(row)
    if (known === undefined) {
      known = this.#read(fingerprint, row)
      this.#known.set(row, known)
    }
    return known
  }

  #read(fingerprint: string, row: Row): Known {
    const { certificate, certificateName, ...adapter } = row
    const instance = this.#parts.instances.find(row.instance)
    if (instance === undefined) throw new Error('kmip: an adapter has no instance')
    const params = [row.instance, row.id, certificate]
    return {
      instance,
      adapter,
      certificate: { id: certificate, name: certificateName, fingerprint },
      condition: { sql: stillRegistered, params },
      validity: this.#validityOf(fingerprint, params),
    }
  }

  #validityOf(fingerprint: string, certificate: readonly string[]): Validity {
    const known = this.#validities.get(fingerprint)
    if (known !== undefined) return known
    const row = this.#parts.reader.get<{ der: Uint8Array }>(derOf, ...certificate)
    if (row === undefined) throw new Error('kmip: a certificate that was just read is gone')
    const validity = validityOf(new X509Certificate(row.der))
    if (this.#validities.size >= validitiesMax) this.#validities.clear()
    this.#validities.set(fingerprint, validity)
    return validity
  }
}
