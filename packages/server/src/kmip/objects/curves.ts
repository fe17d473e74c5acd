/** The curves of KMIP that keys can be on, by the names of the crypto unit (KMIP 1.4, section 9.1.3.2.5). */
import { type Curve, curves } from '@keywitness/crypto-unit/ep11/ec/curves'
import { enumerations } from '../ttlv/enumerations.ts'

const { RecommendedCurve: numbers } = enumerations

const namesByNumber: ReadonlyMap<number, string> = new Map([
  [numbers.P_192, 'P-192'],
  [numbers.P_224, 'P-224'],
  [numbers.P_256, 'P-256'],
  [numbers.P_384, 'P-384'],
  [numbers.P_521, 'P-521'],
  [numbers.SECP256K1, 'SECP256K1'],
  ...brainpool(160),
  ...brainpool(192),
  ...brainpool(224),
  ...brainpool(256),
  ...brainpool(320),
  ...brainpool(384),
  ...brainpool(512),
])

const numbersByName = new Map([...namesByNumber].map(([number, name]) => [name, number]))

const byNumber: ReadonlyMap<number, Curve> = new Map(
  curves.flatMap((curve) => {
    const number = numbersByName.get(curve.name)
    return number === undefined ? [] : [[number, curve] as const]
  }),
)

/** Regular and twisted curve of a size. */
function brainpool(bits: 160 | 192 | 224 | 256 | 320 | 384 | 512): readonly (readonly [number, string])[] {
  return [
    [numbers[`BRAINPOOLP${bits}R1`], `BP-${bits}R`],
    [numbers[`BRAINPOOLP${bits}T1`], `BP-${bits}T`],
  ]
}

/** Of a Recommended Curve; undefined for one that is not served. */
export function curveOfNumber(number: number): Curve | undefined {
  return byNumber.get(number)
}

/** The Recommended Curve; undefined for one that KMIP 1.4 has no number of. */
export function numberOfCurve({ name }: Pick<Curve, 'name'>): number | undefined {
  return numbersByName.get(name)
}

/** The curve of NIST that a length alone means. */
export function curveOfLength(bits: number): Curve | undefined {
  return [...byNumber.values()].find(({ name, bits: own }) => name.startsWith('P-') && own === bits)
}
