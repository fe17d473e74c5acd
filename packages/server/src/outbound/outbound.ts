/** What the server sends by itself, as one part: the queue, the sender, and who owns which targets. */
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Clock } from '../clock.ts'
import type { Sealer } from '../seal.ts'
import type { Change, Reader } from '../store/store.ts'
import { type AddressRule, addressRule } from './addresses.ts'
import { type Problem, systemResolver } from './attempt.ts'
import type { Carriers } from './carrier.ts'
import { type Message, type Messages, readMessages } from './messages.ts'
import { queueMetrics } from './metrics.ts'
import { Sender } from './sender.ts'
import { readTargets } from './targets.ts'

/** A part of the product whose messages are sent. */
export interface TargetOwner {
  owns(target: string): boolean
  /** Nothing is sent to it for now: what waits goes on waiting. */
  isHeld?(target: string): boolean
  /** Makes a message a dead letter, with the event that says so. */
  giveUp(message: Message, problem: Problem, changes: readonly Change[]): Promise<void>
  /** What else is written down when an attempt has ended; undefined: it delivered. */
  noted?(message: Message, problem: Problem | undefined): readonly Change[]
}

export interface OutboundParts {
  readonly reader: Reader
  readonly sealer: Sealer
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  readonly log: Logger
  readonly registry: Registry
  /** Private addresses that messages may be sent to. */
  readonly privateRanges: readonly string[]
  readonly carriers: Carriers
  /** Makes bookkeeping durable, without an event. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
}

export interface Outbound {
  readonly messages: Messages
  readonly addresses: AddressRule
  /** Whose targets they are; said before `start`. */
  own(owner: TargetOwner): void
  /** Something was queued: it is sent at once. */
  queued(): void
  start(): void
  stop(): Promise<void>
}

export function openOutbound(parts: OutboundParts): Outbound {
  const owners: TargetOwner[] = []
  const ownerOf = ({ target }: Message): TargetOwner | undefined => owners.find((owner) => owner.owns(target))
  const messages = readMessages(parts.reader)
  const addresses = addressRule(parts.privateRanges)
  const metrics = queueMetrics(parts.registry, messages, parts.clock)
  const sender = new Sender({
    ...parts,
    messages,
    addresses,
    targets: readTargets(parts.reader, parts.sealer),
    resolve: systemResolver(),
    attempted: (outcome) => metrics.attempted(outcome),
    // Nobody's any more: its target goes, and it with that. Until then it must not be sent again and again.
    giveUp: async (message, problem, changes) =>
      await (ownerOf(message)?.giveUp(message, problem, changes) ?? parts.carry(changes)),
    isHeld: (target) => owners.some((owner) => owner.isHeld?.(target) === true),
    noted: (message, problem) => ownerOf(message)?.noted?.(message, problem) ?? [],
  })
  return {
    messages,
    addresses,
    own: (owner) => void owners.push(owner),
    queued: () => sender.look(),
    start: () => sender.start(),
    stop: () => sender.stop(),
  }
}
