/** The development ceremony: leads an instance's crypto units from nothing to an active master key, step by step witnessed. */
import { createPublicKey } from 'node:crypto'
import type { UnitReport } from '@keywitness/crypto-unit/messages'
import {
  decodeDomainResponse,
  decodeResponseBlock,
  encodeAdminRequest,
  type ResponseBlock,
} from '@keywitness/crypto-unit/tke/admin-message'
import { attributes, controlPoints, controlPointSet, encodeAttributes } from '@keywitness/crypto-unit/tke/attributes'
import {
  commands,
  encodeCommandBlock,
  encodeQueryBlock,
  queries,
  type CommandName,
} from '@keywitness/crypto-unit/tke/command-block'
import { decodeCprb, encodeCprb } from '@keywitness/crypto-unit/tke/cprb'
import { wordBytes } from '@keywitness/crypto-unit/tke/der'
import { decodeHtpResponse, encodeHtpRequest } from '@keywitness/crypto-unit/tke/htp'
import { importerSki, POINT_BYTES } from '@keywitness/crypto-unit/tke/p521'
import { sealPart } from '@keywitness/crypto-unit/tke/recipient-info'
import { makeSignerInfo } from '@keywitness/crypto-unit/tke/signer-info'
import type { Audit, Circumstances } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { resourceCrn } from '../instances/instance.ts'
import type { Change } from '../store/store.ts'
import type { UnitAdministration } from './administration.ts'
import { ceremonySecrets, type CeremonySecrets } from './ceremony-files.ts'
import { provisionUnits, type ProvisionParts } from './provision.ts'
import { explainReturnCode } from '@keywitness/crypto-unit/tke/return-codes'
import type { Turns } from './turns.ts'
import { answered, carryOut, eventOf, type UnitCommandParts } from './unit-command.ts'
import type { CommittedUnit } from './unit-states.ts'
import type { UnitLog } from './units.ts'

const SIGNATURE_THRESHOLD = 2
const REVOCATION_THRESHOLD = 2
/** Importer of P-521 (TKE reference, section 3.9). */
const IMPORTER_P_521 = 3
const REASON_NO_IMPORTER = 1

export interface CeremonyParts extends Omit<ProvisionParts, 'administration'>, Omit<UnitCommandParts, 'store'> {
  readonly audit: Audit
  readonly administration: UnitAdministration
  readonly turns: Turns
  readonly dataFolder: string
  readonly log: UnitLog
  /** Commits bookkeeping without an event. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
}

const factOf = (instance: string): string => `ceremony ${instance}`

/**
 * Once only: what administrators do with their units afterwards is never undone by a start.
 * @throws Refusal, recorded as the failure of the step it stopped
 */
export async function runCeremony(parts: CeremonyParts, instance: string, circumstances: Circumstances): Promise<void> {
  if (parts.store.get('SELECT 1 FROM facts WHERE name = ?', factOf(instance)) !== undefined) return
  parts.log.warn(
    { instance, folder: `${parts.dataFolder}/ceremony` },
    'DEVELOPMENT CEREMONY: administrators and master key parts are made by the server and left in the data folder.',
  )
  // TKE events carry no correlation id (seed: common fields of TKE events).
  const { correlationId: _, ...others } = circumstances
  const ceremony = new Ceremony(parts, others, ceremonySecrets(parts.dataFolder, instance))
  for (const unit of await provisionUnits(parts, instance, others)) await ceremony.lead(unit)
  const over = "INSERT INTO facts (name, value) VALUES (?, 'over')"
  await parts.carry([{ sql: over, params: [factOf(instance)], rows: 1 }])
}

class Ceremony {
  readonly #parts: CeremonyParts
  readonly #circumstances: Circumstances
  readonly #secrets: CeremonySecrets

  constructor(parts: CeremonyParts, circumstances: Circumstances, secrets: CeremonySecrets) {
    this.#parts = parts
    this.#circumstances = circumstances
    this.#secrets = secrets
  }

  /** Does what is missing on one unit. Every question is asked of the unit itself: a ceremony cut short goes on here. */
  async lead(unit: CommittedUnit): Promise<void> {
    const report = (): Promise<UnitReport> => answered(this.#parts.administration.report(unit))
    const { administrators } = await report()
    for (const { ski, certificate } of this.#secrets.administrators) {
      if (administrators.some((installed) => installed.ski === ski)) continue
      await this.#send(unit, 'ADD_ADMINISTRATOR', certificate)
    }
    if ((await report()).imprint) await this.#send(unit, 'SET_ATTRIBUTES', thresholds())
    // Everything that EP11 can do: whoever develops wants to try it, and nobody would look for the switch.
    const points = controlPointSet(...Object.values(controlPoints))
    if ((await report()).controlPoints !== points.toString('hex')) await this.#send(unit, 'ADD_CONTROL_POINTS', points)
    const { currentRegister, newRegister } = await report()
    if (currentRegister.state === 'valid') return
    if (newRegister.state === 'empty') await this.#load(unit)
    const loaded = (await report()).newRegister
    const pattern = Buffer.from(loaded.pattern ?? '', 'hex')
    if (loaded.state === 'uncommitted') await this.#send(unit, 'COMMIT', pattern)
    await this.#send(unit, 'ACTIVATE', pattern)
  }

  async #load(unit: CommittedUnit): Promise<void> {
    const spki = await this.#importerOf(unit)
    const importer = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    const recipient = importerSki(spki.subarray(spki.length - POINT_BYTES))
    const parts = this.#secrets.keyParts()
    const sealed = parts.map((part) => sealPart(part, importer, recipient))
    for (const part of parts) part.fill(0)
    const report = await answered(this.#parts.administration.report(unit))
    const requests = sealed.map((part) => this.#signed(report, 'LOAD', part))
    await this.#send(unit, 'LOAD', Buffer.concat(requests))
  }

  /** The importer that a ceremony cut short has left, or a new one. */
  async #importerOf(unit: CommittedUnit): Promise<Buffer> {
    const { domainIndex } = await answered(this.#parts.administration.report(unit))
    const query = encodeAdminRequest(domainIndex, encodeQueryBlock(queries.IMPORTER, domainIndex), [])
    const { response } = await answered(this.#parts.administration.tke(unit, textOf(unit, domainIndex, query)))
    const { returnCode, payload } = blockOf(response)
    if (returnCode === 0) return Buffer.from(payload)
    if (Buffer.from(payload).readUInt32BE(0) !== REASON_NO_IMPORTER) throw new Refusal('INTERNAL')
    return this.#send(unit, 'GENERATE_IMPORTER', wordBytes(IMPORTER_P_521))
  }

  /** Signs and sends one command. @returns the payload of its answer */
  async #send(unit: CommittedUnit, name: CommandName, payload: Uint8Array): Promise<Buffer> {
    const { audit, turns, administration } = this.#parts
    return turns.take(unit.unit, async () => {
      const report = await answered(administration.report(unit))
      const text = textOf(unit, report.domainIndex, this.#signed(report, name, payload))
      const event = await eventOf(this.#parts, unit, text)
      if (event === undefined) throw new Error('a command of the ceremony is none')
      const crn = resourceCrn({ crn: this.#circumstances.logSourceCRN }, 'tke-cryptounit', unit.unit)
      const target = { id: crn, name: unit.location }
      const { result, receipt } = await audit.witness(event.action, this.#circumstances, target, (seen) =>
        carryOut(this.#parts, unit, text, event, seen),
      )
      const { returnCode, payload: output } = blockOf(result)
      if (returnCode === 0) return Buffer.from(output)
      const reason = output.length === 4 ? Buffer.from(output).readUInt32BE(0) : 0
      const refusal = new Refusal('INTERNAL', { message: `${explainReturnCode(returnCode, reason)}.` })
      refusal.receipt = receipt
      throw refusal
    })
  }

  /** Signed by every administrator of the ceremony whom the unit knows already; of an import, its parts are. */
  #signed(report: UnitReport, name: CommandName, payload: Uint8Array): Buffer {
    const { domainIndex, domainInstance, serial, moduleInstance, administrators } = report
    const counter = report.counter + 1n
    const command = commands[name]
    const block = encodeCommandBlock({ command, domainIndex, domainInstance, serial, moduleInstance, counter, payload })
    const signerInfos = this.#secrets.administrators
      .filter(({ ski }) => administrators.some((installed) => installed.ski === ski))
      .map(({ ski, key }) => makeSignerInfo(block, Buffer.from(ski, 'hex'), key))
    return encodeAdminRequest(domainIndex, block, signerInfos)
  }
}

function textOf({ location }: CommittedUnit, domainIndex: number, request: Uint8Array): string {
  const moduleIndex = Number(/\[(\d+)\]\.\[\d+\]$/.exec(location)?.[1])
  return encodeHtpRequest(moduleIndex, encodeCprb(domainIndex, request))
}

function blockOf(response: string): ResponseBlock {
  const answer = decodeDomainResponse(decodeCprb(decodeHtpResponse(response)).payload)
  if (answer.kind !== 'admin') throw new Error('a crypto unit answered no block')
  return decodeResponseBlock(answer.block)
}

function thresholds(): Buffer {
  return encodeAttributes([
    [attributes.SIGNATURE_THRESHOLD, SIGNATURE_THRESHOLD],
    [attributes.REVOCATION_THRESHOLD, REVOCATION_THRESHOLD],
  ])
}
