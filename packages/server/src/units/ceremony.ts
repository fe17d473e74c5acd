/** The development ceremony: leads an instance's crypto units from nothing to an active master key, step by step witnessed. */
import { randomBytes, sign } from 'node:crypto'
import { uuidv7, type ActionName, type RequestFields, type ResponseFields } from '@keywitness/cadf'
import { commands, encodeCommandBlock, type CommandName } from '@keywitness/crypto-unit/command-block'
import type { UnitIdentity, UnitReport, UnitType } from '@keywitness/crypto-unit/messages'
import { verificationPattern } from '@keywitness/crypto-unit/verification-pattern'
import type { Audit, Circumstances, Done } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import { resourceCrn } from '../instances/instance.ts'
import type { Reader } from '../store/store.ts'
import type { SignedCommand, UnitAdministration } from './administration.ts'
import { ceremonySecrets, type CeremonySecrets } from './ceremony-files.ts'
import { UnitCommandRefusal } from './refusals.ts'
import { UnitRefusal } from './unit-client.ts'
import { countInZone, insertUnit, replaceState, unitsOf } from './unit-states.ts'

/** Two operational units in different availability zones and one recovery unit: the least an instance works with. */
const plan: readonly { readonly type: UnitType; readonly zone: number }[] = [
  { type: 'operational', zone: 1 },
  { type: 'operational', zone: 2 },
  { type: 'recovery', zone: 3 },
]

/** Units of an instance whose ceremony is complete. */
export const ceremonyUnits = plan.length

const SIGNATURE_THRESHOLD = 2
const REVOCATION_THRESHOLD = 2
const DOMAINS_PER_MODULE = 256

export interface CeremonyParts {
  readonly store: Reader
  readonly audit: Audit
  readonly clock: Clock
  readonly administration: UnitAdministration
  readonly dataFolder: string
  /** Puts a committed state into force; must not throw. */
  readonly adopt: (sealed: Uint8Array) => void
}

type Place = Pick<UnitIdentity, 'instance' | 'unit' | 'location'>

/** One administrative command as the event of its step tells it. */
interface Step<A extends ActionName> {
  readonly action: A
  readonly command: CommandName
  readonly request: Partial<RequestFields<A>>
  readonly response: (after: UnitReport, before: UnitReport) => Partial<ResponseFields<A>>
}

/** @throws Refusal, recorded as the failure of the step it stopped */
export async function runCeremony(parts: CeremonyParts, instance: string, circumstances: Circumstances): Promise<void> {
  const ceremony = new Ceremony(parts, instance, circumstances)
  for (const { type, zone } of plan) await ceremony.lead(type, zone)
}

class Ceremony {
  readonly #parts: CeremonyParts
  readonly #instance: string
  readonly #circumstances: Circumstances
  readonly #secrets: CeremonySecrets

  constructor(parts: CeremonyParts, instance: string, circumstances: Circumstances) {
    this.#parts = parts
    this.#instance = instance
    // TKE events carry no correlation id (seed: common fields of TKE events).
    const { correlationId: _, ...others } = circumstances
    this.#circumstances = others
    this.#secrets = ceremonySecrets(parts.dataFolder, instance)
  }

  /** Does what is missing on one unit. Every question is asked of the unit itself: a ceremony cut short goes on here. */
  async lead(type: UnitType, zone: number): Promise<void> {
    const place = this.#placeOf(type, zone) ?? (await this.#reset(type, zone))
    let report = await answered(this.#parts.administration.report(place))
    for (const { ski, certificate } of this.#secrets.administrators) {
      if (report.administrators.some((installed) => installed.ski === ski)) continue
      report = await this.#addAdministrator(place, ski, certificate)
    }
    if (report.imprint) report = await this.#setThresholds(place)
    if (report.currentRegister.state === 'valid') return
    if (report.newRegister.state === 'empty') report = await this.#load(place)
    if (report.newRegister.state === 'uncommitted') report = await this.#commit(place, report)
    await this.#activate(place, report)
  }

  #placeOf(type: UnitType, zone: number): Place | undefined {
    const prefix = this.#zonePrefix(zone)
    return unitsOf(this.#parts.store, this.#instance).find(
      (unit) => unit.type === type && unit.location.startsWith(prefix),
    )
  }

  #zonePrefix(zone: number): string {
    return `[${this.#circumstances.destination.location}].[AZ${zone}-SOFT].`
  }

  /** A fresh unit is the result of a reset: that is the event of its creation. */
  async #reset(type: UnitType, zone: number): Promise<Place> {
    const { store, audit, clock, administration, adopt } = this.#parts
    const unit = uuidv7(clock.now(), randomBytes(10))
    const target = { id: this.#crnOf(unit), name: unit }
    const { result } = await audit.witness(
      'hs-crypto.tke-cryptounit.reset',
      this.#circumstances,
      target,
      async (seen): Promise<Done<Place>> => {
        // Decided anew on every attempt: another instance's unit may have taken the place.
        const count = countInZone(store, this.#zonePrefix(zone))
        const module = Math.floor(count / DOMAINS_PER_MODULE)
        const location = `${this.#zonePrefix(zone)}[${digits(module, 2)}].[${digits(count % DOMAINS_PER_MODULE, 2)}]`
        const serial = `SOFT${zone}${digits(module, 3)}`
        const identity = { instance: this.#instance, unit, type, location, serial }
        seen.target = { ...target, name: location }
        seen.request = { location }
        const sealed = await answered(administration.create(identity))
        return {
          result: identity,
          code: 200,
          changes: [insertUnit(identity, 1, sealed)],
          settled: () => adopt(sealed),
        }
      },
    )
    return result
  }

  #addAdministrator(place: Place, ski: string, certificate: Uint8Array): Promise<UnitReport> {
    return this.#step(place, () => certificate, {
      action: 'hs-crypto.tke-cryptounit-admin.add',
      command: 'ADD_ADMINISTRATOR',
      request: { adminId: ski, location: place.location },
      response: (after) => ({ adminIds: after.administrators.map((installed) => installed.ski) }),
    })
  }

  #setThresholds(place: Place): Promise<UnitReport> {
    return this.#step(place, () => thresholdsPayload(SIGNATURE_THRESHOLD, REVOCATION_THRESHOLD), {
      action: 'hs-crypto.tke-cryptounit-threshold.set',
      command: 'SET_ATTRIBUTES',
      request: {
        signatureThreshold: SIGNATURE_THRESHOLD,
        revocationSignatureThreshold: REVOCATION_THRESHOLD,
        location: place.location,
      },
      response: ({ signatureThreshold, revocationSignatureThreshold }, before) => ({
        signatureThreshold,
        revocationSignatureThreshold,
        'initialValue.signatureThreshold': before.signatureThreshold,
        'initialValue.revocationSignatureThreshold': before.revocationSignatureThreshold,
      }),
    })
  }

  #load(place: Place): Promise<UnitReport> {
    const parts = this.#secrets.keyParts()
    const masterKeyIds = parts.map((part) => verificationPattern(part))
    return this.#step(place, () => Buffer.concat(parts), {
      action: 'hs-crypto.tke-cryptounit-master-key-register.add',
      command: 'LOAD',
      request: { masterKeyIds, location: place.location },
      response: (after) => patternOf(after.newRegister),
    }).finally(() => {
      for (const part of parts) part.fill(0)
    })
  }

  #commit(place: Place, { newRegister }: UnitReport): Promise<UnitReport> {
    return this.#step(place, () => patternBytes(newRegister), {
      action: 'hs-crypto.tke-cryptounit-master-key-register.commit',
      command: 'COMMIT',
      request: { ...patternOf(newRegister), location: place.location },
      response: (after) => ({ masterKeyIds: after.newRegister.partPatterns }),
    })
  }

  #activate(place: Place, { newRegister }: UnitReport): Promise<UnitReport> {
    return this.#step(place, () => patternBytes(newRegister), {
      action: 'hs-crypto.tke-cryptounit-master-key-register.activate',
      command: 'ACTIVATE',
      request: { ...patternOf(newRegister), location: place.location },
      response: (after) => patternOf(after.currentRegister),
    })
  }

  /** Signs and sends one command; its new state is committed with its event, and only then put into force. */
  async #step<A extends ActionName>(place: Place, payload: () => Uint8Array, step: Step<A>): Promise<UnitReport> {
    const { audit, administration, adopt } = this.#parts
    const target = { id: this.#crnOf(place.unit), name: place.location }
    const { result } = await audit.witness(
      step.action,
      this.#circumstances,
      target,
      async (seen): Promise<Done<UnitReport>> => {
        seen.request = step.request
        const before = await answered(administration.report(place))
        const signed = this.#sign(before, commands[step.command], payload())
        // Who authorised the step, not only who sent it: an extension of every TKE action.
        seen.request = { ...step.request, signerIds: signed.signatures.map(({ ski }) => ski) }
        const next = await answered(administration.command(place, signed))
        seen.response = step.response(next.report, before)
        return {
          result: next.report,
          code: 200,
          changes: [replaceState(place.unit, before.revision, next.report.revision, next.sealed)],
          settled: () => adopt(next.sealed),
        }
      },
    )
    return result
  }

  /** Signed by every administrator of the ceremony whom the unit knows already. */
  #sign(unit: UnitReport, command: number, payload: Uint8Array): SignedCommand {
    const { domainIndex, domainInstance, serial, moduleInstance } = unit
    const counter = unit.counter + 1n
    const block = encodeCommandBlock({ command, domainIndex, domainInstance, serial, moduleInstance, counter, payload })
    const signatures = this.#secrets.administrators
      .filter(({ ski }) => unit.administrators.some((installed) => installed.ski === ski))
      .map(({ ski, key }) => ({ ski, signature: sign('sha512', block, key) }))
    return { block, signatures }
  }

  #crnOf(unit: string): string {
    return resourceCrn({ crn: this.#circumstances.logSourceCRN }, 'tke-cryptounit', unit)
  }
}

/** The unit's own refusals as the product's: a unit that rejects a command is a 500 with its explanation (seed). */
async function answered<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (error instanceof UnitCommandRefusal)
      throw new Refusal('INTERNAL', { message: `${error.message}.`, cause: error })
    if (error instanceof UnitRefusal) throw new Refusal('UNIT_UNAVAILABLE', { cause: error })
    throw error
  }
}

/** Attributes 1 and 2 as pairs of index and value (TKE reference, section 3.3). */
function thresholdsPayload(signatureThreshold: number, revocationSignatureThreshold: number): Buffer {
  const payload = Buffer.alloc(16)
  for (const [index, value] of [signatureThreshold, revocationSignatureThreshold].entries()) {
    payload.writeUInt32BE(index + 1, index * 8)
    payload.writeUInt32BE(value, index * 8 + 4)
  }
  return payload
}

function patternOf({ pattern }: UnitReport['newRegister']): { verificationPattern?: string } {
  return pattern === undefined ? {} : { verificationPattern: pattern }
}

function patternBytes({ pattern = '' }: UnitReport['newRegister']): Buffer {
  return Buffer.from(pattern, 'hex')
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0')
}
