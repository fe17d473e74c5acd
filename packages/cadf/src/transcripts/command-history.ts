/** What administrators did to client certificates, key by key, each command's signature checked again from events alone. */
import { certificateCommandText, keyProofText } from '../certificate-command.ts'
import type { ActivityEvent } from '../event.ts'
import { whoOf } from '../sentence.ts'
import { parseEventTime } from '../time.ts'
import { memberOf } from '../variant.ts'
import {
  type CommandEvidence,
  evidenceOf,
  isAsSigned,
  isChange,
  keyAfter,
  signerOf,
  textOf,
} from './command-evidence.ts'
import { broughtKey, type VerifyingKey, verifies } from './command-signature.ts'

/** An event, and its place in the log. */
export interface LoggedEvent {
  readonly index: number
  readonly event: ActivityEvent
}

/**
 * `good`: signed by the key in force. `bad`: it was done, and its event does not prove it. `unknown`: its key came before these
 * events. `recovery`: two people of the account had it done, and no administrator signed. `refused`: it was not done.
 */
export type Verdict = 'good' | 'bad' | 'unknown' | 'recovery' | 'refused'

export interface Command {
  readonly index: number
  readonly eventId: string
  /** As the event has it: `YYYY-MM-DDTHH:mm:ss.SS+0000`. */
  readonly time: string
  readonly action: string
  /** What was done, or was to be done, without who. */
  readonly what: string
  /** What people compare: a certificate's fingerprint, the id of a new key; empty for none. */
  readonly detail: string
  /** Where it switched mutual TLS of the instance, to what. */
  readonly switched: 'on' | 'off' | undefined
  readonly verdict: Verdict
  /** What is to be said about it; empty for a good one. */
  readonly why: string
}

export interface Person {
  /** IAM id. */
  readonly id: string
  readonly name: string
}

/** What one key did, in the order of the log. */
export interface KeyAccount {
  /** Undefined for commands whose events name no key. */
  readonly keyId: string | undefined
  /** Whether it was in force of this administrator: anybody can name any key in a command that is refused. */
  readonly wasInForce: boolean
  /** Other administrators of the instance whose key it is. */
  readonly owners: readonly Person[]
  readonly commands: readonly Command[]
}

export interface AdministratorAccount extends Person {
  /** CRN of the instance. */
  readonly instance: string
  readonly keys: readonly KeyAccount[]
}

/** A certificate that clients may be issued by, and who set it. */
interface CertificateInForce {
  readonly certId: string
  /** SHA-256, hexadecimal. */
  readonly fingerprint: string
  /** RFC 3339; empty where its event does not tell. */
  readonly notAfter: string
}

export interface AdministratorInForce extends Person {
  /** Null: none. Undefined: these events do not tell. */
  readonly keyId: string | null | undefined
  readonly certificates: readonly CertificateInForce[]
}

/** What one instance was left with by these events. */
export interface InForce {
  /** CRN. */
  readonly instance: string
  /** Whether clients need a certificate; undefined where no event tells. */
  readonly mtlsEnabled: boolean | undefined
  readonly administrators: readonly AdministratorInForce[]
}

export interface CommandHistory {
  readonly administrators: readonly AdministratorAccount[]
  readonly inForce: readonly InForce[]
  readonly counts: Readonly<Record<Verdict, number>>
  /** Events that only read. */
  readonly readings: number
}

/** A command is taken for five minutes; the rest is for its being recorded. */
const freshMs = 6 * 60_000

/** @param events of the certificate manager, ascending by index */
export async function historyOf(events: readonly LoggedEvent[]): Promise<CommandHistory> {
  const accounts = new Map<string, Account>()
  const mtls = new Map<string, boolean>()
  const counts: Record<Verdict, number> = { good: 0, bad: 0, unknown: 0, recovery: 0, refused: 0 }
  let readings = 0
  for (const logged of events) {
    const { event } = logged
    if (!isChange(event)) {
      readings += 1
      continue
    }
    const id = administratorOf(event)
    const at = JSON.stringify([event.target.id, id])
    const account = accounts.get(at) ?? new Account(event.target.id, id)
    accounts.set(at, account)
    counts[await account.take(logged)] += 1
    const after = memberOf(event.responseData, 'newValue.mtlsEnabled')
    if (event.outcome === 'success' && typeof after === 'boolean') mtls.set(event.target.id, after)
  }
  const all = [...accounts.values()]
  const inForce = Map.groupBy(all, ({ instance }) => instance)
  return {
    administrators: all.map((account) => account.told(all)),
    inForce: [...inForce].map(([instance, ones]) => ({
      instance,
      mtlsEnabled: mtls.get(instance),
      administrators: ones.map((one) => one.inForce()),
    })),
    counts,
    readings,
  }
}

/** Nothing but a deletion can be one: what sets a key or a certificate, somebody must have signed. */
function isRecovery({ action, requestData }: ActivityEvent): boolean {
  return requestData['recovery'] === true && action.endsWith('.delete')
}

function recoveryText({ requestData }: ActivityEvent): string {
  const [proposer = 'nobody', approver = 'nobody'] = ['proposedBy', 'approvedBy'].map((name) =>
    textOf(requestData[name]),
  )
  return `by a recovery that ${proposer} proposed and ${approver} approved`
}

/** Whose key or certificate it is: the caller's, but in a recovery that of somebody else. */
function administratorOf(event: ActivityEvent): string {
  const { initiator, requestData } = event
  return (isRecovery(event) ? textOf(requestData['administrator']) : undefined) ?? initiator.id
}

/** One administrator of one instance, event after event. */
class Account {
  readonly instance: string
  readonly #id: string
  #name = ''
  /** The key in force; undefined while these events do not tell. */
  #inForce: { readonly keyId: string | undefined } | undefined
  readonly #publicKeys = new Map<string, VerifyingKey>()
  readonly #nonces = new Set<string>()
  readonly #commands = new Map<string | undefined, Command[]>()
  /** Keys of others that commands named, and whose they were, by their events. */
  readonly #owners = new Map<string, string>()
  /** Keys that were in force at some time. */
  readonly #held = new Set<string>()
  readonly #certificates = new Map<string, CertificateInForce>()

  constructor(instance: string, id: string) {
    this.instance = instance
    this.#id = id
  }

  async take({ index, event }: LoggedEvent): Promise<Verdict> {
    const { action, id: eventId, eventTime: time } = event
    if (!isRecovery(event)) this.#name = whoOf(event.initiator)
    const signer = signerOf(event)
    const [verdict, why] = await this.#judge(event, signer)
    const owner = textOf(event.requestData['keyOwner'])
    if (signer !== undefined && owner !== undefined) this.#owners.set(signer, owner)
    const list = this.#commands.get(signer) ?? []
    list.push({ index, eventId, time, action, ...deedIn(event), verdict, why })
    this.#commands.set(signer, list)
    // Whether it should have been done or not, it was: what follows is judged by that.
    if (event.outcome === 'success') this.#keep(event, signer)
    return verdict
  }

  /** @param all administrators, of other instances too */
  told(all: readonly Account[]): AdministratorAccount {
    const others = all.filter((one) => one !== this && one.instance === this.instance)
    const keys = [...this.#commands].map(([keyId, commands]) => ({
      keyId,
      wasInForce: this.#holds(keyId),
      owners: this.#ownersOf(keyId, others),
      commands,
    }))
    return { instance: this.instance, ...this.#person, keys }
  }

  inForce(): AdministratorInForce {
    const keyId = this.#inForce === undefined ? undefined : (this.#inForce.keyId ?? null)
    return { ...this.#person, keyId, certificates: [...this.#certificates.values()] }
  }

  #ownersOf(keyId: string | undefined, others: readonly Account[]): Person[] {
    const found = others.filter((one) => one.#holds(keyId)).map((one) => one.#person)
    const told = keyId === undefined ? undefined : this.#owners.get(keyId)
    return told === undefined || found.some(({ id }) => id === told) ? found : [...found, { id: told, name: '' }]
  }

  get #person(): Person {
    return { id: this.#id, name: this.#name }
  }

  #holds(keyId: string | undefined): boolean {
    return keyId !== undefined && this.#held.has(keyId)
  }

  #keep(event: ActivityEvent, signer: string | undefined): void {
    const { action, requestData } = event
    this.#inForce = this.#after(event, signer)
    for (const key of [signer, this.#inForce?.keyId]) if (key !== undefined) this.#held.add(key)
    const [certId, fingerprint, notAfter] = ['certificateId', 'fingerprint', 'notAfter'].map((name) =>
      textOf(requestData[name]),
    )
    if (certId === undefined) return
    if (action.endsWith('-cert.delete')) this.#certificates.delete(certId)
    else this.#certificates.set(certId, { certId, fingerprint: fingerprint ?? '', notAfter: notAfter ?? '' })
  }

  async #judge(event: ActivityEvent, signer: string | undefined): Promise<readonly [Verdict, string]> {
    const { outcome, reason } = event
    if (outcome !== 'success') return ['refused', reason.reasonForFailure ?? reason.reasonType]
    if (isRecovery(event)) return ['recovery', recoveryText(event)]
    const evidence = evidenceOf(event)
    if (signer === undefined || evidence === undefined) return ['bad', 'its event holds no signature']
    const fault = (await this.#newKeyFault(event)) ?? this.#orderFault(event, signer, evidence)
    if (fault !== undefined) return ['bad', fault]
    const publicKey = this.#publicKeys.get(signer)
    if (publicKey === undefined) return ['unknown', 'the event that brought its key is not among these']
    const { place, contentHash, signature } = evidence
    if (!(await isAsSigned(event, evidence))) return ['bad', 'its event tells of something else than was signed']
    if (!(await verifies(certificateCommandText(place, contentHash), publicKey, signature))) {
      return ['bad', 'the signature is not one of this command by this key']
    }
    const isProved = await this.#isNewKeyProved(event, evidence)
    return isProved ? ['good', ''] : ['bad', 'nothing proves that whoever named the new key has it']
  }

  /** Remembers the key that an event brings, if it is the one that it names. */
  async #newKeyFault(event: ActivityEvent): Promise<string | undefined> {
    const named = keyAfter(event)
    if (named === undefined) return undefined
    const brought = await broughtKey(textOf(event.requestData['publicKey']) ?? '')
    if (brought?.id !== named) return 'its event does not hold the new key'
    this.#publicKeys.set(named, brought.key)
    return undefined
  }

  #orderFault({ action, eventTime }: ActivityEvent, signer: string, { place }: CommandEvidence): string | undefined {
    const nonce = `${signer} ${place.nonce}`
    if (this.#nonces.has(nonce)) return 'the same command was done before'
    this.#nonces.add(nonce)
    if (Math.abs(Number(place.timestamp) - parseEventTime(eventTime)) > freshMs) {
      return 'it was signed at another time than it was done'
    }
    if (this.#inForce === undefined) return undefined
    const { keyId } = this.#inForce
    if (action.endsWith('.create')) return keyId === undefined ? undefined : 'another key was in force already'
    return keyId === signer ? undefined : `${keyId === undefined ? 'no' : 'another'} key was in force`
  }

  /** What the old key signs alone would let anybody's public key in. */
  async #isNewKeyProved(event: ActivityEvent, { place }: CommandEvidence): Promise<boolean> {
    const named = event.action.endsWith('.update') ? keyAfter(event) : undefined
    const publicKey = named === undefined ? undefined : this.#publicKeys.get(named)
    if (named === undefined || publicKey === undefined) return true
    return verifies(keyProofText(place, named), publicKey, textOf(event.requestData['proof']) ?? '')
  }

  #after(event: ActivityEvent, signer: string | undefined): { readonly keyId: string | undefined } | undefined {
    if (event.action.includes('-admin-key.')) return { keyId: keyAfter(event) }
    // Whoever signed something that was done, was in force.
    return signer === undefined ? this.#inForce : { keyId: signer }
  }
}

/** By the end of the action: what is done, whoever does it. */
const deeds: Readonly<Record<string, string>> = {
  'admin-key.create': 'made the signature key',
  'admin-key.update': 'replaced the signature key',
  'admin-key.delete': 'gave the signature key up',
  'cert.set': 'set certificate',
  'cert.delete': 'deleted certificate',
}

function deedIn(event: ActivityEvent): Pick<Command, 'what' | 'detail' | 'switched'> {
  const { action, requestData, responseData } = event
  const deed = deeds[action.replace('hs-crypto.mtlscert-', '')] ?? action
  const certId = textOf(requestData['certificateId'])
  const fingerprint = textOf(requestData['fingerprint'])
  const next = action.endsWith('-admin-key.update') ? keyAfter(event) : undefined
  const [before, after] = ['initialValue', 'newValue'].map((name) => memberOf(responseData, `${name}.mtlsEnabled`))
  return {
    what: certId === undefined ? deed : `${deed} ${certId}`,
    detail: fingerprint === undefined ? (next === undefined ? '' : `new key ${next}`) : `SHA-256 ${fingerprint}`,
    switched:
      typeof before === 'boolean' && typeof after === 'boolean' && before !== after
        ? after
          ? 'on'
          : 'off'
        : undefined,
  }
}
