/** Which clients may call an instance: all, until it accepts certificates; then those whose own leads to one of them. */
import type { AcceptedCertificates } from '../certificates/anchors.ts'
import { chainLimits } from '../certificates/client-chain.ts'
import { type ClientFault, type ClientVerdict, clientVerdict } from '../certificates/client-path.ts'
import type { Clock } from '../clock.ts'
import { type ErrorCode, Refusal } from '../errors.ts'
import type { Instance } from '../instances/instance.ts'
import { type Instances, instancesMax } from '../instances/instances.ts'
import type { Ep11Peer } from './call-head.ts'

export interface ClientCertificateParts {
  readonly accepted: (instance: string) => AcceptedCertificates
  readonly instances: Pick<Instances, 'list'>
  readonly clock: Pick<Clock, 'now'>
}

/** What a client was refused for, as events tell it. */
type TlsFailure = Exclude<ClientVerdict['failure'], undefined> | 'wrong-instance'

/** How the client of a connection stands with one instance. */
export interface ClientStanding extends Pick<ClientVerdict, 'fault' | 'from' | 'until'> {
  readonly instance: Instance
  readonly accepted: AcceptedCertificates
  /** Undefined: it may call. */
  readonly failure: TlsFailure | undefined
}

export class ClientCertificates {
  readonly #parts: ClientCertificateParts
  /** Of each connection with the instances that were called over it: as many as its callers' accounts have. */
  readonly #known = new WeakMap<Ep11Peer, Map<string, ClientStanding>>()

  constructor(parts: ClientCertificateParts) {
    this.#parts = parts
  }

  /** Remembered until the certificates that the instance accepts change, or one begins or ends. */
  standing(peer: Ep11Peer, instance: Instance): ClientStanding {
    const accepted = this.#parts.accepted(instance.guid)
    const now = this.#parts.clock.now()
    const ofPeer = this.#known.get(peer) ?? new Map<string, ClientStanding>()
    const known = ofPeer.get(instance.guid)
    if (known?.accepted === accepted && known.from <= now && now < known.until) return known
    const standing = { instance, accepted, ...this.#judge(peer, instance, accepted, now) }
    if (ofPeer.size >= instancesMax) ofPeer.clear()
    ofPeer.set(instance.guid, standing)
    this.#known.set(peer, ofPeer)
    return standing
  }

  /** Whether an instance that was called over this connection takes no further calls from it. */
  isCutOff(peer: Ep11Peer, guid: string): boolean {
    const known = this.#known.get(peer)?.get(guid)
    return known !== undefined && this.standing(peer, known.instance).failure !== undefined
  }

  #judge(
    { certificates }: Ep11Peer,
    instance: Instance,
    { anchors }: AcceptedCertificates,
    now: number,
  ): Pick<ClientStanding, 'failure' | 'fault' | 'from' | 'until'> {
    if (anchors.length === 0) return { failure: undefined, fault: undefined, from: -Infinity, until: Infinity }
    const verdict = clientVerdict(certificates, anchors, now)
    if (verdict.failure !== 'untrusted' || verdict.fault !== undefined) return verdict
    // Of another instance of the same account: its owner is told which mistake it was.
    const others = this.#parts.instances.list(instance.account, '', instancesMax)
    const theirs = others
      .filter(({ guid }) => guid !== instance.guid)
      .flatMap(({ guid }) => this.#parts.accepted(guid).anchors)
      .slice(0, othersMax)
    return clientVerdict(certificates, theirs, now).failure === undefined
      ? { ...verdict, failure: 'wrong-instance' }
      : verdict
  }
}

/** Accepted certificates of other instances that a refused one is compared with. */
const othersMax = 100

/** What a client is told, with what to do about it. */
export function certificateRefusal({ failure, fault }: Pick<ClientStanding, 'failure' | 'fault'>): Refusal | undefined {
  if (failure === undefined) return undefined
  return fault === undefined ? new Refusal(codes[failure]) : new Refusal(codes[failure], { message: faults[fault] })
}

/** Whether a call was refused for its client's certificate. */
export function isForCertificate({ code }: Refusal): boolean {
  return refusals.has(code)
}

const codes = {
  missing: 'EP11_CERTIFICATE_REQUIRED',
  untrusted: 'EP11_CERTIFICATE_UNTRUSTED',
  expired: 'EP11_CERTIFICATE_EXPIRED',
  'not-yet-valid': 'EP11_CERTIFICATE_NOT_YET_VALID',
  'wrong-instance': 'EP11_CERTIFICATE_OF_ANOTHER_INSTANCE',
} as const satisfies Record<TlsFailure, ErrorCode>

const refusals = new Set<ErrorCode>(Object.values(codes))

const { certificates, bytes } = chainLimits

const faults = {
  'too-much': `The client showed more than ${certificates} certificates, or more than ${bytes / 1024} KiB of them. It shows its own, and the intermediates between that and one which this instance accepts.`,
  malformed: 'The client’s certificate is not encoded as X.509 has it. The client needs another one.',
  key: 'The key of the client’s certificate is too short, or not RSA, ECDSA of a curve of NIST or Brainpool, or EdDSA. The client needs another one.',
  signature: 'The client’s certificate is signed with a hash that is too weak. The client needs another one.',
  extension: 'The client’s certificate has a critical extension that is not known here. The client needs another one.',
  purpose:
    'The extended key usage of the client’s certificate does not permit to authenticate clients. The client needs another one.',
  usage: 'The key usage of the client’s certificate does not permit digital signatures. The client needs another one.',
} as const satisfies Record<ClientFault, string>
