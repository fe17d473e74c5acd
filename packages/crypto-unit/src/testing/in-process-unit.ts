/** A crypto unit without its process, for tests: requests go in as frames, answers come out as frames. */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { administratorSki, createAdministratorCertificate } from '../tke/administrator-certificate.ts'
import { CryptoUnit } from '../crypto-unit.ts'
import { Fields, FrameBatch, FrameReader } from '../frames.ts'
import { putIdentity, readReport, type UnitIdentity, type UnitReport } from '../messages.ts'
import { readFacts, type CommandFacts } from '../command-facts.ts'
import { STATE_BYTES_MAX, blobKinds, operations, statusName, type Status } from '../protocol.ts'
import {
  decodeDomainResponse,
  decodeResponseBlock,
  encodeAdminRequest,
  type ResponseBlock,
} from '../tke/admin-message.ts'
import { encodeAttributes } from '../tke/attributes.ts'
import { commands, encodeCommandBlock, type CommandBlock, type CommandName } from '../tke/command-block.ts'
import { decodeCprb, encodeCprb } from '../tke/cprb.ts'
import { decodeHtpResponse, encodeHtpRequest } from '../tke/htp.ts'
import { sealPart } from '../tke/recipient-info.ts'
import { makeSignerInfo } from '../tke/signer-info.ts'

export const INSTANCE = '0f5fd8d2-6d0b-4b44-9f6a-1f0d6a1f8a10'

export const identities: readonly UnitIdentity[] = [
  {
    instance: INSTANCE,
    unit: 'unit-1',
    type: 'operational',
    location: '[us-south].[AZ1].[01].[03]',
    serial: 'SOFT1001',
  },
  {
    instance: INSTANCE,
    unit: 'unit-2',
    type: 'operational',
    location: '[us-south].[AZ2].[01].[03]',
    serial: 'SOFT2001',
  },
  { instance: INSTANCE, unit: 'unit-3', type: 'recovery', location: '[us-south].[AZ3].[01].[03]', serial: 'SOFT3001' },
]

export interface TestAdministrator {
  readonly ski: string
  readonly certificate: Buffer
  readonly key: KeyObject
}

export function newAdministrator(name: string, kind: 'ec' | 'rsa' = 'ec'): TestAdministrator {
  const { privateKey } =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-521' })
  return {
    ski: administratorSki(privateKey),
    certificate: createAdministratorCertificate(name, privateKey),
    key: privateKey,
  }
}

export interface Answer {
  readonly status: Status
  readonly fields: Fields
}

/** Administrative commands as they are answered: the next state, or the pair of return code and reason. */
export type CommandAnswer = {
  /** The answer's own block, read; undefined when the answer is a short error. */
  readonly block: ResponseBlock | undefined
  readonly facts: CommandFacts | undefined
} & (
  | { readonly sealed: Buffer; readonly report: UnitReport }
  /** `used` when the counter was used up all the same: then that state is to be committed too. */
  | { readonly refused: string; readonly used?: Buffer }
)

export class InProcessUnit {
  readonly unit: CryptoUnit
  /** The unit's clock, milliseconds since the epoch. */
  now = 1_700_000_000_000
  readonly #answers = new FrameBatch()
  readonly #late = new Set<() => void>()
  /** What was put into force, for whoever starts anew from it. */
  readonly #committed: ((unit: InProcessUnit) => void)[] = []
  readonly #seal: Uint8Array

  constructor(seal: Uint8Array = Buffer.alloc(32, 7), keysCachedMax?: number) {
    this.#seal = seal
    this.unit = new CryptoUnit(Buffer.from(seal), {
      now: () => this.now,
      onLate: () => {
        for (const finish of this.#late) finish()
      },
      ...(keysCachedMax !== undefined && { keysCachedMax }),
    })
  }

  /** Sends one request. @throws Error when the unit does not answer with exactly one frame of the same id */
  call(operation: number, put: (request: FrameBatch) => void): Answer {
    const request = new FrameBatch()
    put(request)
    return this.send(operation, Buffer.from(request.take()))
  }

  send(operation: number, payload: Buffer): Answer {
    this.unit.handle(77, operation, payload, this.#answers)
    return onlyAnswer(this.#answers)
  }

  /** Sends one request that may be answered whenever the unit likes; many may be under way. */
  sendPatiently(operation: number, payload: Buffer): Promise<Answer> {
    const answers = new FrameBatch()
    const { promise, resolve } = Promise.withResolvers<Answer>()
    const finish = (): void => {
      if (answers.length === 0) return
      this.#late.delete(finish)
      resolve(onlyAnswer(answers))
    }
    this.#late.add(finish)
    this.unit.handle(77, operation, payload, answers)
    // Others use the memory that the frame came in.
    payload.fill(0xee)
    finish()
    return promise
  }

  create(identity: UnitIdentity): Buffer {
    return this.call(operations.CREATE, (request) => putIdentity(request, identity)).fields.bytes(STATE_BYTES_MAX)
  }

  adopt(sealed: Uint8Array): Status {
    this.#committed.push((unit) => unit.adopt(sealed))
    return this.call(operations.ADOPT, (request) => request.bytes(sealed)).status
  }

  /** Another process that starts from what this one was told. */
  restarted(): InProcessUnit {
    const unit = new InProcessUnit(this.#seal)
    for (const tell of this.#committed) tell(unit)
    return unit
  }

  report({ instance, unit }: UnitIdentity): UnitReport {
    return readReport(
      this.call(operations.REPORT, (request) => {
        request.text(instance)
        request.text(unit)
      }).fields,
    )
  }

  /** Sends an HTPRequest as it is. */
  sendText(identity: UnitIdentity, text: string): Answer {
    return this.call(operations.TKE, (request) => {
      request.text(identity.instance)
      request.text(identity.unit)
      request.bytes(Buffer.from(text, 'latin1'))
    })
  }

  /** Sends what stands in a CPRB. */
  sendDomain(identity: UnitIdentity, der: Uint8Array): { response: string; answer: Answer } {
    const { domainIndex } = this.report(identity)
    const answer = this.sendText(identity, encodeHtpRequest(moduleIndex(identity), encodeCprb(domainIndex, der)))
    if (answer.status !== 'OK') throw new Error(`the unit failed: ${answer.status} ${answer.fields.text()}`)
    return { response: answer.fields.bytes(STATE_BYTES_MAX).toString('latin1'), answer }
  }

  /** Sends a block with SignerInfos made elsewhere. */
  sendCommand(identity: UnitIdentity, block: Uint8Array, signerInfos: readonly Uint8Array[] = []): CommandAnswer {
    const { domainIndex } = this.report(identity)
    const { response, answer } = this.sendDomain(identity, encodeAdminRequest(domainIndex, block, signerInfos))
    const said = decodeDomainResponse(decodeCprb(decodeHtpResponse(response)).payload)
    const { fields } = answer
    if (fields.u8() === 0) {
      return { block: undefined, facts: undefined, refused: said.kind === 'refused' ? `${said.returnCode}` : said.kind }
    }
    const read = said.kind === 'admin' ? decodeResponseBlock(said.block) : undefined
    const facts = readFacts(fields)
    const [returnCode, reason] = [fields.u32(), fields.u32()]
    readReport(fields)
    const sealed = fields.u8() === 1 ? Buffer.from(fields.bytes(STATE_BYTES_MAX)) : undefined
    const report = sealed && readReport(fields)
    fields.end()
    if (returnCode === 0 && sealed !== undefined && report !== undefined) return { block: read, facts, sealed, report }
    return { block: read, facts, refused: `${returnCode}/${reason}`, ...(sealed && { used: sealed }) }
  }

  /** The block of a command for the unit as it reports itself. */
  blockOf(identity: UnitIdentity, name: CommandName, payload: Uint8Array, changed: Partial<CommandBlock> = {}): Buffer {
    const { domainIndex, domainInstance, serial, moduleInstance, counter } = this.report(identity)
    return encodeCommandBlock({
      command: commands[name],
      domainIndex,
      domainInstance,
      serial,
      moduleInstance,
      counter: counter + 1n,
      payload,
      ...changed,
    })
  }

  /** Signs for the unit as it reports itself, and sends; does not adopt. */
  command(
    identity: UnitIdentity,
    name: CommandName,
    payload: Uint8Array,
    signers: readonly TestAdministrator[] = [],
    changed: Partial<CommandBlock> = {},
  ): CommandAnswer {
    const block = this.blockOf(identity, name, payload, changed)
    return this.sendCommand(
      identity,
      block,
      signers.map((signer) => signedBy(signer, block)),
    )
  }

  /** The payload of an import: each part signed by its bringer, encrypted to an importer made for it. */
  importOf(
    identity: UnitIdentity,
    parts: readonly Uint8Array[],
    signers: readonly TestAdministrator[],
  ): { readonly payload: Buffer; readonly importer: KeyObject } {
    const made = this.carryOut(identity, 'GENERATE_IMPORTER', Buffer.from('00000003', 'hex'), signers.slice(0, 1))
    const importer = createPublicKey({ key: made.output, format: 'der', type: 'spki' })
    const requests = parts.map((part, index) => {
      const signer = signers[index % signers.length] as TestAdministrator
      return this.partOf(identity, sealPart(part, importer, Buffer.alloc(32, 1)), [signer])
    })
    return { payload: Buffer.concat(requests), importer }
  }

  /** One embedded request of an import. */
  partOf(
    identity: UnitIdentity,
    recipientInfo: Uint8Array,
    signers: readonly TestAdministrator[],
    changed: Partial<CommandBlock> = {},
  ): Buffer {
    const block = this.blockOf(identity, 'LOAD', recipientInfo, changed)
    return encodeAdminRequest(
      this.report(identity).domainIndex,
      block,
      signers.map((signer) => signedBy(signer, block)),
    )
  }

  /** Loads a master key of these parts; does not adopt the state that has it. */
  load(identity: UnitIdentity, parts: readonly Uint8Array[], signers: readonly TestAdministrator[]): CommandAnswer {
    return this.command(identity, 'LOAD', this.importOf(identity, parts, signers).payload)
  }

  /** Sends a command and puts the state it answers into force. @throws Error when it was refused */
  carryOut(
    identity: UnitIdentity,
    name: CommandName,
    payload: Uint8Array,
    signers: readonly TestAdministrator[] = [],
  ): UnitReport & { readonly output: Buffer } {
    return this.adopted(this.command(identity, name, payload, signers))
  }

  /** Puts the state of an answer into force. @throws Error when the command was refused */
  adopted(answer: CommandAnswer): UnitReport & { readonly output: Buffer } {
    if (!('sealed' in answer)) throw new Error(`refused: ${answer.refused}`)
    if (this.adopt(answer.sealed) !== 'OK') throw new Error('not adopted')
    return { ...answer.report, output: Buffer.from(answer.block?.payload ?? Buffer.alloc(0)) }
  }

  /** Which master key the instance works with. */
  direct(instance: string, pattern: string): void {
    this.#committed.push((unit) => unit.direct(instance, pattern))
    this.call(operations.DIRECT, (request) => {
      request.text(instance)
      request.text(pattern)
    })
  }

  /** From nothing to an active master key: creates the unit when it is not there yet. */
  activate(identity: UnitIdentity, administrators: readonly TestAdministrator[], parts: readonly Uint8Array[]): void {
    this.adopt(this.create(identity))
    for (const { certificate } of administrators) this.carryOut(identity, 'ADD_ADMINISTRATOR', certificate)
    const threshold = administrators.length
    this.carryOut(identity, 'SET_ATTRIBUTES', thresholds(threshold, threshold), administrators)
    this.loadAndActivate(identity, administrators, parts)
  }

  loadAndActivate(
    identity: UnitIdentity,
    administrators: readonly TestAdministrator[],
    parts: readonly Uint8Array[],
  ): void {
    const loaded = this.adopted(this.load(identity, parts, administrators))
    const pattern = Buffer.from(loaded.newRegister.pattern ?? '', 'hex')
    this.carryOut(identity, 'COMMIT', pattern, administrators)
    this.carryOut(identity, 'ACTIVATE', pattern, administrators)
  }
}

function onlyAnswer(batch: FrameBatch): Answer {
  const answers: Answer[] = []
  const reader = new FrameReader((id, status, bytes) => {
    if (id !== 77) throw new Error('answer to another request')
    answers.push({ status: statusName(status), fields: new Fields(Buffer.from(bytes)) })
  })
  reader.push(batch.take())
  const [answer] = answers
  if (answer === undefined || answers.length > 1 || reader.pending > 0) throw new Error('not exactly one answer')
  return answer
}

export function signedBy({ ski, key }: TestAdministrator, block: Uint8Array): Buffer {
  return makeSignerInfo(block, Buffer.from(ski, 'hex'), key)
}

function moduleIndex({ location }: UnitIdentity): number {
  return Number(/\[(\d+)\]\.\[\d+\]$/.exec(location)?.[1])
}

export const testParts: readonly Uint8Array[] = [Buffer.alloc(32, 0xa5), Buffer.alloc(32, 0x3c)]

/** A unit process whose instance works: three units with one master key. */
export function workingUnit(keysCachedMax?: number): { unit: InProcessUnit; administrators: TestAdministrator[] } {
  const unit = new InProcessUnit(undefined, keysCachedMax)
  const administrators = [newAdministrator('one'), newAdministrator('two')]
  for (const identity of identities) unit.activate(identity, administrators, testParts)
  unit.direct(INSTANCE, unit.report(identities[0] as UnitIdentity).currentRegister.pattern ?? '')
  return { unit, administrators }
}

/** Attributes 1 and 2 as a payload, and any others given. */
export function thresholds(
  main: number,
  revocation: number,
  ...others: readonly (readonly [number, number])[]
): Buffer {
  return encodeAttributes([[1, main], [2, revocation], ...others])
}

export interface TestName {
  readonly instance: string
  readonly kind: keyof typeof blobKinds
  readonly id: string
}

export function putName(request: FrameBatch, { kind, instance, id }: TestName): void {
  request.u8(blobKinds[kind])
  request.text(instance)
  request.text(id)
}

export function putStored(request: FrameBatch, name: TestName, blob: Uint8Array): void {
  putName(request, name)
  request.bytes(blob)
}
