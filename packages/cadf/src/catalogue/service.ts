/** Events that the service tells about itself: its producers, its clock, its disk. Ours. */
import type { EntrySpec, FamilySpec } from './entry.ts'

const storage = {
  object: 'storage',
  typeURI: 'hs-crypto/storage',
  severitySource: 'assigned',
  dataEvent: false,
  request: [],
  response: [],
  source: 'extension',
} as const satisfies Partial<EntrySpec>

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
      what: 'epoch[ {request.epoch}] of its events[, after event number {request.previousSequence}]',
    },
    request: [
      { name: 'producer', type: 'uuid', meaning: 'The producer.', source: 'extension' },
      { name: 'epoch', type: 'integer', meaning: 'Number of the epoch that begins.', source: 'extension' },
      { name: 'previousEpoch', type: 'integer', meaning: 'The epoch before.', source: 'extension' },
      {
        name: 'previousSequence',
        type: 'integer',
        meaning: 'Number of the last event of the epoch before; what follows it was lost if anything did.',
        source: 'extension',
      },
      {
        name: 'heartbeatSeconds',
        type: 'integer',
        meaning: 'After how much quiet it promises a heartbeat.',
        when: 'it has heartbeats',
        source: 'extension',
      },
    ],
    response: [],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning:
          'The service was started. Its numbers go on after the last one of the time before, which is named here, so that a lost event shows.',
        remedy: 'If nobody meant to start it, find out why it had stopped.',
        source: 'extension',
      },
    ],
    source: 'extension',
  },
  'hs-crypto.producer.heartbeat': {
    title: 'A producer of events had nothing to record for a while, and is there.',
    verb: 'record',
    object: 'heartbeat',
    typeURI: 'hs-crypto/producer',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: false,
    phrase: { did: 'had', to: 'have', what: 'nothing to record[ for {request.quietSeconds} seconds]' },
    request: [
      { name: 'quietSeconds', type: 'integer', meaning: 'How long nothing was recorded.', source: 'extension' },
      {
        name: 'heartbeatSeconds',
        type: 'integer',
        meaning: 'After how much quiet the next heartbeat comes.',
        source: 'extension',
      },
    ],
    response: [],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning:
          'Nothing happened, and that is on record: with a heartbeat after each quiet time, a silence without one shows that the service stood still, or that events were held back.',
        remedy: 'Nothing is to be done. Missing heartbeats are in the continuity report.',
        call: 'keywitness log continuity',
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
  'hs-crypto.storage.exhausted': {
    ...storage,
    title: 'The disk is too full to record calls: they are refused from now on.',
    verb: 'exhaust',
    severity: 'critical',
    phrase: { did: 'ran out of', to: 'run out of', what: 'room to record calls' },
    explanations: [
      {
        when: { outcome: 'success' },
        meaning:
          'Less room was left on the disk than the floor. Every call was refused with 507 until there was room again.',
        remedy: 'Make room on the file system of the data folder; service goes on by itself.',
        source: 'extension',
      },
    ],
  },
  'hs-crypto.storage.recovered': {
    ...storage,
    title: 'There is room on the disk again: calls are answered from now on.',
    verb: 'recover',
    severity: 'warning',
    phrase: { did: 'got back', to: 'get back', what: 'room to record calls' },
    explanations: [],
  },
} as const satisfies FamilySpec
