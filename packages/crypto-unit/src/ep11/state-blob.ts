/** States of operations that go on in parts: all of an operation between two calls, sealed, for the client to keep (section 6). */
import { Fields, ProtocolError, type FrameBatch } from '../frames.ts'
import type { IvPool } from '../iv-pool.ts'
import type { MasterKey } from '../registers.ts'
import type { MechanismUse } from './calls.ts'
import { keyOfWkid, purposeKey, wkidOf } from './derived-keys.ts'
import { Ep11Error } from './ep11-error.ts'
import { OBJECT_BYTES_MAX } from './key-blob.ts'
import { noSession } from './opened-key.ts'
import { putMechanism, readMechanism } from './parameter-codec.ts'
import { gather, headerOf, nonceOf, seal, unseal, versions } from './sealed-object.ts'

const VERSION = 1
const ID_BYTES = 16
const families = ['digest', 'encrypt', 'decrypt', 'sign', 'verify'] as const
export type Family = (typeof families)[number]

/** Longest thing that an operation keeps between two calls. */
const SAVED_BYTES_MAX = 4 * 1024

export interface OperationState {
  readonly family: Family
  readonly mechanism: MechanismUse
  /** The key as the client gave it; empty for a digest. */
  readonly key: Buffer
  /** What the operation needs to go on; undefined before its first part. Whoever opened the state zeroes it. */
  readonly saved: Buffer | undefined
  /** Joins the events of one operation: UUID v7. */
  readonly operationId: string
}

export interface StateSealing {
  readonly instance: string
  readonly master: MasterKey
  readonly ivs: IvPool
  /** A batch with nothing in it; it is zeroed after use. */
  readonly scratch: FrameBatch
  /** Of the key's login session. */
  readonly session: Buffer | undefined
}

export function sealState(state: OperationState, { instance, master, ivs, scratch, session }: StateSealing): Buffer {
  const plaintext = gather(scratch, (out) => {
    out.u8(VERSION)
    out.u8(families.indexOf(state.family))
    out.raw(Buffer.from(state.operationId.replaceAll('-', ''), 'hex'))
    putMechanism(out, state.mechanism)
    out.bytes(state.key)
    out.u8(state.saved === undefined ? 0 : 1)
    if (state.saved !== undefined) out.bytes(state.saved)
  })
  try {
    const header = { session: session ?? noSession, wkid: wkidOf(master), bits: 0, version: versions.state }
    return seal(purposeKey(master, 'stateBlob'), instance, header, plaintext, ivs)
  } finally {
    scratch.recycle(plaintext)
  }
}

/** What a state is known by once it is used. */
export function stateName(state: Buffer): string {
  return nonceOf(state).toString('latin1')
}

/**
 * @throws Ep11Error `CKR_OPERATION_NOT_INITIALIZED` for what is no state at all or of another family of operations,
 *   `CKR_IBM_WKID_MISMATCH` after the master key changed, `CKR_IBM_BLOB_ERROR` when it was altered or is of another instance
 */
export function openState(
  sealed: Buffer,
  family: Family,
  instance: string,
  keys: readonly MasterKey[],
): OperationState {
  const header = headerOf(sealed, versions.state)
  if (header === undefined) throw notInitialized('This is no state of an operation.')
  const master = keyOfWkid(keys, header.wkid)
  if (master === undefined) throw new Ep11Error('CKR_IBM_WKID_MISMATCH', 'The state is under another master key.')
  const plaintext = unseal(purposeKey(master, 'stateBlob'), instance, sealed)
  if (plaintext === undefined) throw brokenState()
  try {
    const state = readState(new Fields(plaintext))
    if (state.family !== family) throw notInitialized('The state is of an operation of another kind.')
    return state
  } catch (error) {
    if (error instanceof ProtocolError) throw brokenState()
    throw error
  } finally {
    plaintext.fill(0)
  }
}

/** Copies everything: the state is zeroed then. */
function readState(fields: Fields): OperationState {
  if (fields.u8() !== VERSION) throw brokenState()
  const family = families[fields.u8()]
  if (family === undefined) throw brokenState()
  const id = fields.raw(ID_BYTES).toString('hex')
  const mechanism = readMechanism(fields, (bytes) => Buffer.from(bytes))
  const key = Buffer.from(fields.bytes(OBJECT_BYTES_MAX))
  const saved = fields.u8() === 1 ? Buffer.from(fields.bytes(SAVED_BYTES_MAX)) : undefined
  return { family, mechanism, key, saved, operationId: dashed(id) }
}

function dashed(id: string): string {
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export function notInitialized(message: string): Ep11Error {
  return new Ep11Error('CKR_OPERATION_NOT_INITIALIZED', message)
}

function brokenState(): Ep11Error {
  return new Ep11Error('CKR_IBM_BLOB_ERROR', 'This is no state of this instance, or it was altered.')
}
