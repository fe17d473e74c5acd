/** Administrators' keys and accepted certificates as the API shows them. */
import { Type } from 'typebox'
import { timestamp, Timestamp } from '../http/schema.ts'
import { describeCertificate, printCertificate } from '../tls/certificate-pem.ts'
import type { Instance } from '../instances/instance.ts'
import { administratorOf, AdministratorView } from './administrator.ts'
import type { ListedCertificates } from './list-certificates.ts'
import type { CertificateParts } from './parts.ts'
import type { AcceptedCertificateRow, AdminKeyRow } from './rows.ts'
import type { Enforcement } from './enforcement.ts'
import type { SetCertificate } from './set-certificate.ts'

const described = {
  certId: Type.String({ description: 'Chosen by the administrator.' }),
  fingerprint: Type.String({ description: 'SHA-256 of the DER form, hexadecimal.' }),
  subject: Type.String(),
  issuer: Type.String(),
  serialNumber: Type.String({ description: 'Hexadecimal.' }),
  notBefore: Timestamp,
  notAfter: Timestamp,
}

const enforcement = {
  mtlsEnabled: Type.Boolean({ description: 'Whether clients of EP11 need a certificate.' }),
  generation: Type.Integer({ description: 'Grows with each change of the certificates of the instance.' }),
}

export const KeyView = Type.Object({
  keyId: Type.String({ description: 'SHA-256 of the public key (SubjectPublicKeyInfo), hexadecimal.' }),
  publicKey: Type.String({ description: 'Base64 of the SubjectPublicKeyInfo.' }),
  createdAt: Timestamp,
})
export const NoKeyView = Type.Object({ publicKey: Type.Literal('') })
export const OrphansView = Type.Object({
  orphanedCerts: Type.Integer({ description: 'Certificates that stay in force without an administrator.' }),
})
export const EnforcementView = Type.Object(enforcement)
export const SetView = Type.Object({
  ...described,
  created: Type.Boolean(),
  warnings: Type.Array(Type.String()),
  ...enforcement,
})
export const CertificateView = Type.Object({
  ...described,
  certificate: Type.String({ description: 'PEM.' }),
  createdAt: Timestamp,
  updatedAt: Timestamp,
})
export const ListView = Type.Object({
  certs: Type.Array(
    Type.Object({
      ...CertificateView.properties,
      administrator: Type.Optional(AdministratorView),
      frozen: Type.Optional(
        Type.Boolean({ description: 'Nobody can change or delete it until its administrator has a key again.' }),
      ),
    }),
    { description: '`administrator` and `frozen` are there if those of all administrators were asked for.' },
  ),
  ...enforcement,
})
export const ListQuery = Type.Object({
  administrators: Type.Optional(
    Type.Literal('all', {
      description:
        "Whose certificates: of all administrators of the instance, also for who reads the trail of its events. Default: the caller's own.",
    }),
  ),
})

export function keyResource(key: AdminKeyRow | undefined): object {
  if (key === undefined) return { publicKey: '' }
  const { keyId, publicKey, createdAt } = key
  return { keyId, publicKey: Buffer.from(publicKey).toString('base64'), createdAt: timestamp(createdAt) }
}

export function certificateResource(row: AcceptedCertificateRow): object {
  return {
    ...describe(row),
    certificate: printCertificate(row.certificate),
    createdAt: timestamp(row.createdAt),
    updatedAt: timestamp(row.updatedAt),
  }
}

export function listResource(
  { rows, holders, ...state }: ListedCertificates,
  instance: Instance,
  parts: Pick<CertificateParts, 'identities'>,
): object {
  const withoutKey = new Set(holders?.filter(({ keyId }) => keyId === null).map(({ administrator }) => administrator))
  const whose = (row: AcceptedCertificateRow): object =>
    holders === undefined
      ? {}
      : { administrator: administratorOf(row, instance, parts), frozen: withoutKey.has(row.administrator) }
  return { certs: rows.map((row) => ({ ...certificateResource(row), ...whose(row) })), ...enforcementResource(state) }
}

export function setResource({ row, created, warnings, ...after }: SetCertificate): object {
  return { ...describe(row), created, warnings, ...enforcementResource(after) }
}

export function enforcementResource({ mtlsEnabled, generation }: Enforcement): object {
  return { mtlsEnabled, generation }
}

function describe({ id, fingerprint, certificate }: AcceptedCertificateRow): object {
  const { notBefore, notAfter, ...names } = describeCertificate(certificate)
  return { certId: id, fingerprint, ...names, notBefore: timestamp(notBefore), notAfter: timestamp(notAfter) }
}
