/** What a tracker says of itself: what was odd in its log, as events of its own numbers. */
import { type ActionName, type ActivityEvent, buildEvent, type EventFacts, type RequestFields } from '@keywitness/cadf'
import type { AnomalyKind, AnomalySummary, ProducerPosition, Pruning, Voice } from '@keywitness/tracker'
import { createEventStamp } from '../event-stamp.ts'
import { initiatorOf } from '../initiator.ts'
import { systemCaller } from '../system-caller.ts'
import type { TrackerPlace } from './messages.ts'
import { crnOfTracker } from './trackers.ts'

const actions = {
  missing: 'activity-tracker.numbers.missing',
  late: 'activity-tracker.numbers.late',
  reused: 'activity-tracker.numbers.reused',
  epochs: 'activity-tracker.epochs.missing',
  opening: 'activity-tracker.epochs.contradicted',
  'late-dated': 'activity-tracker.events.late-dated',
  'future-dated': 'activity-tracker.events.future-dated',
  forged: 'activity-tracker.events.forged',
} as const satisfies Record<AnomalyKind, ActionName>

export function voiceOf(place: TrackerPlace, serviceName: string, now: () => number): Voice {
  const stamp = createEventStamp(serviceName)
  const crn = crnOfTracker(place)
  const initiator = initiatorOf(systemCaller(place.account, serviceName))
  const event = <A extends ActionName>(action: A, name: string, request: RequestFields<A>): ActivityEvent => {
    const facts: EventFacts<A> = {
      action,
      outcome: 'success',
      reason: { code: 200 },
      initiator,
      target: { id: crn, name },
      logSourceCRN: crn,
      request,
    }
    return buildEvent(facts, stamp(now()))
  }
  return {
    opening: (producer: string, { epoch, sequence }: ProducerPosition) =>
      event('hs-crypto.producer.start', producer, {
        producer,
        epoch: epoch + 1,
        previousEpoch: epoch,
        previousSequence: sequence,
      }),
    pruned: ({ from, index, keepDays, segments }: Pruning) =>
      event('activity-tracker.log.prune', place.location, {
        'initialValue.minimumIndex': from,
        'newValue.minimumIndex': index,
        retentionDays: keepDays,
        segments,
      }),
    anomaly: ({ kind, producer, ...numbers }: AnomalySummary) =>
      event(actions[kind], place.location, { producer, ...numbers }),
  }
}
