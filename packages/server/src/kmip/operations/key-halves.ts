/** What is known of a half of a key pair that a client brings: its algorithm, length and curve, as the key itself says. */
import { type Attributes, attributeValue, numberOf, put, valueOf } from '../attributes/attribute-set.ts'
import { invalid } from '../attributes/attribute-values.ts'
import { atLeast, type Version } from '../message/version.ts'
import { factsOf, familyOf, type KeyFacts } from '../objects/asymmetric-formats.ts'
import type { SentObject } from '../objects/key-block.ts'
import type { ObjectType } from '../objects/kmip-object.ts'
import { enumerations } from '../ttlv/enumerations.ts'
import { enumeration, type Item } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'

const { CryptographicAlgorithm: algorithms } = enumerations

export interface Half {
  readonly attributes: Attributes
  readonly algorithm: number
  /** Bits. */
  readonly length: number
}

/**
 * The attributes with what the key says of itself. Of a key that is not there, or that was wrapped elsewhere, the client says it.
 * @throws Refusal `KMIP_INVALID_FIELD` where both say something, and not the same
 */
export function reconciledHalf(
  type: ObjectType,
  attributes: Attributes,
  { form, material }: SentObject,
  version: Version,
): Half {
  const algorithm = numberOf(attributes, 'Cryptographic Algorithm')
  const length = numberOf(attributes, 'Cryptographic Length')
  const family = algorithm === undefined ? undefined : familyOf(algorithm)
  if (algorithm !== undefined && family === undefined) throw invalid('Key pairs of this algorithm are not served.')
  if (material === undefined || form.wrapping !== undefined) {
    if (algorithm === undefined) throw invalid('A key needs a Cryptographic Algorithm.')
    if (length === undefined) throw invalid('A key needs a Cryptographic Length.')
    return { attributes, algorithm, length }
  }
  const facts = factsOf(type, form.format ?? 0, material)
  if (family !== undefined && family !== facts.family) {
    throw invalid('The key is of another algorithm than Cryptographic Algorithm says.')
  }
  if (length !== undefined && length !== facts.bits) {
    throw invalid('The key is of another length than Cryptographic Length says.')
  }
  return {
    attributes: withCurve(attributes, facts.curve),
    algorithm: algorithm ?? algorithmOf(facts, version),
    length: facts.bits,
  }
}

/** Keys on curves have a name of their own from 1.2 on. */
function algorithmOf({ family }: KeyFacts, version: Version): number {
  if (family === 'RSA') return algorithms.RSA
  return atLeast(version, 2) ? algorithms.EC : algorithms.ECDSA
}

/** Cryptographic Domain Parameters that name the curve. @throws Refusal `KMIP_INVALID_FIELD` when they name another */
export function withCurve(attributes: Attributes, curve: number | undefined): Attributes {
  const given = curveGiven(attributes)
  if (given !== undefined && given !== curve) {
    throw invalid('The key is on another curve than Cryptographic Domain Parameters say.')
  }
  if (curve === undefined) return attributes
  const named: Item = enumeration(tags.RecommendedCurve, curve)
  return put(attributes, 'Cryptographic Domain Parameters', attributeValue.structure([named]))
}

/** Recommended Curve, where the attributes name one. */
export function curveGiven(attributes: Attributes): number | undefined {
  const parameters = valueOf(attributes, 'Cryptographic Domain Parameters')
  const curve =
    parameters?.type === 'Structure' ? parameters.value.find(({ tag }) => tag === tags.RecommendedCurve) : undefined
  return curve?.type === 'Enumeration' ? curve.value : undefined
}
