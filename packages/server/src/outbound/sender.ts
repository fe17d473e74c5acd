/** The one outbound sender: works the queue off in the background, a few attempts at a time, none of which anybody waits for. */
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { Change } from '../store/store.ts'
import type { AttemptParts, Outcome, Problem } from './attempt.ts'
import type { Carriers } from './carrier.ts'
import { outboundLimits } from './limits.ts'
import { type Message, messageDelivered, messageGivenUp, messageRetried, type Messages } from './messages.ts'
import { pauseAfter } from './pause.ts'
import type { Targets } from './targets.ts'

export interface SenderParts extends Omit<AttemptParts, 'attemptMs'> {
  readonly messages: Messages
  readonly targets: Targets
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  readonly log: Logger
  /** Makes bookkeeping durable. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
  /** Makes a message a dead letter, with the event that says so. */
  readonly giveUp: (message: Message, problem: Problem, changes: readonly Change[]) => Promise<void>
  /** What else is written down when an attempt has ended; undefined: it delivered. */
  readonly noted: (message: Message, problem: Problem | undefined) => readonly Change[]
  /** Whether nothing is sent to a target for now. */
  readonly isHeld: (target: string) => boolean
  /** Told how each attempt ended. */
  readonly attempted: (outcome: Outcome) => void
  /** One for each kind of target. */
  readonly carriers: Carriers
  /** Tests may want other times, milliseconds; of an attempt, otherwise as its carrier says. */
  readonly attemptMs?: number
  readonly lookEveryMs?: number
}

export class Sender {
  readonly #parts: SenderParts
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #perTarget = new Map<string, number>()
  /** Targets whose last attempt failed: they get less, so that those that work are not kept waiting. */
  readonly #failing = new Set<string>()
  readonly #stopped = new AbortController()
  #timer: NodeJS.Timeout | undefined

  constructor(parts: SenderParts) {
    this.#parts = parts
  }

  start(): void {
    this.#timer = setInterval(() => this.#guardedLook(), this.#parts.lookEveryMs ?? outboundLimits.lookEveryMs)
    this.#timer.unref()
  }

  /** Cuts the attempts under way short; what they were to deliver stays queued and is sent again at the next start. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopped.abort()
    await Promise.all(this.#underWay.values())
  }

  #guardedLook(): void {
    try {
      this.look()
    } catch (error) {
      this.#parts.log.error({ err: error }, 'the queue of outbound messages could not be read')
    }
  }

  /** Begins what is due and has room. */
  look(): void {
    if (this.#stopped.signal.aborted) return
    const { messages, clock } = this.#parts
    const now = clock.now()
    const due = messages.dueTargets(now).filter(({ target }) => !this.#parts.isHeld(target))
    for (const isFailing of [false, true]) {
      for (const { target } of due) {
        if (this.#failing.has(target) !== isFailing) continue
        const room = this.#room(target, isFailing)
        if (room <= 0) continue
        const busy = this.#perTarget.get(target) ?? 0
        // Those under way are still due in the table: as many more are read as there may be of them.
        for (const message of messages.due(target, now, room + busy)) {
          if (this.#underWay.has(message.id) || this.#room(target, isFailing) <= 0) continue
          this.#begin(message)
        }
      }
    }
  }

  #room(target: string, isFailing: boolean): number {
    const { attempts, attemptsToFailing, attemptsPerTarget, attemptsPerFailing } = outboundLimits
    const ofTarget = (isFailing ? attemptsPerFailing : attemptsPerTarget) - (this.#perTarget.get(target) ?? 0)
    return Math.min(ofTarget, (isFailing ? attemptsToFailing : attempts) - this.#underWay.size)
  }

  #begin(message: Message): void {
    const { target, id } = message
    this.#perTarget.set(target, (this.#perTarget.get(target) ?? 0) + 1)
    const work = this.#deliver(message).finally(() => {
      this.#underWay.delete(id)
      const left = (this.#perTarget.get(target) ?? 1) - 1
      if (left === 0) this.#perTarget.delete(target)
      else this.#perTarget.set(target, left)
      this.#guardedLook()
    })
    this.#underWay.set(id, work)
  }

  async #deliver(message: Message): Promise<void> {
    const { log, messages } = this.#parts
    try {
      const outcome = await this.#send(message)
      // The process ends: nothing is known of the attempt, so nothing is written down.
      if (outcome === undefined || (!outcome.delivered && outcome.problem === 'STOPPED')) return
      this.#parts.attempted(outcome)
      if (outcome.delivered) this.#failing.delete(message.target)
      else this.#failing.add(message.target)
      await this.#writeDown(message, outcome)
    } catch (error) {
      // Stopping, or deleted together with its target meanwhile.
      if (this.#stopped.signal.aborted || messages.find(message.target, message.id) === undefined) return
      log.error({ err: error, message: message.id }, 'what became of an outbound message could not be written down')
      await this.#rest()
    }
  }

  /** Undefined when the target is gone, and its messages with it. */
  async #send(message: Message): Promise<Outcome | undefined> {
    const { targets, carriers, addresses, resolve, ca, attemptMs } = this.#parts
    const target = targets.find(message.target)
    const secret = targets.secret(message.target)
    if (target === undefined || secret === undefined) return undefined
    const carrier = carriers[target.kind]
    const parts = { addresses, resolve, ca, attemptMs: attemptMs ?? carrier.attemptMs }
    return await carrier.deliver(message, target, secret, parts, this.#stopped.signal)
  }

  async #writeDown(message: Message, outcome: Outcome): Promise<void> {
    const { carry, giveUp, noted, clock, log, random } = this.#parts
    if (outcome.delivered) return await carry([messageDelivered(message), ...noted(message, undefined)])
    const { problem, pauseMs, isFinal = false } = outcome
    const attempts = message.attempts + 1
    const chance = (random(1)[0] ?? 0) / 256
    const nextAt = clock.now() + pauseAfter(attempts, chance, pauseMs)
    log.warn({ message: message.id, target: message.target, problem, attempts }, 'an outbound message did not arrive')
    const also = noted(message, problem)
    if (isFinal || nextAt > message.expiresAt) {
      return await giveUp(message, problem, [messageGivenUp(message, problem), ...also])
    }
    await carry([messageRetried(message, problem, nextAt), ...also])
  }

  /** While this one rests it counts as under way: it is not sent again at once. */
  async #rest(): Promise<void> {
    const { signal } = this.#stopped
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, outboundLimits.bookkeepingPauseMs)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}
