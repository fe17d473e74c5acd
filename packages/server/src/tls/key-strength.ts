/** Whether the key of a certificate is strong enough for what it is to prove (reference: kmip.md, section 2). */
import type { KeyObject, X509Certificate } from 'node:crypto'

const rsaBitsMin = 2_048
const curveBitsMin = 256

/** Why its key is too weak, as a sentence; undefined when it is not. Edwards curves are always strong enough. */
export function weaknessOf(certificate: X509Certificate): string | undefined {
  let key: KeyObject
  try {
    key = certificate.publicKey
  } catch {
    return 'The key of the certificate is of no kind that can be used.'
  }
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa':
    case 'rsa-pss':
    case 'dsa':
      return (modulusLength ?? 0) >= rsaBitsMin
        ? undefined
        : `The key of the certificate has ${modulusLength ?? 'too few'} bits; at least ${rsaBitsMin} are needed.`
    case 'ec':
      return bitsOfCurve(namedCurve) >= curveBitsMin
        ? undefined
        : 'The key of the certificate is on a curve that is weaker than P-256.'
    default:
      return undefined
  }
}

/** All curves that OpenSSL knows have their size in their name, but for those of WAP, which are weak. */
function bitsOfCurve(name: string | undefined): number {
  return Number(/\d{3}/.exec(name ?? '')?.[0] ?? 0)
}
