/** Mechanisms with their parameters, as programs write them and as they are sent (reference: PKCS #11 2.40, EP11's own beside). */
import type { MessageInitShape } from '@bufbuild/protobuf'
import { type MechanismName, mechanisms } from './constants/mechanisms.ts'
import {
  BTCDeriveParm_Type,
  ECDH1DeriveParm_KDF,
  ECSGParm_Type,
  KyberKEMParm_KDF,
  KyberKEMParm_Mode,
  type MechanismSchema,
  RSAOAEPParm_EncodingParmType,
  RSAOAEPParm_MGF,
} from './schema/grep11_pb.ts'

type MechanismInit = MessageInitShape<typeof MechanismSchema>
type ParameterInit = Exclude<MechanismInit['parameter'], undefined>

/** Bytes of a digest, and the mask generation function over the same hash. */
const hashes = {
  CKM_SHA_1: { bytes: 20, mgf: 'CKG_MGF1_SHA1' },
  CKM_SHA224: { bytes: 28, mgf: 'CKG_MGF1_SHA224' },
  CKM_SHA256: { bytes: 32, mgf: 'CKG_MGF1_SHA256' },
  CKM_SHA384: { bytes: 48, mgf: 'CKG_MGF1_SHA384' },
  CKM_SHA512: { bytes: 64, mgf: 'CKG_MGF1_SHA512' },
  CKM_IBM_SHA3_224: { bytes: 28, mgf: 'CKG_IBM_MGF1_SHA3_224' },
  CKM_IBM_SHA3_256: { bytes: 32, mgf: 'CKG_IBM_MGF1_SHA3_256' },
  CKM_IBM_SHA3_384: { bytes: 48, mgf: 'CKG_IBM_MGF1_SHA3_384' },
  CKM_IBM_SHA3_512: { bytes: 64, mgf: 'CKG_IBM_MGF1_SHA3_512' },
} as const satisfies Readonly<Partial<Record<MechanismName, { bytes: number; mgf: MgfName }>>>

const hashOfPss = {
  CKM_SHA1_RSA_PKCS_PSS: 'CKM_SHA_1',
  CKM_SHA224_RSA_PKCS_PSS: 'CKM_SHA224',
  CKM_SHA256_RSA_PKCS_PSS: 'CKM_SHA256',
  CKM_SHA384_RSA_PKCS_PSS: 'CKM_SHA384',
  CKM_SHA512_RSA_PKCS_PSS: 'CKM_SHA512',
} as const satisfies Readonly<Partial<Record<MechanismName, HashName>>>

export type HashName = keyof typeof hashes
export type MgfName = Exclude<keyof typeof RSAOAEPParm_MGF, 'CKG_UNSET'>
export type KdfName = Exclude<keyof typeof ECDH1DeriveParm_KDF, 'CKD_UNSET'>
export type BtcDeriveType = Exclude<keyof typeof BTCDeriveParm_Type, 'CKG_BTC_UNSET'>
export type SchnorrType = Exclude<keyof typeof ECSGParm_Type, 'CKG_ECSG_UNSET'>
type HashedPss = keyof typeof hashOfPss

interface BlockCipher {
  readonly mechanism: 'CKM_AES_CBC' | 'CKM_AES_CBC_PAD' | 'CKM_DES3_CBC' | 'CKM_DES3_CBC_PAD'
  /** 16 bytes for AES, 8 for DES3; another one for each message. */
  readonly iv: Uint8Array
}

interface Oaep {
  readonly mechanism: 'CKM_RSA_PKCS_OAEP'
  readonly hash: HashName
  /** That over the same hash without. */
  readonly mgf?: MgfName
  readonly label?: Uint8Array
}

interface Pss {
  /** Over a digest that was made elsewhere. */
  readonly mechanism: 'CKM_RSA_PKCS_PSS'
  readonly hash: HashName
  readonly mgf?: MgfName
  /** As many bytes as the digest has without. */
  readonly saltBytes?: number
}

interface PssOfData {
  readonly mechanism: HashedPss
  readonly mgf?: MgfName
  readonly saltBytes?: number
}

interface Agreement {
  readonly mechanism: 'CKM_ECDH1_DERIVE' | 'CKM_IBM_EC_X25519' | 'CKM_IBM_EC_X448'
  /** The other side's point: 04 ‖ X ‖ Y, or 32 or 56 bytes. */
  readonly publicData: Uint8Array
  /** ANSI X9.63 with this hash; the shared secret itself without. */
  readonly kdf?: KdfName
  readonly sharedData?: Uint8Array
}

interface DhAgreement {
  readonly mechanism: 'CKM_DH_PKCS_DERIVE'
  /** The other side's number, big-endian. */
  readonly publicData: Uint8Array
}

interface BtcDerivation {
  readonly mechanism: 'CKM_IBM_BTC_DERIVE'
  readonly type: BtcDeriveType
  /** 0x80000000 and above: hardened. Not for masters. */
  readonly childKeyIndex?: number
  /** What the derivation of the parent answered as `checkSum`. Not for masters. */
  readonly chainCode?: Uint8Array
}

interface Schnorr {
  readonly mechanism: 'CKM_IBM_ECDSA_OTHER'
  readonly type: SchnorrType
}

interface Kem {
  /** Keywitness only. `checkSum` of the answer is the ciphertext when encapsulating. */
  readonly mechanism: 'CKM_ML_KEM'
  readonly mode: 'encapsulate' | 'decapsulate'
  /** What was encapsulated, to decapsulate. */
  readonly cipherText?: Uint8Array
}

interface Raw {
  /** A CKM_ value for one without a name here. */
  readonly mechanism: MechanismName | number
  /** As bytes; empty for none. */
  readonly parameter: Uint8Array
}

type Parametrised = BlockCipher | Oaep | Pss | PssOfData | Agreement | DhAgreement | BtcDerivation | Schnorr | Kem

/**
 * A mechanism that takes no parameter is its name alone; so are those of PSS that hash themselves, which then salt with as many
 * bytes as the digest has.
 */
export type Mechanism = Exclude<MechanismName, Exclude<Parametrised['mechanism'], HashedPss>> | Parametrised | Raw

/** These take what they work on in one call (reference: PKCS #11 2.40, section 2; RFC 8032). */
const inOnePart = new Set<number>(
  (
    [
      'CKM_RSA_PKCS',
      'CKM_RSA_PKCS_OAEP',
      'CKM_RSA_PKCS_PSS',
      'CKM_RSA_X9_31',
      'CKM_DSA',
      'CKM_ECDSA',
      'CKM_IBM_ED25519_SHA512',
      'CKM_IBM_ED448_SHA3',
      'CKM_IBM_ECDSA_OTHER',
      'CKM_ML_DSA',
      'CKM_IBM_DILITHIUM',
    ] as const satisfies readonly MechanismName[]
  ).map((name) => mechanisms[name]),
)

export function takesOnePart(mechanism: Mechanism): boolean {
  return inOnePart.has(valueOf(mechanism))
}

export function nameOf(mechanism: Mechanism): string {
  const name = typeof mechanism === 'string' ? mechanism : mechanism.mechanism
  return typeof name === 'string' ? name : `0x${name.toString(16)}`
}

/** The CKM_ value. @throws TypeError for a name that is none */
export function valueOf(mechanism: Mechanism): number {
  const name = typeof mechanism === 'string' ? mechanism : mechanism.mechanism
  return mechanismValue(name)
}

/** @throws TypeError for a name that is none */
export function mechanismValue(name: MechanismName | number): number {
  if (typeof name === 'number') return name
  if (!Object.hasOwn(mechanisms, name)) throw new TypeError('There is no mechanism of this name.')
  return mechanisms[name]
}

/** @throws TypeError for a name that is none */
export function mechanismMessage(mechanism: Mechanism): MechanismInit {
  const parameter = parameterOf(mechanism)
  return { mechanism: BigInt(valueOf(mechanism)), ...(parameter === undefined ? {} : { parameter }) }
}

function parameterOf(mechanism: Mechanism): ParameterInit | undefined {
  if (typeof mechanism === 'string')
    return Object.hasOwn(hashOfPss, mechanism) ? pss(mechanism as HashedPss, {}) : undefined
  if ('parameter' in mechanism) return mechanism.parameter.length === 0 ? undefined : bytes(mechanism.parameter)
  switch (mechanism.mechanism) {
    case 'CKM_AES_CBC':
    case 'CKM_AES_CBC_PAD':
    case 'CKM_DES3_CBC':
    case 'CKM_DES3_CBC_PAD':
      return bytes(mechanism.iv)
    case 'CKM_DH_PKCS_DERIVE':
      return bytes(mechanism.publicData)
    case 'CKM_RSA_PKCS_OAEP':
      return oaep(mechanism)
    case 'CKM_RSA_PKCS_PSS':
      return salted(mechanism.hash, mechanism)
    case 'CKM_ECDH1_DERIVE':
    case 'CKM_IBM_EC_X25519':
    case 'CKM_IBM_EC_X448':
      return agreement(mechanism)
    case 'CKM_IBM_BTC_DERIVE':
      return btcDerivation(mechanism)
    case 'CKM_IBM_ECDSA_OTHER':
      return { case: 'ecsgParameter', value: { type: of(ECSGParm_Type, mechanism.type) } }
    case 'CKM_ML_KEM':
      return kem(mechanism)
    default:
      return pss(mechanism.mechanism, mechanism)
  }
}

function bytes(value: Uint8Array): ParameterInit {
  if (!(value instanceof Uint8Array)) throw new TypeError('The mechanism takes bytes as its parameter.')
  return { case: 'parameterB', value }
}

/** Programs without types may have anything here, which the message would take for nothing. */
function of<Name extends string, Value>(values: Readonly<Record<Name, Value>>, name: Name): Value {
  if (!Object.hasOwn(values, name)) throw new TypeError('The mechanism’s parameter has a name that is none.')
  return values[name]
}

function oaep({ hash, mgf, label }: Oaep): ParameterInit {
  const facts = of(hashes, hash)
  const { CKZ_DATA_SPECIFIED, CKZ_NO_DATA_SPECIFIED } = RSAOAEPParm_EncodingParmType
  return {
    case: 'rsaOaepParameter',
    value: {
      hashMech: BigInt(mechanisms[hash]),
      mgf: of(RSAOAEPParm_MGF, mgf ?? facts.mgf),
      encodingParmType: label === undefined ? CKZ_NO_DATA_SPECIFIED : CKZ_DATA_SPECIFIED,
      ...(label === undefined ? {} : { encodingParm: label }),
    },
  }
}

function pss(mechanism: HashedPss, options: Omit<PssOfData, 'mechanism'>): ParameterInit {
  return salted(hashOfPss[mechanism], options)
}

function salted(hash: HashName, { mgf, saltBytes }: Omit<PssOfData, 'mechanism'>): ParameterInit {
  const facts = of(hashes, hash)
  return {
    case: 'rsaPssParameter',
    value: {
      hashMech: BigInt(mechanisms[hash]),
      mgf: of(RSAOAEPParm_MGF, mgf ?? facts.mgf),
      saltByteCount: BigInt(saltBytes ?? facts.bytes),
    },
  }
}

/** Without a KDF as bytes, which servers of all generations read. */
function agreement({ publicData, kdf, sharedData }: Agreement): ParameterInit {
  if (kdf === undefined && sharedData === undefined) return bytes(publicData)
  const shared = sharedData === undefined ? {} : { sharedData }
  return {
    case: 'ecdh1DeriveParameter',
    value: { kdf: of(ECDH1DeriveParm_KDF, kdf ?? 'CKD_NULL'), publicData, ...shared },
  }
}

function btcDerivation({ type, childKeyIndex = 0, chainCode }: BtcDerivation): ParameterInit {
  return {
    case: 'btcDeriveParameter',
    value: {
      type: of(BTCDeriveParm_Type, type),
      childKeyIndex: BigInt(childKeyIndex),
      version: 1n,
      ...(chainCode === undefined ? {} : { chainCode }),
    },
  }
}

function kem({ mode, cipherText }: Kem): ParameterInit {
  const { CKG_KEM_ENCAPSULATE, CKG_KEM_DECAPSULATE } = KyberKEMParm_Mode
  return {
    case: 'kyberKemParameter',
    value: {
      mode: mode === 'encapsulate' ? CKG_KEM_ENCAPSULATE : CKG_KEM_DECAPSULATE,
      kdf: KyberKEMParm_KDF.CKD_KEM_NULL,
      ...(cipherText === undefined ? {} : { cipherText }),
    },
  }
}
