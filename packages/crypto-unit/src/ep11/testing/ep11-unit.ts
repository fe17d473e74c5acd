/** A crypto unit as the calls of EP11 see it, for tests: calls go in and come out over frames, as over the pipe. */
import { FrameBatch } from '../../frames.ts'
import { operations } from '../../protocol.ts'
import { controlPointSet, controlPoints } from '../../tke/attributes.ts'
import type { UnitIdentity } from '../../messages.ts'
import {
  INSTANCE,
  type InProcessUnit,
  identities,
  testParts,
  workingUnit,
  type TestAdministrator,
} from '../../testing/in-process-unit.ts'
import { attributeTypes } from '../attributes.ts'
import { putCall, readOutcome } from '../call-codec.ts'
import type {
  AttributeValue,
  CallAnswer,
  CallName,
  CallOutcome,
  CallRequest,
  MechanismUse,
  Template,
} from '../calls.ts'
import { mechanisms, type MechanismName } from '../mechanisms.ts'
import type { MechanismParameter } from '../parameter.ts'
import { returnValueName, type ReturnValue } from '../return-values.ts'
import type { AttributeName } from '../template.ts'

export const none: Buffer = Buffer.alloc(0)

export class Ep11Unit {
  readonly unit: InProcessUnit
  readonly administrators: readonly TestAdministrator[]
  instance = INSTANCE
  /** What a login answered, shown with every call. */
  session: Buffer | undefined

  /** With all control points on. */
  constructor(made: { unit: InProcessUnit; administrators: TestAdministrator[] } = workingUnit()) {
    this.unit = made.unit
    this.administrators = made.administrators
    this.setControlPoints(...Object.values(controlPoints))
  }

  /** The same unit after its process ended and came back. */
  restarted(): Ep11Unit {
    return new Ep11Unit({ unit: this.unit.restarted(), administrators: [...this.administrators] })
  }

  /** Another instance in the same process, with the same master key or another one. */
  addInstance(instance: string, parts: readonly Uint8Array[] = testParts): void {
    const identity = { ...(identities[0] as UnitIdentity), instance }
    this.unit.activate(identity, this.administrators, parts)
    this.unit.direct(instance, this.unit.report(identity).currentRegister.pattern ?? '')
  }

  /** A new master key waits in all units, committed. Its pattern. */
  commitNew(parts: readonly Uint8Array[]): string {
    let pattern = ''
    for (const identity of identities) {
      const loaded = this.unit.adopted(this.unit.load(identity, parts, this.administrators))
      pattern = loaded.newRegister.pattern ?? ''
      this.unit.carryOut(identity, 'COMMIT', Buffer.from(pattern, 'hex'), this.administrators)
    }
    return pattern
  }

  /** The new master key takes over from the one before, in one unit after the other. */
  activateNew(pattern: string): void {
    for (const identity of identities) {
      this.unit.carryOut(identity, 'ACTIVATE', Buffer.from(pattern, 'hex'), this.administrators)
    }
  }

  setControlPoints(...points: number[]): void {
    const operational = identities.filter(({ type }) => type === 'operational')
    for (const identity of operational) {
      this.unit.carryOut(identity, 'SET_CONTROL_POINTS', controlPointSet(...points), this.administrators)
    }
  }

  /** Sends a call at once; its outcome comes when the unit has it. */
  async outcome<Name extends CallName>(name: Name, request: CallRequest<Name>): Promise<CallOutcome<Name>> {
    const frame = new FrameBatch()
    putCall(frame, { instance: this.instance, session: this.session }, name, request)
    const { status, fields } = await this.unit.sendPatiently(operations.EP11, Buffer.from(frame.take()))
    if (status !== 'OK') throw new Error(`the unit failed: ${status} ${fields.text()}`)
    return readOutcome(fields, name)
  }

  /** @throws Error with the return value when it is refused */
  async call<Name extends CallName>(name: Name, request: CallRequest<Name>): Promise<CallAnswer<Name>> {
    const outcome = await this.outcome(name, request)
    if ('answer' in outcome) return outcome.answer
    throw new Error(`${name}: ${returnValueName(outcome.refusal.code)} ${outcome.refusal.message}`)
  }

  /** What it is refused with; `CKR_OK` when it is not. */
  async refusal<Name extends CallName>(name: Name, request: CallRequest<Name>): Promise<ReturnValue | undefined> {
    const outcome = await this.outcome(name, request)
    return 'answer' in outcome ? 'CKR_OK' : returnValueName(outcome.refusal.code)
  }

  async secret(mechanism: MechanismName, attributes: Attributes): Promise<Buffer> {
    const { key } = await this.call('GenerateKey', { mechanism: use(mechanism), template: template(attributes) })
    return key
  }

  aes(attributes: Attributes = {}, bytes = 32): Promise<Buffer> {
    return this.secret('CKM_AES_KEY_GEN', { CKA_VALUE_LEN: BigInt(bytes), ...attributes })
  }

  async pair(
    mechanism: MechanismName,
    publicAttributes: Attributes,
    privateAttributes: Attributes = {},
  ): Promise<CallAnswer<'GenerateKeyPair'>> {
    return this.call('GenerateKeyPair', {
      mechanism: use(mechanism),
      publicTemplate: template(publicAttributes),
      privateTemplate: template(privateAttributes),
    })
  }

  ec(curve: string, publicAttributes: Attributes = {}, privateAttributes: Attributes = {}) {
    return this.pair(
      'CKM_EC_KEY_PAIR_GEN',
      { CKA_EC_PARAMS: Buffer.from(curve), ...publicAttributes },
      privateAttributes,
    )
  }

  rsa(publicAttributes: Attributes = {}, privateAttributes: Attributes = {}, bits = 1024) {
    return this.pair(
      'CKM_RSA_PKCS_KEY_PAIR_GEN',
      { CKA_MODULUS_BITS: BigInt(bits), ...publicAttributes },
      privateAttributes,
    )
  }
}

export type Attributes = Partial<Record<AttributeName, AttributeValue>>

export function template(attributes: Attributes): Template {
  return new Map(Object.entries(attributes).map(([name, value]) => [attributeTypes[name as AttributeName], value]))
}

export function use(name: MechanismName, parameter: MechanismParameter | Buffer = { kind: 'none' }): MechanismUse {
  const { value } = mechanisms[name]
  return { value, parameter: Buffer.isBuffer(parameter) ? { kind: 'bytes', bytes: parameter } : parameter }
}
