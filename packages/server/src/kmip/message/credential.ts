/** A credential of a request header: read to its end, and of it kept what may be known (KMIP 1.4, section 2.1.2). */
import { enumerations, enumerationVersion } from '../ttlv/enumerations.ts'
import { tags } from '../ttlv/tags.ts'
import type { Fields } from './fields.ts'
import { KmipError } from './kmip-error.ts'
import { compareVersions } from './version.ts'

/** Passwords and attestations are not in it: the certificate decides who a client is. */
export interface Credential {
  /** Any number: an unknown type is not looked into. */
  readonly type: number
  /** Of a credential of type Username and Password; may be empty. */
  readonly userName: string | undefined
}

/** Of each text of a credential. */
const TEXT_BYTES_MAX = 1_024

const { CredentialType } = enumerations

/** @throws KmipError `InvalidMessage` or `InvalidField` */
export function parseCredential(fields: Fields): Credential {
  const type = fields.required(tags.CredentialType, 'Enumeration')
  const value = fields.structure(tags.CredentialValue, { anyOrder: true })
  fields.end()
  const since = enumerationVersion('CredentialType', type)
  if (since === undefined || compareVersions(since, fields.version) > 0) return { type, userName: undefined }
  const userName = readValue(value, type)
  value.end()
  return { type, userName }
}

function readValue(value: Fields, type: number): string | undefined {
  switch (type) {
    case CredentialType.UsernameAndPassword: {
      const userName = value.required(tags.Username, 'TextString')
      assertShort(userName)
      assertShort(value.optional(tags.Password, 'TextString'))
      return userName
    }
    case CredentialType.Device: {
      const texts = [
        tags.DeviceSerialNumber,
        tags.Password,
        tags.DeviceIdentifier,
        tags.NetworkIdentifier,
        tags.MachineIdentifier,
        tags.MediaIdentifier,
      ].map((tag) => value.optional(tag, 'TextString'))
      for (const text of texts) assertShort(text)
      if (texts.every((text) => text === undefined)) {
        throw new KmipError('InvalidMessage', 'A device credential says nothing of the device.')
      }
      return undefined
    }
    case CredentialType.Attestation: {
      const nonce = value.structure(tags.Nonce)
      nonce.required(tags.NonceID, 'ByteString')
      nonce.required(tags.NonceValue, 'ByteString')
      nonce.end()
      value.required(tags.AttestationType, 'Enumeration')
      value.optional(tags.AttestationMeasurement, 'ByteString')
      value.optional(tags.AttestationAssertion, 'ByteString')
    }
  }
  return undefined
}

function assertShort(text: string | undefined): void {
  if (text !== undefined && Buffer.byteLength(text) > TEXT_BYTES_MAX) {
    throw new KmipError('InvalidField', 'A text of a credential is too long.')
  }
}
