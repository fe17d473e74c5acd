/** Events that the service tells about itself: its producers and its clock. Ours. */
import type { FamilySpec } from './entry.ts'

export const service = {
  'hs-crypto.producer.start': {
    title: 'A producer of events started: the first event of an epoch.',
    verb: 'start',
    object: 'producer',
    typeURI: 'hs-crypto/producer',
    severity: 'warning',
    severitySource: 'assigned',
    dataEvent: false,
    phrase: {
      did: 'began',
      to: 'begin',
      what: 'epoch[ {request.epoch}] of event producer[ {name}][, after event number {request.previousSequence}]',
    },
    request: [
      { name: 'epoch', type: 'integer', meaning: 'Number of the epoch that begins.', source: 'extension' },
      { name: 'previousEpoch', type: 'integer', meaning: 'The epoch before.', source: 'extension' },
      {
        name: 'previousSequence',
        type: 'integer',
        meaning: 'Number of the last event of the epoch before; what follows it was lost if anything did.',
        source: 'extension',
      },
    ],
    response: [],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning:
          'The service was started. Its events are numbered anew, and the last number of the time before is named, so that a lost event shows.',
        remedy: 'If nobody meant to start it, find out why it had stopped.',
        source: 'extension',
      },
    ],
    source: 'extension',
  },
  'hs-crypto.clock.step': {
    title: 'The wall clock was stepped by more than two seconds.',
    verb: 'step',
    object: 'clock',
    typeURI: 'hs-crypto/clock',
    severity: 'warning',
    severitySource: 'assigned',
    dataEvent: false,
    phrase: { did: 'saw', to: 'note', what: 'the clock step[ by {request.stepMs} ms]' },
    request: [
      {
        name: 'stepMs',
        type: 'integer',
        meaning: 'By how many milliseconds; negative when the clock was set back.',
        source: 'extension',
      },
    ],
    response: [],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning: 'The clock of the machine was set. Times of events before and after do not compare exactly.',
        remedy: 'Trust the order of the log, not the times, around this event; check the time service of the machine.',
        source: 'extension',
      },
    ],
    source: 'extension',
  },
} as const satisfies FamilySpec
