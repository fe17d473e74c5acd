/** What an instance holds, counted: keys and KMIP objects that are not destroyed, and what its EP11 keystores hold. From totals that the store keeps. */
import type { Reader } from '../store/store.ts'

interface Inventory {
  readonly rootKeys: number
  readonly standardKeys: number
  readonly kmipAdapters: number
  /** Symmetric keys, secret data and opaque objects of all adapters. */
  readonly kmipObjects: number
  readonly ep11Keystores: number
  /** Keys, certificates and data in all keystores. */
  readonly ep11Objects: number
}

const ofInstance = `SELECT
  (SELECT coalesce(sum(total), 0) FROM key_totals WHERE instance = ?1 AND state <> 5 AND extractable = 0) AS rootKeys,
  (SELECT coalesce(sum(total), 0) FROM key_totals WHERE instance = ?1 AND state <> 5 AND extractable = 1) AS standardKeys,
  (SELECT count(*) FROM kmip_adapters WHERE instance = ?1) AS kmipAdapters,
  (SELECT coalesce(sum(total), 0) FROM kmip_object_totals WHERE instance = ?1 AND state < 5) AS kmipObjects,
  (SELECT coalesce(sum(keystores), 0) FROM keystore_totals WHERE instance = ?1) AS ep11Keystores,
  (SELECT coalesce(sum(objects), 0) FROM keystore_totals WHERE instance = ?1) AS ep11Objects`

/** Keys and objects of all instances, by kind and by the state that their standard gives them. */
const ofAll = `SELECT CASE extractable WHEN 1 THEN 'standard_key' ELSE 'root_key' END AS kind, state, sum(total) AS total
    FROM key_totals GROUP BY kind, state
  UNION ALL SELECT 'kmip_object', state, sum(total) FROM kmip_object_totals GROUP BY state
  UNION ALL SELECT 'ep11_object', 1, coalesce(sum(objects), 0) FROM keystore_totals`

interface Counted {
  readonly kind: 'root_key' | 'standard_key' | 'kmip_object' | 'ep11_object'
  /** Of keys 0, 1, 2, 3, 5; of KMIP objects 1 to 6: two scales. What EP11 keystores hold has no states: 1. */
  readonly state: number
  readonly total: number
}

/** What clients of EP11 need, and who decides on it. */
interface ClientCertificates {
  /** Whether clients need a certificate: they do while there is one that they may be issued by. */
  readonly mtlsEnabled: boolean
  /** Certificates that they may be issued by, of all administrators. */
  readonly certificates: number
  /** Administrators with a signature key. */
  readonly administrators: number
  /** When the first of the certificates ends, or has ended; milliseconds since the epoch, null without any. */
  readonly nextExpiry: number | null
}

const certificatesOfInstance = `SELECT count(*) AS certificates, min(not_after) AS nextExpiry,
  (SELECT count(*) FROM certificate_admin_keys WHERE instance = ?1) AS administrators
  FROM accepted_certificates WHERE instance = ?1`

export interface Inventories {
  of(instance: string): Inventory
  clientCertificates(instance: string): ClientCertificates
  all(): Counted[]
}

const none: Inventory = {
  rootKeys: 0,
  standardKeys: 0,
  kmipAdapters: 0,
  kmipObjects: 0,
  ep11Keystores: 0,
  ep11Objects: 0,
}

const noCertificates = { certificates: 0, administrators: 0, nextExpiry: null }

export function readInventories(reader: Reader): Inventories {
  return {
    of: (instance) => reader.get<Inventory>(ofInstance, instance) ?? none,
    clientCertificates: (instance) => {
      const row =
        reader.get<Omit<ClientCertificates, 'mtlsEnabled'>>(certificatesOfInstance, instance) ?? noCertificates
      return { mtlsEnabled: row.certificates > 0, ...row }
    },
    all: () => reader.all<Counted>(ofAll),
  }
}
