/** The registers of one crypto unit (TKE reference, sections 3.3, 5 and 10.3). A state is never changed, only replaced. */
import { createSecretKey, type KeyObject } from 'node:crypto'
import type { RegisterReport, UnitIdentity, UnitReport } from './messages.ts'
import { CONTROL_POINT_BYTES } from './tke/attributes.ts'
import { moduleInstanceOf } from './tke/module-instance.ts'
import { verificationPattern } from './tke/verification-pattern.ts'

export const ADMINISTRATORS_MAX = 8
export const KEY_PARTS_MAX = 20
export const MASTER_KEY_BYTES = 32

const FRESH_PERMISSIONS = 0x81ff_0011
const FRESH_MODE = 0x0004_0202

interface Administrator {
  /** 64 hex digits. */
  readonly ski: string
  readonly name: string
  /** As it was presented, byte for byte. */
  readonly certificate: Buffer
}

/** A master key: AES-256, held where JavaScript cannot read it by accident. */
export interface MasterKey {
  readonly key: KeyObject
  /** 64 hex digits. */
  readonly pattern: string
  readonly partPatterns: readonly string[]
}

/** The key pair that master key parts are encrypted to on their way into the unit. */
export interface Importer {
  /** Type value of the command that made it (TKE reference, section 3.9). */
  readonly type: number
  readonly key: KeyObject
}

export interface UnitState extends UnitIdentity {
  readonly revision: number
  readonly moduleInstance: bigint
  readonly domainInstance: number
  readonly counter: bigint
  readonly administrators: readonly Administrator[]
  /** Attributes 1 and 2. Zero in imprint mode. */
  readonly signatureThreshold: number
  readonly revocationSignatureThreshold: number
  /** Attributes 3, 4 and 5. */
  readonly permissions: number
  readonly mode: number
  readonly standards: number
  /** 16 bytes, most significant bit first. */
  readonly controlPoints: Buffer
  readonly importer: Importer | undefined
  /** The new register: a key on its way. */
  readonly newKey: (MasterKey & { readonly committed: boolean }) | undefined
  /** The current register: the key that wraps everything. */
  readonly currentKey: MasterKey | undefined
}

/** A unit as it leaves the factory, and again after every zeroize. */
export function freshState(identity: UnitIdentity, domainInstance: number, revision: number): UnitState {
  return {
    instance: identity.instance,
    unit: identity.unit,
    type: identity.type,
    location: identity.location,
    serial: identity.serial,
    revision,
    moduleInstance: moduleInstanceOf(identity.instance, identity.unit),
    domainInstance,
    counter: 0n,
    administrators: [],
    signatureThreshold: 0,
    revocationSignatureThreshold: 0,
    permissions: FRESH_PERMISSIONS,
    mode: FRESH_MODE,
    standards: 0,
    controlPoints: Buffer.alloc(CONTROL_POINT_BYTES),
    importer: undefined,
    newKey: undefined,
    currentKey: undefined,
  }
}

/** Imprint mode: nobody must sign yet, and no key can be loaded. */
export function isImprint(state: UnitState): boolean {
  return state.signatureThreshold === 0
}

/** Takes the bytes of a master key into a KeyObject and zeroes them. */
export function masterKey(bytes: Uint8Array, partPatterns: readonly string[]): MasterKey {
  const key = createSecretKey(bytes)
  const pattern = verificationPattern(bytes)
  bytes.fill(0)
  return { key, pattern, partPatterns }
}

export interface Location {
  readonly region: string
  readonly zone: string
  readonly module: number
  readonly domain: number
}

/** Reads `[region].[zone].[module].[domain]`; undefined when the text is anything else. */
export function parseLocation(location: string): Location | undefined {
  const match = /^\[([^[\]]{1,64})\]\.\[([^[\]]{1,64})\]\.\[(\d{1,8})\]\.\[(\d{1,8})\]$/.exec(location)
  if (match === null) return undefined
  const [, region = '', zone = '', module, domain] = match
  return { region, zone, module: Number(module), domain: Number(domain) }
}

/** The crypto module's index: the third piece of the unit's location. */
export function moduleIndexOf(identity: UnitIdentity): number {
  return parseLocation(identity.location)?.module ?? 0
}

/** The module itself: all of the location but the domain. */
export function moduleOf({ location }: UnitIdentity): string {
  return location.slice(0, location.lastIndexOf('.'))
}

/** The domain index: the last piece of the unit's location. */
export function domainIndexOf(identity: UnitIdentity): number {
  return parseLocation(identity.location)?.domain ?? 0
}

export function reportOf(state: UnitState): UnitReport {
  const { newKey, currentKey } = state
  return {
    instance: state.instance,
    unit: state.unit,
    type: state.type,
    location: state.location,
    serial: state.serial,
    revision: state.revision,
    domainIndex: domainIndexOf(state),
    domainInstance: state.domainInstance,
    moduleInstance: state.moduleInstance,
    counter: state.counter,
    imprint: isImprint(state),
    signatureThreshold: state.signatureThreshold,
    revocationSignatureThreshold: state.revocationSignatureThreshold,
    permissions: state.permissions,
    controlPoints: state.controlPoints.toString('hex'),
    administrators: state.administrators.map(({ ski, name }) => ({ ski, name })),
    newRegister: registerReport(newKey, newKey?.committed === true ? 'committed' : 'uncommitted'),
    currentRegister: registerReport(currentKey, 'valid'),
  }
}

function registerReport(key: MasterKey | undefined, state: RegisterReport['state']): RegisterReport {
  return key === undefined
    ? { state: 'empty', partPatterns: [] }
    : { state, pattern: key.pattern, partPatterns: key.partPatterns }
}
