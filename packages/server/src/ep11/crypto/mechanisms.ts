/** Mechanisms as clients send them, with whichever parameter they chose (reference grep11, section 3). */
import type { MechanismUse } from '@keywitness/crypto-unit/ep11/calls'
import { Ep11Error } from '@keywitness/crypto-unit/ep11/ep11-error'
import type { MechanismParameter } from '@keywitness/crypto-unit/ep11/parameter'
import { type Mechanism, RSAOAEPParm_EncodingParmType } from '../schema/grep11_pb.ts'
import { bytesOf } from './keys.ts'

/** @throws Ep11Error `CKR_MECHANISM_INVALID`, `CKR_MECHANISM_PARAM_INVALID` */
export function mechanismOf(mechanism: Mechanism | undefined): MechanismUse {
  if (mechanism === undefined) throw new Ep11Error('CKR_MECHANISM_INVALID', 'The call names no mechanism.')
  return { value: mechanismValue(mechanism.mechanism), parameter: parameterOf(mechanism) }
}

/** @throws Ep11Error `CKR_MECHANISM_INVALID` */
export function mechanismValue(value: bigint): number {
  if (value > 0xffff_ffffn) throw new Ep11Error('CKR_MECHANISM_INVALID', 'There is no such mechanism.')
  return Number(value)
}

function parameterOf({ parameter: { case: kind, value } }: Mechanism): MechanismParameter {
  switch (kind) {
    case undefined:
      return { kind: 'none' }
    case 'parameterB':
      // Clients of the first generation cannot leave it out.
      return value.length === 0 ? { kind: 'none' } : { kind: 'bytes', bytes: bytesOf(value) }
    case 'rsaOaepParameter': {
      const isLabelled = value.encodingParmType === RSAOAEPParm_EncodingParmType.CKZ_DATA_SPECIFIED
      const label = isLabelled ? bytesOf(value.encodingParm) : undefined
      return { kind: 'oaep', hash: small(value.hashMech), mgf: known(value.mgf), label }
    }
    case 'rsaPssParameter': {
      const { hashMech, mgf, saltByteCount } = value
      return { kind: 'pss', hash: small(hashMech), mgf: known(mgf), saltBytes: small(saltByteCount) }
    }
    case 'ecdh1DeriveParameter': {
      const { kdf, sharedData, publicData } = value
      return { kind: 'ecdh', kdf: known(kdf), shared: bytesOf(sharedData), peer: bytesOf(publicData) }
    }
    case 'btcDeriveParameter': {
      const { type, childKeyIndex, chainCode, version } = value
      const [childIndex, form] = [small(childKeyIndex), small(version)]
      return { kind: 'btc', type: known(type), childIndex, chainCode: bytesOf(chainCode), version: form }
    }
    case 'ecsgParameter':
      return { kind: 'ecsg', type: known(value.type) }
    case 'kyberKemParameter': {
      const { version, mode, kdf, cipherText } = value
      return { kind: 'kem', version, mode: known(mode), kdf: known(kdf), ciphertext: bytesOf(cipherText) }
    }
    case 'ecaggParameter':
      return { kind: 'other' }
  }
}

function small(value: bigint): number {
  if (value > 0xffff_ffffn) throw invalid()
  return Number(value)
}

/** On the wire an enumeration may be negative; none of theirs is. */
function known(value: number): number {
  if (value < 0) throw invalid()
  return value
}

function invalid(): Ep11Error {
  return new Ep11Error('CKR_MECHANISM_PARAM_INVALID', 'A number of the mechanism’s parameter is out of its range.')
}
