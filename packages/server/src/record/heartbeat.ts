/** Heartbeats: a producer that had nothing to record for a while records that, so that silence is on record, too. */
import type { Clock } from '../clock.ts'
import type { Producer } from './producers.ts'

export interface HeartbeatParts {
  readonly clock: Clock
  /** After how much quiet a heartbeat comes, milliseconds. */
  readonly quietMs: number
  readonly producers: () => Iterable<Producer>
  /** Records one; rejects when it could not be recorded: it is tried again. */
  readonly beat: (producer: Producer, quietMs: number) => Promise<void>
  /** One could not be recorded. */
  readonly failed: (error: unknown) => void
}

export interface Heartbeats {
  /** Recorded since the start. */
  readonly count: number
  stop(): void
}

/** The longest time between two looks: a heartbeat is at most this late, milliseconds. */
const lookMs = 10_000

/** A destination that records anything has none: what it records says that it is there. */
export function startHeartbeats(parts: HeartbeatParts): Heartbeats {
  const { clock, quietMs } = parts
  const underWay = new Set<Producer>()
  let count = 0
  const look = (): void => {
    const now = clock.monotonic()
    for (const producer of parts.producers()) {
      const quiet = now - producer.recordedAt
      if (!producer.isOpen || quiet < quietMs || underWay.has(producer)) continue
      underWay.add(producer)
      parts
        .beat(producer, quiet)
        .then(() => void (count += 1), parts.failed)
        .finally(() => underWay.delete(producer))
    }
  }
  const timer = setInterval(look, Math.min(lookMs, quietMs / 4))
  timer.unref()
  return {
    get count() {
      return count
    },
    stop: () => clearInterval(timer),
  }
}
