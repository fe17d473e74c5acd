/** Master key rotation: everything wrapped under the old master key is wrapped under the new one, while all goes on. */
import type { Done, Seen } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import { ConditionFailed } from '../record/group-writer.ts'
import type { Change, Reader } from '../store/store.ts'
import { insertRotation, noteBroken, putInForce, readMasterKeys, sameRevision, type Rotation } from './master-keys.ts'
import { UnitRefusal } from './unit-client.ts'
import type { UnitLog, UnitView } from './units.ts'
import { beforeAll, type RotatingUnits, wrappedUnder, type WrappedBlob } from './wrapped-blobs.ts'

/** Blobs of one turn: few enough that calls beside it do not wait for them. */
const BATCH = 64
const PAUSE_MS = 5
/** Before a turn that failed is tried again: the units are starting, or the disk is full. */
const RETRY_MS = 500

type StartAction = 'hs-crypto.tke-master-key-rotation.start'

type StandingUnit = Pick<UnitView, 'report' | 'standing'>

export interface RotationParts {
  readonly store: Reader
  readonly units: RotatingUnits
  readonly clock: Pick<Clock, 'now'>
  readonly log: UnitLog
  readonly carry: (changes: readonly Change[]) => Promise<void>
  /** Records that everything is wrapped anew, with the rotation's next state. */
  readonly completed: (rotation: Rotation) => Promise<void>
  readonly direct: (instance: string, pattern: string) => void
}

export class Rotations {
  readonly #parts: RotationParts
  readonly #running = new Map<string, Promise<void>>()
  #isStopping = false

  constructor(parts: RotationParts) {
    this.#parts = parts
  }

  /** Goes on with what a stop or a crash has interrupted. */
  resume(): void {
    for (const { instance } of readMasterKeys(this.#parts.store).started()) this.#run(instance)
  }

  /** Ends after the turn that is under way; the next start goes on. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all(this.#running.values())
  }

  /**
   * Decides on a rotation. From its commit on the new master key wraps, and both open.
   * @param units all of the instance
   * @throws Refusal `ROTATION_NOT_POSSIBLE` unless all units have one valid master key and one committed new one
   */
  begin(
    instance: string,
    by: string,
    units: readonly StandingUnit[],
    seen: Seen<StartAction>,
  ): Done<Rotation['pattern']> {
    const { store, clock } = this.#parts
    const keys = readMasterKeys(store)
    const last = keys.rotation(instance)
    if (last?.state === 'started') {
      // Asked for again: pieces that did not open are tried once more.
      tellKeys(seen, last.former, last.pattern, last.total)
      const changes = last.broken > 0 ? [noteBroken(instance, 0, clock.now())] : []
      return { result: last.pattern, code: 200, changes, settled: () => this.#run(instance) }
    }
    const { former, pattern } = keysOf(units, keys.inForce(instance))
    const total = keys.countUnder(instance, former)
    tellKeys(seen, former, pattern, total)
    const now = clock.now()
    return {
      result: pattern,
      code: 200,
      changes: [
        insertRotation({ instance, former, pattern, total, startedAt: now, startedBy: by }),
        putInForce(instance, pattern, now),
      ],
      conditions: units.map(({ report }) => sameRevision(report)),
      settled: () => {
        this.#parts.direct(instance, pattern)
        this.#run(instance)
      },
    }
  }

  #run(instance: string): void {
    if (this.#running.has(instance) || this.#isStopping) return
    const run = this.#attempts(instance).finally(() => this.#running.delete(instance))
    this.#running.set(instance, run)
  }

  /** A disk that is full or a log that takes nothing holds it up, and nothing more. */
  async #attempts(instance: string): Promise<void> {
    let isTold = false
    while (!this.#isStopping) {
      try {
        return await this.#turns(instance)
      } catch (error) {
        const text = error instanceof Error ? error.message : 'unknown'
        if (!isTold) this.#parts.log.error({ instance, error: text }, 'A master key rotation is held up; it goes on.')
        isTold = true
        await pause(RETRY_MS)
      }
    }
  }

  async #turns(instance: string): Promise<void> {
    const { store, clock, log, carry, completed } = this.#parts
    const keys = readMasterKeys(store)
    let after = beforeAll
    let broken = 0
    while (!this.#isStopping) {
      const rotation = keys.rotation(instance)
      if (rotation?.state !== 'started') return
      const blobs = wrappedUnder(store, instance, rotation, after, BATCH)
      if (blobs.length > 0) {
        const turn = await this.#rewrap(blobs)
        if (turn === undefined) await pause(RETRY_MS)
        else {
          broken += turn.broken
          after = blobs.at(-1)?.position ?? after
          await pause(PAUSE_MS)
        }
        continue
      }
      const left = keys.countUnder(instance, rotation.former)
      if (left === 0) {
        if (rotation.broken > 0) await carry([noteBroken(instance, 0, clock.now())])
        return await completed(rotation)
      }
      if (left <= broken) {
        await carry([noteBroken(instance, left, clock.now())])
        log.error({ instance, left }, 'Key material does not open under the old master key; the rotation cannot end.')
        return
      }
      // Others changed what this pass was about to change.
      after = beforeAll
      broken = 0
      await pause(PAUSE_MS)
    }
  }

  /** One turn; undefined when nothing of it was done and it is to be tried again. */
  async #rewrap(blobs: readonly WrappedBlob[]): Promise<{ broken: number } | undefined> {
    const results = await Promise.allSettled(blobs.map((blob) => blob.reencrypted(this.#parts.units)))
    const changes: Change[] = []
    let broken = 0
    for (const [index, result] of results.entries()) {
      const blob = blobs[index] as WrappedBlob
      if (result.status === 'fulfilled') changes.push(blob.replacedBy(result.value))
      else if (isPassing(result.reason)) return undefined
      else broken += 1
    }
    try {
      await this.#parts.carry(changes)
    } catch (error) {
      if (!(error instanceof ConditionFailed)) return undefined
      // One of them was purged meanwhile: each for itself.
      for (const change of changes) {
        await this.#parts.carry([change]).catch((one: unknown) => {
          if (!(one instanceof ConditionFailed)) throw one
        })
      }
    }
    return { broken }
  }
}

/** Says something of the unit at the time, and nothing of the blob. */
function isPassing(reason: unknown): boolean {
  return reason instanceof UnitRefusal && ['TIMEOUT', 'UNAVAILABLE', 'NOT_READY', 'LIMIT'].includes(reason.code)
}

function tellKeys(seen: Seen<StartAction>, former: string, pattern: string, total: number): void {
  seen.request = { 'initialValue.verificationPattern': former, verificationPattern: pattern }
  seen.response = { totalResources: total }
}

function keysOf(units: readonly StandingUnit[], inForce: string | undefined): { former: string; pattern: string } {
  const pattern = units[0]?.report.newRegister.pattern
  const isPossible = ({ report, standing }: StandingUnit): boolean =>
    standing !== 'stale' &&
    report.currentRegister.pattern === inForce &&
    report.newRegister.state === 'committed' &&
    report.newRegister.pattern === pattern
  if (inForce === undefined || pattern === undefined) throw new Refusal('ROTATION_NOT_POSSIBLE')
  const unfit = units.filter((unit) => !isPossible(unit)).map(({ report }) => report.location)
  if (unfit.length > 0) {
    const message = `Each crypto unit must have the same valid master key and the same committed new one; this is not so for ${unfit.join(', ')}.`
    throw new Refusal('ROTATION_NOT_POSSIBLE', { message })
  }
  return { former: inForce, pattern }
}

function pause(waitMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, waitMs))
}
