/** Changes of adapters, certificates and objects as data: each carries the condition it was decided on. */
import type { KeyRow } from '../../keys/key-row.ts'
import type { Change } from '../../store/store.ts'
import { kmipLimits } from './limits.ts'
import type { AdapterRow, WholeCertificateRow } from './rows.ts'

const insertAdapter = `INSERT INTO kmip_adapters (instance, id, name, description, profile, crk, created_at, created_by,
  updated_at, updated_by)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
  WHERE (SELECT count(*) FROM kmip_adapters WHERE instance = ?1) < ${kmipLimits.adaptersPerInstance}
    AND EXISTS (SELECT 1 FROM keys WHERE instance = ?1 AND id = ?6 AND revision = ?11)`

const deleteAdapter = `DELETE FROM kmip_adapters WHERE instance = ?1 AND id = ?2
  AND NOT EXISTS (SELECT 1 FROM kmip_objects WHERE instance = ?1 AND adapter = ?2 AND state < 5)`

const insertCertificate = `INSERT INTO kmip_certificates (instance, adapter, id, name, location, fingerprint, certificate,
  created_at, created_by)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
  WHERE (SELECT count(*) FROM kmip_certificates WHERE instance = ?1 AND adapter = ?2)
    < ${kmipLimits.certificatesPerAdapter}`

const deleteCertificate = 'DELETE FROM kmip_certificates WHERE instance = ? AND adapter = ? AND id = ?'

/** A new adapter. Holds while the root key is as it was read and the instance has fewer adapters than it may. */
export function addAdapter(adapter: AdapterRow, crk: Pick<KeyRow, 'revision'>): Change {
  const { instance, id, name, description, profile, createdAt, createdBy, updatedAt, updatedBy } = adapter
  const stamps = [createdAt, createdBy, updatedAt, updatedBy]
  return {
    sql: insertAdapter,
    params: [instance, id, name, description, profile, adapter.crk, ...stamps, crk.revision],
    rows: 1,
  }
}

/** Holds while the adapter has no object that is not destroyed. Its certificates and what is left of its objects go too. */
export function removeAdapter({ instance, id }: AdapterRow): Change {
  return { sql: deleteAdapter, params: [instance, id], rows: 1 }
}

/** Holds while no other adapter of the location has the certificate and this one has fewer than it may. */
export function addCertificate(certificate: WholeCertificateRow, location: string): Change {
  const { instance, adapter, id, name, fingerprint, createdAt, createdBy } = certificate
  return {
    sql: insertCertificate,
    params: [instance, adapter, id, name, location, fingerprint, certificate.certificate, createdAt, createdBy],
    rows: 1,
  }
}

export function removeCertificate({
  instance,
  adapter,
  id,
}: Pick<WholeCertificateRow, 'instance' | 'adapter' | 'id'>): Change {
  return { sql: deleteCertificate, params: [instance, adapter, id], rows: 1 }
}
