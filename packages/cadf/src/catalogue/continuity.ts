/** Events about the completeness of the trail: what is missing, late, repeated or odd in it, and who asked. Ours. */
import type { EntrySpec, ExplanationSpec, FamilySpec, FieldSpec } from './entry.ts'

const producer = {
  name: 'producer',
  type: 'uuid',
  meaning: 'Who numbered the events.',
  when: 'it is one producer',
  source: 'extension',
} as const satisfies FieldSpec

const integer = <const Name extends string>(name: Name, meaning: string) =>
  ({ name, type: 'integer', meaning, source: 'extension' }) as const satisfies FieldSpec

const shown = [
  integer('index', 'Index in the log of the first entry that showed it.'),
  integer('lastIndex', 'Index in the log of the last entry that showed it.'),
] as const

const numbers = [
  producer,
  integer('epoch', 'Epoch of the entry that showed it.'),
  integer('first', 'The lowest number concerned.'),
  integer('last', 'The highest number concerned.'),
  integer('count', 'How many are concerned between the two.'),
  ...shown,
] as const

const ours = {
  verb: 'find',
  dataEvent: false,
  severitySource: 'assigned',
  response: [],
  source: 'extension',
} as const satisfies Partial<EntrySpec>
const ofNumbers = {
  ...ours,
  object: 'numbers',
  typeURI: 'activity-tracker/numbers',
  request: numbers,
} as const satisfies Partial<EntrySpec>
const ofEvents = {
  ...ours,
  object: 'events',
  typeURI: 'activity-tracker/events',
  request: numbers,
} as const satisfies Partial<EntrySpec>
const ofEpochs = {
  ...ours,
  object: 'epochs',
  typeURI: 'activity-tracker/epochs',
  request: numbers,
} as const satisfies Partial<EntrySpec>

const report = 'keywitness log continuity'

function found(meaning: string, remedy: string) {
  return [
    { when: { outcome: 'success' }, meaning, remedy, call: report, source: 'extension' },
  ] as const satisfies readonly ExplanationSpec[]
}

const which = '[ ({request.first} to {request.last})]'

export const continuity = {
  'activity-tracker.numbers.missing': {
    ...ofNumbers,
    title: 'Numbers of events are missing: events were recorded and did not reach the log.',
    severity: 'critical',
    phrase: { did: 'found', to: 'find', what: `[{request.count} ]numbers of events missing${which}` },
    explanations: found(
      'The producer gave these numbers, and the log went from the one before them to the one after. Events that were recorded were removed before they were delivered.',
      'Find out who could write to the server store at that time. A copy of the store from then may still hold the events: delivered now, they are kept as late.',
    ),
  },
  'activity-tracker.numbers.late': {
    ...ofNumbers,
    title: 'Numbers that were missing came after all.',
    severity: 'warning',
    phrase: { did: 'found', to: 'find', what: `[{request.count} ]missing numbers of events come late${which}` },
    explanations: found(
      'Events whose numbers had been missing were delivered later, out of order. The gap that was told before is closed.',
      'Find out why they were held back, and whether they say what they should: nobody can tell from the log that they were not made up meanwhile.',
    ),
  },
  'activity-tracker.numbers.reused': {
    ...ofNumbers,
    title: 'Numbers of events came a second time, with other events.',
    severity: 'critical',
    phrase: { did: 'found', to: 'find', what: `[{request.count} ]numbers of events used twice${which}` },
    explanations: found(
      'The log holds other events under these numbers already, and keeps both. The store of the producer was set back to an older state, or somebody delivered made-up events.',
      'If the server store was restored from a copy, that is why: what was changed after the copy is lost there, and still stands in the log. If not, treat it as tampering.',
    ),
  },
  'activity-tracker.epochs.missing': {
    ...ofEpochs,
    title: 'Epochs of a producer are missing: it was started without a trace.',
    severity: 'critical',
    phrase: { did: 'found', to: 'find', what: `[{request.count} ]epochs of events missing${which}` },
    explanations: found(
      'Each start of a producer opens an epoch with an event. These epochs were opened, and nothing of them reached the log.',
      'Look for the missing numbers told beside it, and find out what ran on the server store meanwhile.',
    ),
  },
  'activity-tracker.epochs.contradicted': {
    ...ofEpochs,
    title: 'A producer says at its start another last number than the log holds.',
    severity: 'critical',
    phrase: {
      did: 'found',
      to: 'find',
      what: `a start in contradiction to the log[, which holds numbers up to {request.last}]`,
    },
    explanations: found(
      'The event that opens an epoch names the last number before it. The log holds higher ones of the same producer: its store was set back to an older state. Or the event was altered.',
      'Find out who put an older copy in the place of the server store, and why. What was changed after that copy is lost there, and still stands in the log.',
    ),
  },
  'activity-tracker.events.late-dated': {
    ...ofEvents,
    title: 'Events are dated over a minute before the event before them.',
    severity: 'warning',
    phrase: { did: 'found', to: 'find', what: `[{request.count} ]events dated before those before them${which}` },
    explanations: found(
      'A producer records its events in the order of its clock. One that is dated before the one before it follows a clock that was set back, or was dated back.',
      'Look for a step of the clock told just before. If there is none, treat it as tampering, and trust the order of the log, not the time.',
    ),
  },
  'activity-tracker.events.future-dated': {
    ...ofEvents,
    title: "Events are dated over a minute after the tracker's own clock.",
    severity: 'warning',
    phrase: { did: 'found', to: 'find', what: `[{request.count} ]events dated in the future${which}` },
    explanations: found(
      "When they reached the tracker its clock was more than a minute behind their time: the producer's clock is ahead, the tracker's is behind, or the events were dated forward.",
      'Compare the clocks of both machines with a time service.',
    ),
  },
  'activity-tracker.events.forged': {
    ...ofEvents,
    title: "Events were delivered that bear the tracker's own name.",
    severity: 'critical',
    phrase: { did: 'found', to: 'find', what: `[{request.count} ]events forged in its own name${which}` },
    explanations: found(
      'What a tracker records itself it takes from nobody. Somebody put made-up events where events wait for the tracker. They are kept, and said here not to be its own.',
      'Believe nothing that the entries named here say, and find out who could write to the server store.',
    ),
  },
  'activity-tracker.counts.differ': {
    ...ours,
    object: 'counts',
    typeURI: 'activity-tracker/counts',
    title: 'The service counted other events in an hour than the log holds.',
    severity: 'critical',
    phrase: {
      did: 'found',
      to: 'find',
      what: 'the log and the counts of the service differ[ for {request.hour}][: {request.recorded} recorded, {request.logged} in the log]',
    },
    request: [
      producer,
      { name: 'hour', type: 'date', meaning: 'The hour, by its beginning.', source: 'extension' },
      integer('recorded', 'Events that the service counted while it recorded them.'),
      integer('logged', 'Events of the hour that the log holds.'),
      {
        name: 'actions',
        type: 'identifier[]',
        meaning: 'Actions and outcomes whose counts differ, each with both counts.',
        source: 'extension',
      },
    ],
    explanations: found(
      'Each event is counted in the commit that records it, apart from the event itself. More recorded than logged: events were taken out between the two. More logged than recorded: events were put in, or the store of the service was set back.',
      'Find out who could write to the server store in that hour.',
    ),
  },
  'activity-tracker.continuity.read': {
    ...ours,
    verb: 'read',
    object: 'continuity',
    typeURI: 'activity-tracker/continuity',
    title: 'Have the completeness of the log examined.',
    severity: 'normal',
    phrase: { did: 'had', to: 'have', what: 'the completeness of the log examined' },
    request: [
      { name: 'from', type: 'date', meaning: 'From when on.', when: 'asked for', source: 'extension' },
      { name: 'to', type: 'date', meaning: 'Until when.', when: 'asked for', source: 'extension' },
    ],
    explanations: [],
  },
} as const satisfies FamilySpec
