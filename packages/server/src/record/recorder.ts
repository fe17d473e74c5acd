/** The recorder: producers, group committer, watchdog and guards, started together and stopped in order. */
import { writeEvent, type WrittenEvent } from '@keywitness/cadf'
import type { Logger } from 'pino'
import type { Destination } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { EventStamp } from '../event-stamp.ts'
import { initiatorOf } from '../initiator.ts'
import type { Change, Store } from '../store/store.ts'
import { startStoreSync, type StoreSync } from '../store/store-sync.ts'
import { systemCaller } from '../system-caller.ts'
import { startClockGuard } from './clock-guard.ts'
import { Committer } from './committer.ts'
import { startDiskGuard } from './disk-guard.ts'
import { startHeartbeats } from './heartbeat.ts'
import { type Producer, Producers } from './producers.ts'
import { startWatchdog } from './watchdog.ts'

export interface RecorderParts {
  readonly store: Store
  readonly clock: Clock
  readonly stamp: EventStamp
  readonly log: Logger
  readonly serviceName: string
  /** After how much quiet each producer records a heartbeat, milliseconds. */
  readonly heartbeatMs: number
  /** Free bytes of the data folder. */
  readonly free: () => number
  /** CRN of this service in an account and location. */
  readonly serviceCrn: (place: Destination) => string
  /** Where the product's own notices go; undefined before the first start has made an account. */
  readonly home: () => Destination | undefined
  /** A COMMIT or the disk reported an error. Must not return. */
  readonly fatal: (error: unknown) => never
  readonly commit?: (store: Store) => void
  /** Stands between the committer and the disk; tests put a failing or stalling one here. */
  readonly synced?: (sync: StoreSync) => StoreSync['synced']
}

export interface Recorder {
  readonly committer: Committer
  hasRoom(): boolean
  free(): number
  /** Heartbeats recorded since the start. */
  heartbeats(): number
  /** Called after each commit with the number of new rows; the trail's forwarder listens. */
  onCommitted(listener: (rows: number) => void): void
  /** Opens the epoch of every known destination, so that each log shows the start. */
  openEpochs(): void
  /** Records that a place's log holds other events than were counted, and these changes with it. */
  differs(place: Destination, request: EventRequest, changes: readonly Change[]): Promise<void>
  /** Records that an entry of a place's log was found altered. */
  altered(place: Destination, index: number): void
  /** The listeners are open: from now on a loop that stands still ends the process. */
  serving(): void
  /** Commits what waits; every later call is refused. */
  stopRecording(): void
  stop(): Promise<void>
}

/** What the product tells of itself. */
type Notice =
  | 'hs-crypto.clock.step'
  | 'hs-crypto.storage.exhausted'
  | 'hs-crypto.storage.recovered'
  | 'activity-tracker.log.altered'
  | 'hs-crypto.producer.heartbeat'
  | 'activity-tracker.counts.differ'

type EventRequest = Readonly<Record<string, string | number | readonly string[]>>

/** How often old outbox rows are looked for. */
const ageEveryMs = 60_000

export function startRecorder(parts: RecorderParts): Recorder {
  const { store, clock, log } = parts
  const producers = new Producers(store)
  const watchdog = startWatchdog()
  let listener = (_rows: number): void => undefined
  const disk = startDiskGuard({
    free: parts.free,
    log,
    changed: (hasRoom) => notice(hasRoom ? 'hs-crypto.storage.recovered' : 'hs-crypto.storage.exhausted', {}),
  })
  const sync = store.logFile === undefined ? undefined : startStoreSync(store.logFile, parts.fatal)
  const synced = sync === undefined ? undefined : (parts.synced?.(sync) ?? (() => sync.synced()))
  const committer = new Committer({
    store,
    producers,
    clock,
    openingEvent,
    committed: (rows) => listener(rows),
    hasRoom: () => disk.hasRoom(),
    committing: (isCommitting) => watchdog.committing(isCommitting),
    fatal: parts.fatal,
    ...(parts.commit === undefined ? {} : { commit: parts.commit }),
    ...(synced === undefined ? {} : { synced }),
  })
  const clockGuard = startClockGuard(clock, (stepMs) => notice('hs-crypto.clock.step', { stepMs }))
  const heartbeatSeconds = Math.round(parts.heartbeatMs / 1_000)
  const heartbeats = startHeartbeats({
    clock,
    quietMs: parts.heartbeatMs,
    producers: () => producers.all(),
    // It may use the reserve of a full disk: that nothing is recorded then is what it says.
    beat: (producer, quietMs) =>
      committer.submit(
        producer,
        systemEvent(producer, producer.id, 'hs-crypto.producer.heartbeat', {
          quietSeconds: Math.floor(quietMs / 1_000),
          heartbeatSeconds,
        }),
        {},
        true,
      ),
    failed: (error) => log.error({ err: error }, 'a heartbeat could not be recorded'),
  })
  const ageing = setInterval(() => committer.age(), ageEveryMs)
  ageing.unref()

  function openingEvent(producer: Producer): WrittenEvent {
    return systemEvent(producer, producer.id, 'hs-crypto.producer.start', {
      previousEpoch: producer.epoch,
      previousSequence: producer.sequence,
      epoch: producer.epoch + 1,
      heartbeatSeconds,
    })
  }

  function systemEvent(
    place: Destination,
    name: string,
    action: 'hs-crypto.producer.start' | Notice,
    request: EventRequest,
  ): WrittenEvent {
    const crn = parts.serviceCrn(place)
    return writeEvent(
      {
        action,
        outcome: 'success',
        reason: { code: 200 },
        initiator: initiatorOf(systemCaller(place.account, parts.serviceName)),
        target: { id: crn, name },
        logSourceCRN: crn,
        request,
      },
      parts.stamp(clock.now()),
    )
  }

  function notice(action: Notice, request: Record<string, string | number>, place = parts.home()): void {
    if (place === undefined) return
    committer
      .submit(place, systemEvent(place, parts.serviceName, action, request), {}, true)
      .catch((error: unknown) => {
        log.error({ err: error, action }, 'a notice could not be recorded')
      })
  }

  return {
    committer,
    hasRoom: () => disk.hasRoom(),
    free: () => disk.free(),
    heartbeats: () => heartbeats.count,
    onCommitted: (called) => {
      listener = called
    },
    differs: (place, request, changes) =>
      committer.submit(
        place,
        systemEvent(place, parts.serviceName, 'activity-tracker.counts.differ', request),
        { changes },
        true,
      ),
    altered: (place, index) => notice('activity-tracker.log.altered', { index }, place),
    openEpochs: () => committer.openEpochs(),
    serving: () => watchdog.serving(),
    stopRecording: () => committer.stop(),
    stop: async () => {
      clearInterval(ageing)
      heartbeats.stop()
      clockGuard.stop()
      disk.stop()
      await sync?.stop()
      await watchdog.stop()
    },
  }
}
