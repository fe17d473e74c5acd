/** A client of the TKE protocol that calls in the recorded order of the public library (TKE reference, section 4.8). */
import { createPublicKey } from 'node:crypto'
import { encodeAdminRequest } from '@keywitness/crypto-unit/tke/admin-message'
import { parseAdministratorCertificate } from '@keywitness/crypto-unit/tke/administrator-certificate'
import { attributes, decodeAttributes, encodeAttributes, permissions } from '@keywitness/crypto-unit/tke/attributes'
import { commands, encodeCommandBlock, queries, type CommandName } from '@keywitness/crypto-unit/tke/command-block'
import { wordBytes } from '@keywitness/crypto-unit/tke/der'
import { importerSki, pointOfKey } from '@keywitness/crypto-unit/tke/p521'
import {
  decodeParameters,
  encodeHolderCertificate,
  encodeParameters,
  parameters,
  SCOPE_SHORT,
} from '@keywitness/crypto-unit/tke/parameter-file'
import { sealPart } from '@keywitness/crypto-unit/tke/recipient-info'
import { makeSignerInfo } from '@keywitness/crypto-unit/tke/signer-info'
import type { TkeSigner } from './tke-signer.ts'
import { TkeWire, type TkeAnswer, type TkeUnit, type TkeWireOptions } from './tke-wire.ts'

/** A unit as its own answers describe it. */
export interface TkeUnitState extends TkeUnit {
  readonly signatureThreshold: number
  readonly revocationThreshold: number
  readonly permissions: number
  readonly mode: number
  readonly administrators: readonly { readonly ski: string; readonly name: string }[]
  readonly newRegister: 'Empty' | 'Full Uncommitted' | 'Full Committed'
  readonly currentRegister: 'Empty' | 'Valid'
  /** Verification patterns, 64 hex digits. */
  readonly newPattern: string
  readonly currentPattern: string
}

export interface TkeConfiguration {
  readonly signatureThreshold: number
  readonly revocationThreshold: number
  readonly administrators: readonly TkeSigner[]
}

const IMPORTER_P_521 = 3
const empty = Buffer.alloc(0)

export class TkeClient {
  readonly wire: TkeWire
  /** Whoever may be asked to sign: those whom a unit knows do. */
  readonly signers: TkeSigner[]
  /** Commands sent so far, in their order: unit and command. */
  readonly sent: { readonly unit: string; readonly command: CommandName; readonly answer: TkeAnswer }[] = []

  constructor(options: TkeWireOptions, signers: readonly TkeSigner[]) {
    this.wire = new TkeWire(options)
    this.signers = [...signers]
  }

  async query(): Promise<TkeUnitState[]> {
    const units = await this.wire.list()
    const firsts = new Map<string, { readonly unit: TkeUnit; readonly certificate: Uint8Array }>()
    for (const unit of units) {
      if (this.wire.knows(unit)) continue
      const certificate = await this.wire.firstCertificate(unit)
      await this.wire.query(unit, queries.ATTRIBUTES)
      if (!firsts.has(unit.serial)) firsts.set(unit.serial, { unit, certificate })
    }
    for (const { unit, certificate } of firsts.values()) await this.wire.verifyChain(unit, certificate)
    const states: TkeUnitState[] = []
    for (const unit of units) states.push(await this.state(unit))
    return states
  }

  async state(unit: TkeUnit): Promise<TkeUnitState> {
    const values = decodeAttributes(Buffer.from((await this.wire.query(unit, queries.ATTRIBUTES)).block.payload))
    const listed = Buffer.from((await this.wire.query(unit, queries.ADMINISTRATORS)).block.payload)
    const administrators = []
    for (let at = 0; at < listed.length; at += 32) {
      const ski = listed.subarray(at, at + 32)
      const { block } = await this.wire.query(unit, queries.ADMINISTRATORS, ski)
      const { name, ski: own } = parseAdministratorCertificate(block.payload)
      if (own !== ski.toString('hex')) throw new Error('a certificate of somebody else')
      administrators.push({ ski: own, name })
    }
    const info = await this.wire.domainInfo(unit)
    const flags = info[71] ?? 0
    return {
      ...unit,
      signatureThreshold: values.get(attributes.SIGNATURE_THRESHOLD) ?? 999,
      revocationThreshold: values.get(attributes.REVOCATION_THRESHOLD) ?? 999,
      permissions: values.get(attributes.PERMISSIONS) ?? 0,
      mode: values.get(attributes.MODE) ?? 0,
      administrators,
      newRegister: (flags & 4) === 0 ? 'Empty' : (flags & 8) === 0 ? 'Full Uncommitted' : 'Full Committed',
      currentRegister: (flags & 2) === 0 ? 'Empty' : 'Valid',
      newPattern: info.toString('hex', 36, 68),
      currentPattern: info.toString('hex', 4, 36),
    }
  }

  /** What stands against a change of units that were just queried; nothing when it is possible. */
  problems(units: readonly TkeUnitState[], wanted: TkeConfiguration): string[] {
    const { signatureThreshold, revocationThreshold, administrators } = wanted
    const most = Math.max(signatureThreshold, revocationThreshold)
    const isThreshold = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 8
    const recovery = units.filter(({ type }) => type === 'recovery')
    const kept = (unit: TkeUnitState) => unit.administrators.filter(({ ski }) => has(administrators, ski))
    const inUse = units.filter(({ signatureThreshold: main }) => main > 0)
    const valid = units.filter(({ currentRegister }) => currentRegister === 'Valid')
    const [pattern = ''] = recovery.filter((unit) => valid.includes(unit)).map((unit) => unit.currentPattern)
    const isSame = valid.every(({ currentPattern }) => currentPattern.slice(0, 56) === pattern.slice(0, 56))
    return [
      ...(isThreshold(signatureThreshold) && isThreshold(revocationThreshold) ? [] : ['thresholds']),
      ...(administrators.length < most || administrators.length > 8 ? ['number of administrators'] : []),
      ...(new Set(administrators.map(({ ski }) => ski)).size === administrators.length ? [] : ['a key twice']),
      ...(administrators.some(({ name }) => name.length > 30) ? ['a name'] : []),
      ...(recovery.length === 0 ? ['no recovery unit'] : []),
      ...(inUse.some((unit) => kept(unit).length < unit.signatureThreshold) ? ['too few administrators stay'] : []),
      ...(inUse.some((unit) => orderOf(unit, wanted) === undefined) ? ['no order of changes'] : []),
      ...(inUse.some((unit) =>
        kept(unit).some(({ ski, name }) => administrators.some((one) => one.ski === ski && one.name !== name)),
      )
        ? ['a changed name']
        : []),
      ...(valid.length === 0 || (pattern !== '' && isSame) ? [] : ['master keys']),
    ]
  }

  /** CheckTransition. */
  async check(wanted: TkeConfiguration): Promise<string[]> {
    return this.problems(await this.query(), wanted)
  }

  /** Update: thresholds, administrators, and one master key in all units. @returns the units as they are then */
  async update(wanted: TkeConfiguration): Promise<TkeUnitState[]> {
    let units = await this.query()
    const fresh = units.filter(({ signatureThreshold }) => signatureThreshold === 0)
    for (const unit of fresh) await this.command(unit, 'ZEROIZE', empty, 0)
    if (fresh.some(({ administrators }) => administrators.length > 0)) units = await this.query()
    for (const unit of units) await this.#configure(unit, wanted)
    await this.#shareMasterKey(units, wanted.signatureThreshold)
    return this.query()
  }

  async #configure(unit: TkeUnitState, wanted: TkeConfiguration): Promise<void> {
    const { administrators, signatureThreshold, revocationThreshold } = wanted
    const isThere = (ski: string): boolean => has(unit.administrators, ski)
    const adding = administrators.filter(({ ski }) => !isThere(ski))
    const removing = unit.administrators.filter(({ ski }) => !has(administrators, ski))
    let { signatureThreshold: main, revocationThreshold: revocation } = unit
    // Those who stay sign; in imprint mode, those who come.
    const signing = this.signers.filter(({ ski }) => has(administrators, ski) && (main === 0 || isThere(ski)))
    const add = async (): Promise<void> => {
      for (const { certificate } of adding) await this.command(unit, 'ADD_ADMINISTRATOR', certificate, main, signing)
    }
    const remove = async (): Promise<void> => {
      for (const { ski } of removing) {
        await this.command(unit, 'REMOVE_ADMINISTRATOR', Buffer.from(ski, 'hex'), revocation, signing)
      }
    }
    const set = async (toMain: number, toRevocation: number): Promise<void> => {
      if (main === toMain && revocation === toRevocation) return
      const payload = encodeAttributes([
        [attributes.SIGNATURE_THRESHOLD, toMain],
        [attributes.REVOCATION_THRESHOLD, toRevocation],
        [attributes.PERMISSIONS, permissionsOf(unit)],
        [attributes.MODE, unit.mode],
      ])
      await this.command(unit, 'SET_ATTRIBUTES', payload, main === 0 ? toMain : main, signing)
      main = toMain
      revocation = toRevocation
    }
    const order = orderOf(unit, wanted)
    if (order === undefined) throw new Error('there is no order of these changes')
    for (const step of order) {
      if (step === 'add') await add()
      else if (step === 'remove') await remove()
      else if (step === 'set revocation') await set(main, revocationThreshold)
      else await set(signatureThreshold, revocationThreshold)
    }
  }

  /** When no unit has one, the first recovery unit makes it; whoever has none gets it from there. */
  async #shareMasterKey(units: readonly TkeUnitState[], threshold: number): Promise<void> {
    const recovery = units.filter(({ type }) => type === 'recovery')
    const isEmpty = ({ currentRegister }: TkeUnitState): boolean => currentRegister === 'Empty'
    let source = recovery.find((unit) => !isEmpty(unit))
    if (source === undefined && units.every(isEmpty)) {
      source = recovery[0]
      if (source !== undefined) await this.command(source, 'RANDOM', empty, 1)
    }
    if (source === undefined) throw new Error('no recovery unit has a master key')
    for (const unit of units.filter((one) => one !== source && isEmpty(one))) await this.copy(source, unit, threshold)
  }

  /** The current master key of one unit to another: importer, export, import, commit, finalize. */
  async copy(source: TkeUnit, target: TkeUnit, threshold: number): Promise<void> {
    const point = pointOfKey(await this.importer(target))
    const request = encodeParameters([
      { type: parameters.SCOPE, index: SCOPE_SHORT, data: empty },
      { type: parameters.HOLDER_CERTIFICATE, index: 0, data: encodeHolderCertificate(point) },
      { type: parameters.PART_LIMIT, index: 1, data: empty },
    ])
    const exported = await this.command(source, 'EXPORT', request, threshold)
    const part = decodeParameters(exported.block.payload).find(({ type }) => type === parameters.KEY_PART)
    if (part === undefined) throw new Error('an export without a key part')
    await this.load(target, [part.data])
    const info = await this.wire.domainInfo(target)
    const pattern = info.subarray(36, 68)
    await this.command(target, 'COMMIT', pattern, threshold)
    await this.command(target, 'ACTIVATE', pattern, 1)
  }

  /** A new importer of P-521: its public key. */
  async importer(unit: TkeUnit): Promise<ReturnType<typeof createPublicKey>> {
    const { block } = await this.command(unit, 'GENERATE_IMPORTER', wordBytes(IMPORTER_P_521), 1)
    return createPublicKey({ key: Buffer.from(block.payload), format: 'der', type: 'spki' })
  }

  /** Parts of a key as people bring them: encrypted to an importer made for them, then loaded. */
  async loadParts(unit: TkeUnit, parts: readonly Uint8Array[]): Promise<TkeAnswer> {
    const importer = await this.importer(unit)
    const recipient = importerSki(pointOfKey(importer))
    return this.load(
      unit,
      parts.map((part) => sealPart(part, importer, recipient)),
    )
  }

  /** Import of encrypted parts: each signed by itself, the whole by nobody. */
  async load(unit: TkeUnit, recipientInfos: readonly Uint8Array[]): Promise<TkeAnswer> {
    const next = await this.#nextBlock(unit)
    const requests = recipientInfos.map((payload) => {
      const block = encodeCommandBlock({ ...next, command: commands.LOAD, payload })
      return encodeAdminRequest(unit.domainIndex, block, [signature(this.signers[0], block)])
    })
    const block = encodeCommandBlock({ ...next, command: commands.LOAD, payload: Buffer.concat(requests) })
    return this.#sent(unit, 'LOAD', await this.wire.send(unit, block, []))
  }

  /** Asks for attributes, as clients do before each command, then signs and sends it. @throws TkeRefused */
  async command(
    unit: TkeUnit,
    name: CommandName,
    payload: Uint8Array,
    signatures: number,
    signers: readonly TkeSigner[] = this.signers,
  ): Promise<TkeAnswer> {
    const block = encodeCommandBlock({ ...(await this.#nextBlock(unit)), command: commands[name], payload })
    const signing = signers.slice(0, signatures).map((signer) => signature(signer, block))
    return this.#sent(unit, name, await this.wire.send(unit, block, signing))
  }

  async #nextBlock(unit: TkeUnit) {
    const { domainIndex, domainInstance, serial, moduleInstance, counter } = (
      await this.wire.query(unit, queries.ATTRIBUTES)
    ).block
    return { domainIndex, domainInstance, serial, moduleInstance, counter: counter + 1n }
  }

  #sent(unit: TkeUnit, command: CommandName, answer: TkeAnswer): TkeAnswer {
    if (answer.eventId === undefined) throw new Error('a command left no event')
    this.sent.push({ unit: unit.id, command, answer })
    return answer
  }

  /** Asks for failover units, which begin in imprint mode. @returns the event's id @throws TkeHttpError */
  async enableFailover(region: string, numberOfHsmsRequested: number): Promise<string | undefined> {
    return (await this.wire.http('POST', `hsmAssignment/${region}?type=failover`, { numberOfHsmsRequested })).eventId
  }

  /** Zeroize: all units, by one signature where that is permitted. */
  async zeroize(): Promise<void> {
    for (const unit of await this.query()) {
      const { signatureThreshold: main, permissions: permitted } = unit
      const isOneEnough = (permitted & permissions.ONE_SIGNATURE_ZEROIZE) !== 0
      await this.command(unit, 'ZEROIZE', empty, main === 0 ? 0 : isOneEnough ? 1 : main)
    }
  }
}

function has(list: readonly { readonly ski: string }[], ski: string): boolean {
  return list.some((one) => one.ski === ski)
}

function signature(signer: TkeSigner | undefined, block: Uint8Array): Buffer {
  if (signer === undefined) throw new Error('nobody to sign')
  return makeSignerInfo(block, Buffer.from(signer.ski, 'hex'), signer.key)
}

type Step = 'add' | 'remove' | 'set' | 'set revocation'

/** Orders A, B and C; undefined when none is possible. */
function orderOf(unit: TkeUnitState, wanted: TkeConfiguration): readonly Step[] | undefined {
  const { administrators, revocationThreshold } = wanted
  const { signatureThreshold: main, revocationThreshold: revocation } = unit
  const kept = unit.administrators.filter(({ ski }) => has(administrators, ski)).length
  if (main >= revocation) return ['remove', 'add', 'set']
  if (revocationThreshold <= kept) return ['set revocation', 'remove', 'add', 'set']
  const total = unit.administrators.length + administrators.length - kept
  return total <= 8 ? ['add', 'remove', 'set'] : undefined
}

/** What the public library writes into attribute 3 when it sets thresholds (TKE reference, section 3.3). */
function permissionsOf({ type, permissions: before }: TkeUnitState): number {
  const isFree = (before & permissions.CHANGE_DO_NOT_DISTURB) !== 0
  const { IMPORT, EXPORT, ONE_PART, RANDOM, ONE_SIGNATURE_ZEROIZE, DO_NOT_DISTURB, CHANGE_DO_NOT_DISTURB } = permissions
  const always = before | ONE_SIGNATURE_ZEROIZE | IMPORT | ONE_PART
  const own = type === 'recovery' ? always | RANDOM | EXPORT : always & ~EXPORT
  return (isFree ? (own | DO_NOT_DISTURB) & ~CHANGE_DO_NOT_DISTURB : own) >>> 0
}
