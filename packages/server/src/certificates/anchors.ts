/** Which certificates the clients of an instance must be issued by: remembered until they change, for every call to ask. */
import type { Condition, Reader } from '../store/store.ts'

/** A certificate that clients of an instance may be issued by. */
interface Anchor {
  /** SHA-256 of the DER form, lower-case hexadecimal. */
  readonly fingerprint: string
  readonly der: Uint8Array
}

export interface AcceptedCertificates {
  /** Grows with each change. 0: never any. */
  readonly generation: number
  /** Of all administrators, each once. Empty: no client needs a certificate. */
  readonly anchors: readonly Anchor[]
  /** Holds as long as the generation is this one: for the commit of a call's event. */
  readonly condition: Condition
}

/** Instances that are remembered. */
const instancesMax = 10_000

const generationOf = 'SELECT certificate_generation AS generation FROM instances WHERE guid = ?'
const sameGeneration = 'SELECT 1 FROM instances WHERE guid = ? AND certificate_generation = ?'
const anchorsOf = `SELECT fingerprint, certificate AS der FROM accepted_certificates WHERE instance = ?
  GROUP BY fingerprint ORDER BY fingerprint`

/** Reads what is remembered until it changes; cheap enough for every call. The same object as long as nothing changed. */
export function acceptedCertificates(reader: Reader): (instance: string) => AcceptedCertificates {
  const known = new Map<string, AcceptedCertificates>()
  return (instance) => {
    const generation = reader.remembered<{ generation: number }>(generationOf, instance)?.generation ?? 0
    const remembered = known.get(instance)
    if (remembered?.generation === generation) return remembered
    const anchors = generation === 0 ? [] : reader.all<Anchor>(anchorsOf, instance)
    const accepted = { generation, anchors, condition: { sql: sameGeneration, params: [instance, generation] } }
    if (known.size >= instancesMax) known.clear()
    known.set(instance, accepted)
    return accepted
  }
}
