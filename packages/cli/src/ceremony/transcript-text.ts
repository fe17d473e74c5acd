/** A ceremony's transcript as lines of text, to be read on a terminal, printed, and signed: the same bytes for the same evidence. */
import {
  personText,
  type Person,
  signedText,
  type Step,
  type Transcript,
  type UnitFacts,
} from '@keywitness/cadf/transcripts'
import { formatCount, printable } from '../printable.ts'

/** What the transcript rests on. */
export interface TranscriptGround {
  readonly origin: string
  readonly size: number
  /** The signed note of the checkpoint, as it stands. */
  readonly note: string
  /** SHA-256 of the file of evidence, 64 hex digits. */
  readonly evidence: string
  /** What was asked of the log, by its maker's word. */
  readonly query: string
  /** Entries of the evidence, ceremonies or not. */
  readonly entries: number
  readonly first: number | undefined
  readonly last: number | undefined
  /** Whether every entry between the first and the last is in it: then nothing was left out. */
  readonly isGapless: boolean
}

/** Width of the first column: of the head and the units, and of the steps with their fields' names. */
const LABEL = 16
const STEP_LABEL = 34

export function transcriptText(transcript: Transcript, ground: TranscriptGround): string {
  const { steps, people, units, differences } = transcript
  const lines = [
    'CEREMONY TRANSCRIPT',
    '',
    labelled('Log', ground.origin),
    labelled('Checkpoint', `size ${formatCount(ground.size)}, signed; its note stands at the end`),
    labelled('Evidence', `SHA-256 ${ground.evidence}`),
    labelled('Asked for', ground.query),
    labelled('From', timeText(steps[0]?.time)),
    labelled('To', timeText(steps.at(-1)?.time)),
    labelled('Events', `${formatCount(steps.length)} of crypto units, ${formatCount(ground.entries)} in the evidence`),
    labelled('Complete', completeness(ground)),
    '',
    heading('Who'),
    ...(people.length === 0 ? ['No administrator signed or is named.'] : people.map(personText)),
    '',
    heading('Crypto units, before and after'),
    ...units.flatMap(({ location, crn, before, after }) => [
      '',
      location,
      labelled('  CRN', crn),
      ...factLines('  Before', before),
      ...factLines('  After', after),
    ]),
    '',
    differences.length === 0
      ? 'As far as these events tell, the units agree.'
      : `THE UNITS DIFFER in their ${differences.join(', ')}.`,
    '',
    heading('Steps'),
    ...steps.flatMap((step, at) => stepLines(step, at + 1)),
    '',
    heading('Proof'),
    'Each event above is an entry of the log, at the index and with the leaf hash beside it. The evidence holds the entries',
    'themselves with the hashes that lead to the root which this checkpoint signs:',
    '',
    ...ground.note.trimEnd().split('\n'),
  ]
  return `${lines.map(printable).join('\n')}\n`
}

/** Whether something could have been left out. */
export function completeness({
  isGapless,
  first,
  last,
}: Pick<TranscriptGround, 'isGapless' | 'first' | 'last'>): string {
  if (first === undefined || last === undefined) return 'the evidence holds no event'
  return isGapless
    ? `every entry of the log from ${formatCount(first)} to ${formatCount(last)} is in the evidence: nothing was left out between them`
    : `entries between ${formatCount(first)} and ${formatCount(last)} were left out, by its maker's choice`
}

function stepLines(step: Step, number: number): string[] {
  const { time, unit, what, isDone, failure, sender, senderId, signers, details, index, leafHash, eventId } = step
  const line = (label: string, text: string): string => labelled(label, text, STEP_LABEL)
  return [
    '',
    `${number}. ${what}`,
    line('   When', timeText(time)),
    ...(unit === undefined ? [] : [line('   Unit', unit)]),
    line('   Outcome', isDone ? 'done' : `REFUSED: ${failure ?? ''}`),
    line('   Sent by', sender === senderId ? sender : `${sender} (${senderId})`),
    line(isDone ? '   Signed by' : '   The request', signedText(step)),
    ...signers.map((signer) => line('', personText(signer))),
    ...details.flatMap(({ what: name, values }) =>
      values.length === 0 ? [] : [line(`   ${name}`, values[0] ?? ''), ...values.slice(1).map((one) => line('', one))],
    ),
    line('   Event', eventId),
    line('   In the log', `index ${formatCount(index)}, leaf ${leafHash}`),
  ]
}

function factLines(label: string, facts: UnitFacts): string[] {
  const { administrators, signatureThreshold, revocationSignatureThreshold, newRegister, currentRegister } = facts
  return [
    labelled(
      label,
      `signature threshold ${told(signatureThreshold)}, for revocation ${told(revocationSignatureThreshold)}`,
    ),
    labelled('', `administrators ${administrators === undefined ? 'not told' : String(administrators.length)}`),
    ...(administrators ?? []).map((one: Person) => labelled('', `  ${personText(one)}`)),
    labelled('', `new master key register ${register(newRegister)}`),
    labelled('', `current master key register ${register(currentRegister)}`),
  ]
}

/** `2026-11-26 09:51:09.52 UTC`, from the form that events have. */
export function timeText(time: string | undefined): string {
  return time === undefined ? 'no event' : time.replace('T', ' ').replace('+0000', ' UTC')
}

export function told(value: number | undefined): string {
  return value === undefined ? 'not told' : String(value)
}

export function register(pattern: string | undefined): string {
  if (pattern === undefined) return 'not told'
  return pattern === '' ? 'empty' : pattern
}

function heading(text: string): string {
  return text.toUpperCase()
}

function labelled(label: string, text: string, width = LABEL): string {
  return label.length >= width ? `${label} ${text}` : `${label.padEnd(width)}${text}`
}
