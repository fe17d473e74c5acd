/** What a unit reports about itself and its process, as both sides of the pipe read and write it. */
import { ProtocolError, type Fields, type FrameBatch } from './frames.ts'
import { counterBytes, counterValue } from './tke/command-block.ts'

/** What the process proved about itself by trying, in the order of their bits on the pipe. */
export const protectionNames = [
  /** No environment variable reached the process. */
  'environmentClean',
  /** Reading a file outside its own source was denied. */
  'filesDenied',
  /** Writing a file was denied. */
  'writesDenied',
  /** Starting a process and loading an add-on are denied. */
  'processesDenied',
  /** The inspector can be opened neither from inside nor by SIGUSR1. */
  'inspectorDenied',
  /** The limit on core files is zero, and cannot be raised again. */
  'coreDumpsOff',
  /** No network interface is there, and a connection found no network. False where the system does not let us. */
  'networkAbsent',
] as const

export type Protections = Readonly<Record<(typeof protectionNames)[number], boolean>>

export function putProtections(batch: FrameBatch, protections: Protections): void {
  let bits = 0
  for (const [index, name] of protectionNames.entries()) if (protections[name]) bits |= 1 << index
  batch.u32(bits)
}

export function readProtections(fields: Fields): Protections {
  const bits = fields.u32()
  const entries = protectionNames.map((name, index) => [name, (bits & (1 << index)) !== 0] as const)
  return Object.fromEntries(entries) as Record<(typeof protectionNames)[number], boolean>
}

export const unitTypes = ['operational', 'recovery', 'failover'] as const
export type UnitType = (typeof unitTypes)[number]

/** Where a unit stands and what it is: fixed at its creation. */
export interface UnitIdentity {
  /** Instance GUID. */
  readonly instance: string
  /** The unit's id, `hsm_id` of the TKE listing. */
  readonly unit: string
  readonly type: UnitType
  /** `[region].[availability zone].[module index].[domain index]` (TKE reference, section 1.4). */
  readonly location: string
  /** 8 ASCII characters: the module's serial number. */
  readonly serial: string
}

/** A master key register by its verification pattern, 64 hex digits. */
export interface RegisterReport {
  readonly state: 'empty' | 'uncommitted' | 'committed' | 'valid'
  readonly pattern?: string
  /** Patterns of the parts the key was made of, in the order of their loading. */
  readonly partPatterns: readonly string[]
}

/** What a unit answers to a query: nothing secret is in it. */
export interface UnitReport extends UnitIdentity {
  /** Number of state changes so far. */
  readonly revision: number
  readonly domainIndex: number
  /** Random at creation and at every zeroize; a signed command names it. */
  readonly domainInstance: number
  readonly moduleInstance: bigint
  /** Last transaction counter accepted. */
  readonly counter: bigint
  /** As created: no administrator's signature is needed, and no key can be loaded. */
  readonly imprint: boolean
  readonly signatureThreshold: number
  readonly revocationSignatureThreshold: number
  /** Attribute 3 of the domain (TKE reference, section 3.3). */
  readonly permissions: number
  /** 16 bytes, 32 hex digits. */
  readonly controlPoints: string
  readonly administrators: readonly { readonly ski: string; readonly name: string }[]
  /** The register a new master key waits in: empty, uncommitted or committed. */
  readonly newRegister: RegisterReport
  /** Empty or valid. */
  readonly currentRegister: RegisterReport
}

export function putIdentity(batch: FrameBatch, identity: UnitIdentity): void {
  batch.text(identity.instance)
  batch.text(identity.unit)
  batch.u8(unitTypes.indexOf(identity.type))
  batch.text(identity.location)
  batch.text(identity.serial)
}

export function readIdentity(fields: Fields): UnitIdentity {
  const instance = fields.text()
  const unit = fields.text()
  const type = unitTypes[fields.u8()]
  if (type === undefined) throw new ProtocolError('MALFORMED', 'A unit type is not known.')
  return { instance, unit, type, location: fields.text(), serial: fields.text() }
}

export function putReport(batch: FrameBatch, report: UnitReport): void {
  putIdentity(batch, report)
  batch.u32(report.revision)
  batch.u32(report.domainIndex)
  batch.u32(report.domainInstance)
  batch.raw(counterBytes(report.moduleInstance))
  batch.raw(counterBytes(report.counter))
  batch.u8(report.signatureThreshold)
  batch.u8(report.revocationSignatureThreshold)
  batch.u32(report.permissions)
  batch.raw(Buffer.from(report.controlPoints, 'hex'))
  batch.u8(report.administrators.length)
  for (const { ski, name } of report.administrators) {
    batch.raw(Buffer.from(ski, 'hex'))
    batch.text(name)
  }
  putRegister(batch, report.newRegister)
  putRegister(batch, report.currentRegister)
}

export function readReport(fields: Fields): UnitReport {
  const identity = readIdentity(fields)
  const revision = fields.u32()
  const domainIndex = fields.u32()
  const domainInstance = fields.u32()
  const moduleInstance = counterValue(fields.raw(16))
  const counter = counterValue(fields.raw(16))
  const signatureThreshold = fields.u8()
  const revocationSignatureThreshold = fields.u8()
  const permissions = fields.u32()
  const controlPoints = fields.raw(16).toString('hex')
  const administrators = Array.from({ length: fields.u8() }, () => ({
    ski: fields.raw(32).toString('hex'),
    name: fields.text(),
  }))
  return {
    ...identity,
    revision,
    domainIndex,
    domainInstance,
    moduleInstance,
    counter,
    imprint: signatureThreshold === 0,
    signatureThreshold,
    revocationSignatureThreshold,
    permissions,
    controlPoints,
    administrators,
    newRegister: readRegister(fields),
    currentRegister: readRegister(fields),
  }
}

const registerStates = ['empty', 'uncommitted', 'committed', 'valid'] as const

function putRegister(batch: FrameBatch, register: RegisterReport): void {
  batch.u8(registerStates.indexOf(register.state))
  if (register.pattern === undefined) return
  batch.raw(Buffer.from(register.pattern, 'hex'))
  batch.u8(register.partPatterns.length)
  for (const pattern of register.partPatterns) batch.raw(Buffer.from(pattern, 'hex'))
}

function readRegister(fields: Fields): RegisterReport {
  const state = registerStates[fields.u8()]
  if (state === undefined) throw new ProtocolError('MALFORMED', 'A register state is not known.')
  if (state === 'empty') return { state, partPatterns: [] }
  const pattern = fields.raw(32).toString('hex')
  const partPatterns = Array.from({ length: fields.u8() }, () => fields.raw(32).toString('hex'))
  return { state, pattern, partPatterns }
}
