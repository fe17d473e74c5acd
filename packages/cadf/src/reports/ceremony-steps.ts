/** Ceremonies of crypto units, as their transcript tells them: every step with who signed it, and each unit before and after. */
import { checkEvent } from '../check.ts'
import type { ActivityEvent } from '../event.ts'
import {
  isOfCeremony,
  personText,
  type ProvedEvent,
  signedText,
  type Step,
  transcriptOf,
  type UnitFacts,
} from '../transcripts/ceremony.ts'
import { countDistinct } from './group-events.ts'
import { type Cell, columns, count, type Report, type ReportKind, type ReportRow } from './report.ts'
import type { ReportEvent } from './report-event.ts'

export const ceremonyStepsReport: ReportKind = {
  id: 'ceremony-steps',
  number: 2,
  query: 'action:hs-crypto.tke-',
  clauses: ['PCI DSS 4.0.1: 3.7.6', 'ISO/IEC 27001:2022: A.8.24', 'NIST SP 800-53 Rev. 5: SC-12'],
  make: (events) => makeTranscript(events),
}

function makeTranscript(events: readonly ReportEvent[]): Report {
  const proved = events.flatMap(provedEvent)
  const { steps, people, units, differences } = transcriptOf(proved)
  const times = new Map(events.map(({ index, time }) => [index, time]))
  const done = steps.filter(({ isDone }) => isDone)
  return {
    summary: [
      count('steps', steps.length),
      count('refused', steps.length - done.length),
      count('units', units.length),
      count('signers', new Set(done.flatMap(({ signers }) => signers.map(({ ski }) => ski))).size),
      count(
        'senders',
        countDistinct(events, ({ whoId }) => whoId),
      ),
      { id: 'differences', kind: 'text', value: differences.length === 0 ? undefined : differences.join(', ') },
      count('unreadable', events.length - steps.length),
    ],
    tables: [
      {
        id: 'ceremony',
        columns: columns(
          'time:time',
          'unit',
          'step',
          'stepOutcome:code',
          'signed',
          'signers',
          'data',
          'sender',
          'senderId',
          'reason',
          'eventId',
          'leafHash',
        ),
        note: 'ceremony',
        rows: steps.map((step) => ofEvent(stepCells(step, times.get(step.index)), step.index)),
      },
      {
        id: 'unitsBeforeAfter',
        columns: columns(
          'unit',
          'moment:code',
          'signatureThreshold:count',
          'revocationThreshold:count',
          'administratorCount:count',
          'administrators',
          'currentRegister:code',
          'newRegister:code',
          'unitId',
        ),
        note: 'units-before-after',
        rows: units.flatMap(({ location, crn, before, after, isSetBack }) => {
          const own = proved.filter(({ event }) => event.target.id === crn).map(({ index }) => index)
          const rowOf = (moment: string, facts: UnitFacts): ReportRow => ({
            cells: [location, moment, ...factCells(facts), crn],
            events: own.slice(0, 50),
            eventCount: own.length,
          })
          return [rowOf(isSetBack ? 'before-set-back' : 'before', before), rowOf('after', after)]
        }),
      },
      {
        id: 'ceremonyPeople',
        columns: columns('administrator', 'keyIdentifier', 'signedSteps:count'),
        rows: people.map((person): ReportRow => {
          const own = done.filter(({ signers }) => signers.some(({ ski }) => ski === person.ski))
          return {
            cells: [person.names.join(', '), person.ski, own.length],
            events: own.slice(0, 50).map(({ index }) => index),
            eventCount: own.length,
          }
        }),
      },
    ],
  }
}

function stepCells(step: Step, time: string | undefined): Cell[] {
  const { unit, what, isDone, signers, details, sender, senderId, failure, eventId, leafHash } = step
  return [
    time,
    unit,
    what,
    isDone ? 'done' : 'refused',
    signedText(step),
    signers.map(personText).join('; '),
    details.map(({ what: name, values }) => `${name}: ${values.join(', ')}`).join('; '),
    sender,
    senderId,
    failure,
    eventId,
    leafHash,
  ]
}

/** Where these events do not tell, the cell is empty; of a register that is empty they do tell. */
function factCells(facts: UnitFacts): Cell[] {
  const { signatureThreshold, revocationSignatureThreshold, administrators, currentRegister, newRegister } = facts
  const register = (pattern: string | undefined): string | undefined => (pattern === '' ? 'empty-register' : pattern)
  return [
    signatureThreshold,
    revocationSignatureThreshold,
    administrators?.length,
    administrators?.map(personText).join('; '),
    register(currentRegister),
    register(newRegister),
  ]
}

const ofEvent = (cells: readonly Cell[], index: number): ReportRow => ({ cells, events: [index], eventCount: 1 })

/** What is no event of the model, or of no ceremony, has no place in a transcript: it is counted. */
function provedEvent({ index, leafHash, event }: ReportEvent): ProvedEvent[] {
  let checked: ActivityEvent
  try {
    checked = checkEvent(event)
  } catch {
    return []
  }
  return isOfCeremony(checked) ? [{ index, leafHash, event: checked }] : []
}
