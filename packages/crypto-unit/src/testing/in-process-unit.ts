/** A crypto unit without its process, for tests: requests go in as frames, answers come out as frames. */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { administratorSki, createAdministratorCertificate } from '../administrator-certificate.ts'
import { commands, encodeCommandBlock, type CommandName, type CommandSignature } from '../command-block.ts'
import { CryptoUnit } from '../crypto-unit.ts'
import { Fields, FrameBatch, FrameReader } from '../frames.ts'
import { putIdentity, readReport, type UnitIdentity, type UnitReport } from '../messages.ts'
import { STATE_BYTES_MAX, blobKinds, operations, statusName, type Status } from '../protocol.ts'

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

export function newAdministrator(name: string): TestAdministrator {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
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
export type CommandAnswer =
  | { readonly sealed: Buffer; readonly report: UnitReport }
  | { readonly refused: `${number}/${number}` }
  | { readonly status: Status }

export class InProcessUnit {
  readonly unit: CryptoUnit
  readonly #answers = new FrameBatch()

  constructor(seal: Uint8Array = Buffer.alloc(32, 7), keysCachedMax?: number) {
    this.unit = new CryptoUnit(Buffer.from(seal), keysCachedMax)
  }

  /** Sends one request. @throws Error when the unit does not answer with exactly one frame of the same id */
  call(operation: number, put: (request: FrameBatch) => void): Answer {
    const request = new FrameBatch()
    put(request)
    return this.send(operation, Buffer.from(request.take()))
  }

  send(operation: number, payload: Buffer): Answer {
    this.unit.handle(77, operation, payload, this.#answers)
    const answers: Answer[] = []
    const reader = new FrameReader((id, status, bytes) => {
      if (id !== 77) throw new Error('answer to another request')
      answers.push({ status: statusName(status), fields: new Fields(Buffer.from(bytes)) })
    })
    reader.push(this.#answers.take())
    const [answer] = answers
    if (answer === undefined || answers.length > 1 || reader.pending > 0) throw new Error('not exactly one answer')
    return answer
  }

  create(identity: UnitIdentity): Buffer {
    return this.call(operations.CREATE, (request) => putIdentity(request, identity)).fields.bytes(STATE_BYTES_MAX)
  }

  adopt(sealed: Uint8Array): Status {
    return this.call(operations.ADOPT, (request) => request.bytes(sealed)).status
  }

  report({ instance, unit }: UnitIdentity): UnitReport {
    return readReport(
      this.call(operations.REPORT, (request) => {
        request.text(instance)
        request.text(unit)
      }).fields,
    )
  }

  /** Sends a block with signatures made elsewhere. */
  sendCommand(identity: UnitIdentity, block: Buffer, signatures: readonly CommandSignature[]): CommandAnswer {
    const { status, fields } = this.call(operations.COMMAND, (request) => {
      request.text(identity.instance)
      request.text(identity.unit)
      request.bytes(block)
      request.u8(signatures.length)
      for (const { ski, signature } of signatures) {
        request.raw(Buffer.from(ski, 'hex'))
        request.bytes(signature)
      }
    })
    if (status === 'COMMAND_REFUSED') return { refused: `${fields.u32()}/${fields.u32()}` }
    if (status !== 'OK') return { status }
    return { sealed: Buffer.from(fields.bytes(STATE_BYTES_MAX)), report: readReport(fields) }
  }

  /** Signs for the unit as it reports itself, and sends; does not adopt. */
  command(
    identity: UnitIdentity,
    name: CommandName,
    payload: Uint8Array,
    signers: readonly TestAdministrator[] = [],
    changed: Partial<Parameters<typeof encodeCommandBlock>[0]> = {},
  ): CommandAnswer {
    const { domainIndex, domainInstance, serial, moduleInstance, counter } = this.report(identity)
    const block = encodeCommandBlock({
      command: commands[name],
      domainIndex,
      domainInstance,
      serial,
      moduleInstance,
      counter: counter + 1n,
      payload,
      ...changed,
    })
    return this.sendCommand(
      identity,
      block,
      signers.map(({ ski, key }) => ({ ski, signature: sign('sha512', block, key) })),
    )
  }

  /** Sends a command and puts the state it answers into force. @throws Error when it was refused */
  carryOut(
    identity: UnitIdentity,
    name: CommandName,
    payload: Uint8Array,
    signers: readonly TestAdministrator[] = [],
  ): UnitReport {
    const answer = this.command(identity, name, payload, signers)
    if (!('sealed' in answer)) throw new Error(`${name} refused: ${JSON.stringify(answer)}`)
    if (this.adopt(answer.sealed) !== 'OK') throw new Error('not adopted')
    return answer.report
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
    const loaded = this.carryOut(identity, 'LOAD', Buffer.concat(parts), administrators)
    const pattern = Buffer.from(loaded.newRegister.pattern ?? '', 'hex')
    this.carryOut(identity, 'COMMIT', pattern, administrators)
    this.carryOut(identity, 'ACTIVATE', pattern, administrators)
  }
}

export const testParts: readonly Uint8Array[] = [Buffer.alloc(32, 0xa5), Buffer.alloc(32, 0x3c)]

/** A unit process whose instance works: three units with one master key. */
export function workingUnit(keysCachedMax?: number): { unit: InProcessUnit; administrators: TestAdministrator[] } {
  const unit = new InProcessUnit(undefined, keysCachedMax)
  const administrators = [newAdministrator('one'), newAdministrator('two')]
  for (const identity of identities) unit.activate(identity, administrators, testParts)
  return { unit, administrators }
}

/** Attributes 1 and 2 as a payload, and any others given. */
export function thresholds(
  main: number,
  revocation: number,
  ...others: readonly (readonly [number, number])[]
): Buffer {
  const pairs = [[1, main], [2, revocation], ...others] as const
  const payload = Buffer.alloc(pairs.length * 8)
  for (const [place, [index, value]] of pairs.entries()) {
    payload.writeUInt32BE(index, place * 8)
    payload.writeUInt32BE(value, place * 8 + 4)
  }
  return payload
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
