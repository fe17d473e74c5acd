/** What administrators did to client certificates, key by key, each command's signature checked again from events alone. */
import type { KeyObject } from 'node:crypto'
import {
  type ActivityEvent,
  certificateCommandText,
  deedOf,
  keyProofText,
  parseEventTime,
  whoOf,
} from '@keywitness/cadf'
import { keyIdOf } from './administrator-keys.ts'
import {
  type CommandEvidence,
  evidenceOf,
  isAsSigned,
  isChange,
  keyAfter,
  publicKeyIn,
  signerOf,
  textOf,
  verifies,
} from './command-evidence.ts'

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
  readonly verdict: Verdict
  /** What is to be said about it; empty for a good one. */
  readonly why: string
}

/** What one key did, in the order of the log. */
export interface KeyAccount {
  /** Undefined for commands whose events name no key. */
  readonly keyId: string | undefined
  readonly commands: readonly Command[]
}

export interface AdministratorAccount {
  /** CRN of the instance. */
  readonly instance: string
  /** IAM id. */
  readonly id: string
  readonly name: string
  readonly keys: readonly KeyAccount[]
}

export interface CommandHistory {
  readonly administrators: readonly AdministratorAccount[]
  readonly counts: Readonly<Record<Verdict, number>>
  /** Events that only read. */
  readonly readings: number
}

/** A command is taken for five minutes; the rest is for its being recorded. */
const freshMs = 6 * 60_000

/** @param events of the certificate manager, ascending by index */
export function historyOf(events: readonly LoggedEvent[]): CommandHistory {
  const accounts = new Map<string, Account>()
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
    counts[account.take(logged)] += 1
  }
  return { administrators: [...accounts.values()].map((account) => account.told()), counts, readings }
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
  readonly #instance: string
  readonly #id: string
  #name = ''
  /** The key in force; undefined while these events do not tell. */
  #inForce: { readonly keyId: string | undefined } | undefined
  readonly #publicKeys = new Map<string, KeyObject>()
  readonly #nonces = new Set<string>()
  readonly #commands = new Map<string | undefined, Command[]>()

  constructor(instance: string, id: string) {
    this.#instance = instance
    this.#id = id
  }

  take({ index, event }: LoggedEvent): Verdict {
    const { action, id: eventId, eventTime: time } = event
    if (!isRecovery(event)) this.#name = whoOf(event.initiator)
    const signer = signerOf(event)
    const [verdict, why] = this.#judge(event, signer)
    const list = this.#commands.get(signer) ?? []
    list.push({ index, eventId, time, action, ...deedIn(event), verdict, why })
    this.#commands.set(signer, list)
    // Whether it should have been done or not, it was: what follows is judged by that.
    if (event.outcome === 'success') this.#inForce = this.#after(event, signer)
    return verdict
  }

  told(): AdministratorAccount {
    const keys = [...this.#commands].map(([keyId, commands]) => ({ keyId, commands }))
    return { instance: this.#instance, id: this.#id, name: this.#name, keys }
  }

  #judge(event: ActivityEvent, signer: string | undefined): readonly [Verdict, string] {
    const { outcome, reason } = event
    if (outcome !== 'success') return ['refused', reason.reasonForFailure ?? reason.reasonType]
    if (isRecovery(event)) return ['recovery', recoveryText(event)]
    const evidence = evidenceOf(event)
    if (signer === undefined || evidence === undefined) return ['bad', 'its event holds no signature']
    const fault = this.#newKeyFault(event) ?? this.#orderFault(event, signer, evidence)
    if (fault !== undefined) return ['bad', fault]
    const publicKey = this.#publicKeys.get(signer)
    if (publicKey === undefined) return ['unknown', 'the event that brought its key is not among these']
    const { place, contentHash, signature } = evidence
    if (!isAsSigned(event, evidence)) return ['bad', 'its event tells of something else than was signed']
    if (!verifies(certificateCommandText(place, contentHash), publicKey, signature)) {
      return ['bad', 'the signature is not one of this command by this key']
    }
    const isProved = this.#isNewKeyProved(event, evidence)
    return isProved ? ['good', ''] : ['bad', 'nothing proves that whoever named the new key has it']
  }

  /** Remembers the key that an event brings, if it is the one that it names. */
  #newKeyFault(event: ActivityEvent): string | undefined {
    const named = keyAfter(event)
    if (named === undefined) return undefined
    const publicKey = publicKeyIn(event)
    if (publicKey === undefined || keyIdOf(publicKey) !== named) return 'its event does not hold the new key'
    this.#publicKeys.set(named, publicKey)
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
  #isNewKeyProved(event: ActivityEvent, { place }: CommandEvidence): boolean {
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

function deedIn(event: ActivityEvent): Pick<Command, 'what' | 'detail'> {
  const { action, requestData } = event
  const certId = textOf(requestData['certificateId'])
  const fingerprint = textOf(requestData['fingerprint'])
  const next = action.endsWith('-admin-key.update') ? keyAfter(event) : undefined
  return {
    what: certId === undefined ? deedOf(event) : deedOf(event).replace('a client certificate', `certificate ${certId}`),
    detail: fingerprint === undefined ? (next === undefined ? '' : `new key ${next}`) : `SHA-256 ${fingerprint}`,
  }
}
