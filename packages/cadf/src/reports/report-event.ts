/** What reports look at of an event, read once from a line of an export. Whatever an event lacks is empty, never guessed. */
import { entryOfJsonLine } from '../render/json-line.ts'
import { wordsOf } from '../sentence.ts'
import { parseEventTime } from '../time.ts'

export interface ReportData {
  readonly [member: string]: unknown
}

export interface ReportEvent {
  /** In the log. */
  readonly index: number
  /** Base64, as the log's tree has it; empty where nobody told. */
  readonly leafHash: string
  /** RFC 3339 in UTC; undefined when the event tells none that exists. */
  readonly time: string | undefined
  /** The current name, whichever the event has. */
  readonly action: string
  readonly outcome: string
  /** HTTP status. */
  readonly code: number | undefined
  readonly reason: string
  readonly who: string
  /** The initiator's id. */
  readonly whoId: string
  readonly address: string
  readonly target: string
  readonly targetId: string
  readonly keyId: string | undefined
  readonly instance: string | undefined
  readonly request: ReportData
  readonly response: ReportData
  /** The event itself, for what only its own model tells. */
  readonly event: ReportData
}

/** A line of an export. @throws SyntaxError when it is none */
export function reportEventOfLine(line: string): ReportEvent {
  const found = entryOfJsonLine(line)
  if (found === undefined) throw new SyntaxError('a line of the export is none')
  return reportEventOfEntry(found.entry, found)
}

/** An entry's bytes may be anything: then it is counted, and says nothing. */
export function reportEventOfEntry(entry: Uint8Array, place: Pick<ReportEvent, 'index' | 'leafHash'>): ReportEvent {
  return reportEvent(parsed(new TextDecoder().decode(entry)), place)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** @param entry the parsed JSON of an entry */
export function reportEvent(entry: unknown, place: Pick<ReportEvent, 'index' | 'leafHash'>): ReportEvent {
  const { index, leafHash } = place
  const event = dataOf(dataOf(entry)['event'])
  const initiator = dataOf(event['initiator'])
  const target = dataOf(event['target'])
  const reason = dataOf(event['reason'])
  const request = dataOf(event['requestData'])
  const response = dataOf(event['responseData'])
  const action = textOf(event['action'])
  const whoId = textOf(initiator['id'])
  const targetId = textOf(target['id'])
  const code = Number(reason['reasonCode'])
  return {
    index,
    leafHash,
    time: timeOf(event['eventTime']),
    action: wordsOf(action)?.action ?? action,
    outcome: textOf(event['outcome']),
    code: Number.isSafeInteger(code) && code > 0 ? code : undefined,
    reason: textOf(reason['reasonForFailure']),
    who: textOf(initiator['name']) || whoId,
    whoId,
    address: textOf(dataOf(initiator['host'])['address']),
    target: textOf(target['name']) || lastPartOf(targetId),
    targetId,
    keyId: keyIdOf(targetId, request, response),
    instance: textOf(request['instanceID']) || textOf(event['logSourceCRN']).split(':')[7] || undefined,
    request,
    response,
    event,
  }
}

/** Of a member by its dotted name: a text, a number or a flag as text; of anything else its JSON. */
export function memberText(data: ReportData, name: string): string {
  let value: unknown = data
  for (const part of name.split('.')) value = dataOf(value)[part]
  return valueText(value)
}

export function valueText(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(' ')
  return JSON.stringify(value)
}

export function dataOf(value: unknown): ReportData {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ReportData) : {}
}

export const isDone = ({ outcome }: ReportEvent): boolean => outcome === 'success'

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function lastPartOf(crn: string): string {
  return crn.split(':').findLast((part) => part !== '') ?? ''
}

function timeOf(value: unknown): string | undefined {
  try {
    return new Date(parseEventTime(textOf(value))).toISOString()
  } catch {
    return undefined
  }
}

/** Segments of a Cloud Resource Name: the ninth says what kind of resource the tenth is. */
function keyIdOf(targetId: string, request: ReportData, response: ReportData): string | undefined {
  const parts = targetId.split(':')
  if (parts[8] === 'key' && parts[9] !== undefined && parts[9] !== '') return parts[9]
  return textOf(response['keyId']) || textOf(request['keyId']) || undefined
}
