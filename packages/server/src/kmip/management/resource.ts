/** Adapters, certificates and objects as the API shows them (reference section 6.2): snake case, unlike its other resources. */
import { X509Certificate } from 'node:crypto'
import { formatDate } from '../../keys/date.ts'
import { describeCertificate, printCertificate } from '../../tls/certificate-pem.ts'
import { searchMetadata } from '../../keys/resource.ts'
import { hasState, isDestroyed, type Stamp } from '../objects/kmip-object.ts'
import { enumerationName } from '../ttlv/enumerations.ts'
import { standingOf, validityOf } from './certificate.ts'
import type { Listed } from './list-adapters.ts'
import type { ListedObjects } from './list-objects.ts'
import type { ListedObject } from './listed-object.ts'
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
export function certificateResource(row: WholeCertificateRow, now: number): object {
  const certificate = new X509Certificate(row.certificate)
  const { subject, notBefore, notAfter } = describeCertificate(certificate)
  return {
    id: row.id,
    name: row.name,
    created_at: formatDate(row.createdAt),
    created_by: row.createdBy,
    fingerprint: row.fingerprint,
    subject,
    ...dateMember('notBefore', notBefore),
    ...dateMember('notAfter', notAfter),
    standing: standingOf(validityOf(certificate), now),
  }
}

/** A certificate may be good until a time that no date can tell. */
function dateMember(name: string, at: number): object {
  return Number.isNaN(at) ? {} : { [name]: formatDate(at) }
}

export function wholeCertificateResource(certificate: WholeCertificateRow, now: number): object {
  return { ...certificateResource(certificate, now), certificate: printCertificate(certificate.certificate) }
}

/** The members in words, the names and what a key is are ours. */
export function objectResource(object: ListedObject): object {
  const { type, state, algorithm, length } = object
  return {
    id: object.id,
    kmip_object_type: type,
    object_type: wordOf('ObjectType', type),
    state,
    // An object without a state, such as a template, is there or destroyed.
    ...(hasState(object) || isDestroyed(object) ? { state_name: wordOf('State', state) } : {}),
    names: object.names,
    ...(object.omittedNames === 0 ? {} : { names_omitted: object.omittedNames }),
    ...(algorithm === undefined ? {} : { cryptographic_algorithm: wordOf('CryptographicAlgorithm', algorithm) }),
    ...(length === undefined ? {} : { cryptographic_length: length }),
    ...stamp('created', object.created),
    ...stamp('updated', object.updated),
    ...stamp('destroyed', object.destroyed),
  }
}

/** As the KMIP Profiles write it; a vendor's value as its number. */
function wordOf(enumeration: 'ObjectType' | 'State' | 'CryptographicAlgorithm', value: number): string {
  return enumerationName(enumeration, value) ?? `0x${value.toString(16)}`
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

export function kmipEnvelope(kind: Kind, resources: readonly object[], total?: number, more: object = {}): object {
  return {
    metadata: {
      collectionType: `application/vnd.ibm.kms.${kind}+json`,
      collectionTotal: resources.length,
      ...(total === undefined ? {} : { totalCount: total }),
      ...more,
    },
    resources,
  }
}

export function kmipPage<Row>(kind: Kind, listed: Listed<Row>, resource: (row: Row) => object): object {
  return kmipEnvelope(kind, listed.rows.map(resource), listed.totalCount ? listed.total : undefined)
}

export function objectPage(listed: ListedObjects): object {
  const { rows, total, totalCount, search } = listed
  return kmipEnvelope('kmip_object', rows.map(objectResource), totalCount ? total : undefined, searchMetadata(search))
}
