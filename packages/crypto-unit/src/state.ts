/** A unit's state at rest: AES-256-GCM under the seal key, versioned, bound to instance, unit and revision. */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createSecretKey,
  hkdfSync,
  randomFillSync,
  type KeyObject,
} from 'node:crypto'
import { FrameBatch, Fields } from './frames.ts'
import { putIdentity, readIdentity } from './messages.ts'
import {
  ADMINISTRATORS_MAX,
  KEY_PARTS_MAX,
  MASTER_KEY_BYTES,
  masterKey,
  type Importer,
  type MasterKey,
  type UnitState,
} from './registers.ts'
import { STATE_BYTES_MAX } from './protocol.ts'
import { CERTIFICATE_BYTES_MAX, parseAdministratorCertificate } from './tke/administrator-certificate.ts'
import { counterBytes, counterValue } from './tke/command-block.ts'
import { UnitError } from './unit-error.ts'

const MAGIC = Buffer.from('KWUS', 'latin1')
const VERSION = 2
/** States of the first version have no importer. */
const VERSION_WITHOUT_IMPORTER = 1
const VERSION_AT = 4
const IV_BYTES = 12
const TAG_BYTES = 16
const IMPORTER_BYTES_MAX = 4096

/**
 * The key that seals every state of this process, and the secret that its device keys are derived from.
 * @param bytes 32, zeroed here
 */
export function keysOfSeal(bytes: Uint8Array): { readonly states: KeyObject; readonly devices: KeyObject } {
  const states = createSecretKey(bytes)
  const derived = new Uint8Array(hkdfSync('sha256', bytes, '', 'keywitness/device-keys/1', 32))
  const devices = createSecretKey(derived)
  derived.fill(0)
  bytes.fill(0)
  return { states, devices }
}

/** Header (magic, version, revision, instance, unit: authenticated), iv, ciphertext, tag. */
export function sealState(state: UnitState, key: KeyObject): Buffer {
  const header = headerOf(state)
  const plaintext = encodeState(state)
  const iv = randomFillSync(Buffer.alloc(IV_BYTES))
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(header)
  const ciphertext = cipher.update(plaintext)
  plaintext.fill(0)
  cipher.final()
  return Buffer.concat([header, iv, ciphertext, cipher.getAuthTag()])
}

/** @throws UnitError `BROKEN_STATE` when it was sealed under another key, was altered, or is of a newer version */
export function openState(sealed: Buffer, key: KeyObject): UnitState {
  if (sealed.length > STATE_BYTES_MAX) throw broken('A sealed state is larger than allowed.')
  const header = sealed.subarray(0, headerBytes(sealed))
  const iv = sealed.subarray(header.length, header.length + IV_BYTES)
  const ciphertext = sealed.subarray(header.length + IV_BYTES, sealed.length - TAG_BYTES)
  const plaintext = decrypt(key, header, iv, ciphertext, sealed.subarray(sealed.length - TAG_BYTES))
  try {
    const version = header.readUInt8(VERSION_AT)
    const state = decodeState(new Fields(plaintext), version)
    if (!headerOf(state, version).equals(header)) throw broken('A sealed state is not the one its header names.')
    return state
  } finally {
    plaintext.fill(0)
  }
}

function decrypt(key: KeyObject, header: Buffer, iv: Buffer, ciphertext: Buffer, tag: Buffer): Buffer {
  if (iv.length !== IV_BYTES || tag.length !== TAG_BYTES) throw broken('A sealed state is cut off.')
  const decipher = createDecipheriv('aes-256-gcm', key, iv)
  decipher.setAAD(header).setAuthTag(tag)
  const plaintext = decipher.update(ciphertext)
  try {
    decipher.final()
  } catch {
    plaintext.fill(0)
    throw broken('A sealed state does not open: the seal is another one, or the state was altered.')
  }
  return plaintext
}

function headerOf(state: UnitState, version = VERSION): Buffer {
  const texts = [state.instance, state.unit].map((text) => Buffer.from(text, 'utf8'))
  const head = Buffer.alloc(9)
  MAGIC.copy(head)
  head[VERSION_AT] = version
  head.writeUInt32BE(state.revision, 5)
  return Buffer.concat([head, ...texts.flatMap((text) => [Buffer.from([text.length]), text])])
}

function headerBytes(sealed: Buffer): number {
  if (sealed.length < 9 || !sealed.subarray(0, 4).equals(MAGIC)) throw broken('This is not a sealed state.')
  if (sealed[VERSION_AT] !== VERSION && sealed[VERSION_AT] !== VERSION_WITHOUT_IMPORTER)
    throw broken('A sealed state is of a version that this unit does not know.')
  const unitAt = 10 + (sealed[9] ?? 0)
  return unitAt + 1 + (sealed[unitAt] ?? 0)
}

function encodeState(state: UnitState): Buffer {
  const out = new FrameBatch()
  putIdentity(out, state)
  out.u32(state.revision)
  out.raw(counterBytes(state.moduleInstance))
  out.u32(state.domainInstance)
  out.raw(counterBytes(state.counter))
  out.u8(state.signatureThreshold)
  out.u8(state.revocationSignatureThreshold)
  out.u32(state.permissions)
  out.u32(state.mode)
  out.u32(state.standards)
  out.raw(state.controlPoints)
  out.u8(state.administrators.length)
  for (const { certificate } of state.administrators) out.bytes(certificate)
  putImporter(out, state.importer)
  putKey(out, state.newKey, state.newKey?.committed === true ? 2 : 1)
  putKey(out, state.currentKey, 1)
  return out.take()
}

function decodeState(fields: Fields, version: number): UnitState {
  const identity = readIdentity(fields)
  const revision = fields.u32()
  const moduleInstance = counterValue(fields.raw(16))
  const domainInstance = fields.u32()
  const counter = counterValue(fields.raw(16))
  const signatureThreshold = fields.u8()
  const revocationSignatureThreshold = fields.u8()
  const permissions = fields.u32()
  const mode = fields.u32()
  const standards = fields.u32()
  const controlPoints = Buffer.from(fields.raw(16))
  const count = fields.u8()
  if (count > ADMINISTRATORS_MAX) throw broken('A sealed state has too many administrators.')
  const administrators = Array.from({ length: count }, () => {
    const certificate = Buffer.from(fields.bytes(CERTIFICATE_BYTES_MAX))
    const { ski, name } = parseAdministratorCertificate(certificate)
    return { ski, name, certificate }
  })
  const importer = version === VERSION_WITHOUT_IMPORTER ? undefined : readImporter(fields)
  const pending = readKey(fields)
  const current = readKey(fields)
  fields.end()
  return {
    ...identity,
    revision,
    moduleInstance,
    domainInstance,
    counter,
    administrators,
    signatureThreshold,
    revocationSignatureThreshold,
    permissions,
    mode,
    standards,
    controlPoints,
    importer,
    newKey: pending && { ...pending.key, committed: pending.flag === 2 },
    currentKey: current?.key,
  }
}

/** The importer: 0 when there is none, otherwise 1, its type and its private key. */
function putImporter(out: FrameBatch, importer: Importer | undefined): void {
  out.u8(importer === undefined ? 0 : 1)
  if (importer === undefined) return
  const der = importer.key.export({ format: 'der', type: 'pkcs8' })
  out.u32(importer.type)
  out.bytes(der)
  der.fill(0)
}

function readImporter(fields: Fields): Importer | undefined {
  if (fields.u8() === 0) return undefined
  const type = fields.u32()
  return { type, key: createPrivateKey({ key: fields.bytes(IMPORTER_BYTES_MAX), format: 'der', type: 'pkcs8' }) }
}

/** A register: 0 when empty, otherwise its flag, the key and the patterns of its parts. */
function putKey(out: FrameBatch, register: MasterKey | undefined, flag: number): void {
  out.u8(register === undefined ? 0 : flag)
  if (register === undefined) return
  const bytes = register.key.export()
  out.raw(bytes)
  bytes.fill(0)
  out.u8(register.partPatterns.length)
  for (const pattern of register.partPatterns) out.raw(Buffer.from(pattern, 'hex'))
}

function readKey(fields: Fields): { flag: number; key: MasterKey } | undefined {
  const flag = fields.u8()
  if (flag === 0) return undefined
  const bytes = fields.raw(MASTER_KEY_BYTES)
  const count = fields.u8()
  if (count > KEY_PARTS_MAX) throw broken('A sealed state has a key of too many parts.')
  const partPatterns = Array.from({ length: count }, () => fields.raw(32).toString('hex'))
  return { flag, key: masterKey(bytes, partPatterns) }
}

function broken(message: string): UnitError {
  return new UnitError('BROKEN_STATE', message)
}
