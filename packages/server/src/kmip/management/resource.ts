/** Adapters, certificates and objects as the API shows them (reference section 6.2): snake case, unlike its other resources. */
import { formatDate } from '../../keys/date.ts'
import { describeCertificate, printCertificate } from '../../tls/certificate-pem.ts'
import type { Stamp } from '../objects/kmip-object.ts'
import type { ObjectHead } from '../objects/object-row.ts'
import type { Listed } from './list-adapters.ts'
import type { AdapterRow, WholeCertificateRow } from './rows.ts'

type Kind = 'kmip_adapter' | 'kmip_client_certificate' | 'kmip_object'

export function adapterResource(adapter: AdapterRow): object {
  return {
    id: adapter.id,
    name: adapter.name,
    description: adapter.description,
    profile: adapter.profile,
    profile_data: { crk_id: adapter.crk },
    created_at: formatDate(adapter.createdAt),
    created_by: adapter.createdBy,
    updated_at: formatDate(adapter.updatedAt),
    updated_by: adapter.updatedBy,
  }
}

/** Without the certificate itself, as lists show it; with what it says of itself, which is ours. */
export function certificateResource(row: WholeCertificateRow): object {
  const { subject, notBefore, notAfter } = describeCertificate(row.certificate)
  return {
    id: row.id,
    name: row.name,
    created_at: formatDate(row.createdAt),
    created_by: row.createdBy,
    fingerprint: row.fingerprint,
    subject,
    ...dateMember('notBefore', notBefore),
    ...dateMember('notAfter', notAfter),
  }
}

/** A certificate may be good until a time that no date can tell. */
function dateMember(name: string, at: number): object {
  return Number.isNaN(at) ? {} : { [name]: formatDate(at) }
}

export function wholeCertificateResource(certificate: WholeCertificateRow): object {
  return { ...certificateResource(certificate), certificate: printCertificate(certificate.certificate) }
}

export function objectResource(object: ObjectHead): object {
  return {
    id: object.id,
    kmip_object_type: object.type,
    state: object.state,
    ...stamp('created', object.created),
    ...stamp('updated', object.updated),
    ...stamp('destroyed', object.destroyed),
  }
}

function stamp(what: string, stamped: Stamp | undefined): object {
  if (stamped === undefined) return {}
  const { at, by, certificate } = stamped
  return {
    [`${what}_at`]: formatDate(at),
    [`${what}_by`]: by,
    ...(certificate === null ? {} : { [`${what}_by_kmip_client_cert_id`]: certificate }),
  }
}

export function kmipEnvelope(kind: Kind, resources: readonly object[], total?: number): object {
  return {
    metadata: {
      collectionType: `application/vnd.ibm.kms.${kind}+json`,
      collectionTotal: resources.length,
      ...(total === undefined ? {} : { totalCount: total }),
    },
    resources,
  }
}

export function kmipPage<Row>(kind: Kind, listed: Listed<Row>, resource: (row: Row) => object): object {
  return kmipEnvelope(kind, listed.rows.map(resource), listed.totalCount ? listed.total : undefined)
}
