/** Bodies and names of requests about administrators' keys and accepted certificates. */
import { Type } from 'typebox'
import { Refusal } from '../errors.ts'
import { bodyReader } from '../http/schema.ts'
import { certificateLength } from '../tls/certificate-pem.ts'

/** Longest body: a certificate whose line ends are written as escapes. */
export const bodyBytes = 2 * certificateLength

const PublicKey = Type.String({ description: 'Public key of P-521: base64 of its SubjectPublicKeyInfo in DER.' })

export const NewKey = Type.Object({ publicKey: PublicKey }, { additionalProperties: false })

export const NextKey = Type.Object(
  {
    publicKey: PublicKey,
    proof: Type.String({
      description: 'Base64 of the signature by the new key over the proof of this command, in DER.',
    }),
  },
  { additionalProperties: false },
)

export const NewCertificate = Type.Object(
  { certificate: Type.String({ description: 'One X.509 certificate of an authority, in PEM.' }) },
  { additionalProperties: false },
)

export const readNewKey = bodyReader(NewKey)
export const readNextKey = bodyReader(NextKey)
export const readNewCertificate = bodyReader(NewCertificate)

/** A member of the body at fault. The text never holds anything of what was sent. */
export function badMember(name: string, message: string): Refusal {
  return new Refusal('INVALID_FIELD_ERR', { message, at: { type: 'field', name } })
}

/** The id of a certificate, as its administrator chose it. @throws Refusal `INVALID_FIELD_ERR` */
export function readCertificateId(id: string): string {
  // A segment of dots only is taken out of a path by many clients.
  if (/^[A-Za-z0-9._-]{1,64}$/.test(id) && !/^\.{1,2}$/.test(id)) return id
  const message = 'The id of a certificate has 1 to 64 letters, digits, points, underscores and hyphens.'
  throw new Refusal('INVALID_FIELD_ERR', { message })
}
