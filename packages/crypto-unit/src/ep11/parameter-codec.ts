/** Mechanisms with their parameters, on the pipe and inside states: one byte tells the kind, the rest follows from it. */
import { ProtocolError, type Fields, type FrameBatch } from '../frames.ts'
import type { MechanismUse } from './calls.ts'
import { Ep11Error } from './ep11-error.ts'
import type { MechanismParameter } from './parameter.ts'

/** Longest label, shared data, point, chain code or cipher text inside a parameter. */
export const PARAMETER_BYTES_MAX = 8 * 1024

const kinds = [
  'none',
  'bytes',
  'other',
  'oaep',
  'pss',
  'ecdh',
  'btc',
  'ecsg',
  'kem',
] as const satisfies readonly MechanismParameter['kind'][]

/** @throws Ep11Error `CKR_MECHANISM_PARAM_INVALID` for one that is too long */
export function putMechanism(frame: FrameBatch, { value, parameter }: MechanismUse): void {
  frame.u32(value)
  frame.u8(kinds.indexOf(parameter.kind))
  switch (parameter.kind) {
    case 'bytes':
      putBytes(frame, parameter.bytes)
      break
    case 'oaep':
      putNumber(frame, parameter.hash)
      putNumber(frame, parameter.mgf)
      frame.u8(parameter.label === undefined ? 0 : 1)
      if (parameter.label !== undefined) putBytes(frame, parameter.label)
      break
    case 'pss':
      putNumber(frame, parameter.hash)
      putNumber(frame, parameter.mgf)
      putNumber(frame, parameter.saltBytes)
      break
    case 'ecdh':
      putNumber(frame, parameter.kdf)
      putBytes(frame, parameter.shared)
      putBytes(frame, parameter.peer)
      break
    case 'btc':
      putNumber(frame, parameter.type)
      putNumber(frame, parameter.childIndex)
      putNumber(frame, parameter.version)
      putBytes(frame, parameter.chainCode)
      break
    case 'ecsg':
      putNumber(frame, parameter.type)
      break
    case 'kem':
      putNumber(frame, parameter.version)
      putNumber(frame, parameter.mode)
      putNumber(frame, parameter.kdf)
      putBytes(frame, parameter.ciphertext)
      break
    default:
  }
}

/** `keep` copies what is to outlive the frame. @throws ProtocolError `MALFORMED` */
export function readMechanism(fields: Fields, keep: (bytes: Buffer) => Buffer = (bytes) => bytes): MechanismUse {
  return { value: fields.u32(), parameter: readParameter(fields, () => keep(fields.bytes(PARAMETER_BYTES_MAX))) }
}

function readParameter(fields: Fields, bytes: () => Buffer): MechanismParameter {
  const kind = kinds[fields.u8()]
  switch (kind) {
    case 'none':
    case 'other':
      return { kind }
    case 'bytes':
      return { kind, bytes: bytes() }
    case 'oaep': {
      const [hash, mgf] = [fields.u32(), fields.u32()]
      return { kind, hash, mgf, label: fields.u8() === 1 ? bytes() : undefined }
    }
    case 'pss':
      return { kind, hash: fields.u32(), mgf: fields.u32(), saltBytes: fields.u32() }
    case 'ecdh': {
      const kdf = fields.u32()
      return { kind, kdf, shared: bytes(), peer: bytes() }
    }
    case 'btc': {
      const [type, childIndex, version] = [fields.u32(), fields.u32(), fields.u32()]
      return { kind, type, childIndex, version, chainCode: bytes() }
    }
    case 'ecsg':
      return { kind, type: fields.u32() }
    case 'kem': {
      const [version, mode, kdf] = [fields.u32(), fields.u32(), fields.u32()]
      return { kind, version, mode, kdf, ciphertext: bytes() }
    }
    default:
      throw new ProtocolError('MALFORMED', 'A mechanism has a parameter of no known kind.')
  }
}

function putNumber(frame: FrameBatch, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw invalid()
  frame.u32(value)
}

function putBytes(frame: FrameBatch, bytes: Buffer): void {
  if (bytes.length > PARAMETER_BYTES_MAX) throw invalid()
  frame.bytes(bytes)
}

function invalid(): Ep11Error {
  return new Ep11Error(
    'CKR_MECHANISM_PARAM_INVALID',
    'A number or a field of the parameter is larger than any mechanism takes.',
  )
}
