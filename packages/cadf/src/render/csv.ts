/** An event as one row of comma-separated values (RFC 4180) that no spreadsheet takes for a formula. */
import { looseMember, looseText, type LogPlace, type LooseEvent } from './place.ts'

/** What a column is, for the reference page too. */
interface Column {
  readonly name: string
  readonly meaning: string
}

/** The columns, in their order. They are a contract: a new one is added at the end, none is renamed or moved. */
export const csvColumns: readonly Column[] = [
  { name: 'index', meaning: 'Index of the entry in the log, from 0' },
  { name: 'leafHash', meaning: "RFC 6962 leaf hash of the entry's bytes, base64" },
  { name: 'eventTime', meaning: '`YYYY-MM-DDTHH:mm:ss.SS+0000`, UTC' },
  { name: 'id', meaning: 'Id of the event' },
  { name: 'action', meaning: 'What was done' },
  { name: 'outcome', meaning: '`success`, `failure`, `pending` or `unknown`' },
  { name: 'severity', meaning: '`normal`, `warning` or `critical`' },
  { name: 'message', meaning: 'The event in one line' },
  { name: 'dataEvent', meaning: '`true` for operations on keys and what they protect' },
  { name: 'correlationId', meaning: 'The request; events of one request share it' },
  { name: 'initiator.id', meaning: 'Who' },
  { name: 'initiator.name', meaning: 'Who, by name' },
  { name: 'initiator.typeURI', meaning: 'What kind of identity' },
  { name: 'initiator.authnId', meaning: 'The login identity behind an assumed one' },
  { name: 'initiator.authnName', meaning: 'The same by name' },
  { name: 'initiator.credential.type', meaning: 'How it proved who it is' },
  { name: 'initiator.host.address', meaning: 'From where; absent for private networks' },
  { name: 'initiator.host.addressType', meaning: '`IPv4` or `IPv6`' },
  { name: 'initiator.host.agent', meaning: 'User agent' },
  { name: 'target.id', meaning: 'Cloud Resource Name of what it was done to' },
  { name: 'target.name', meaning: 'Its name' },
  { name: 'target.typeURI', meaning: 'Its kind' },
  { name: 'target.resourceGroupId', meaning: 'Its resource group' },
  { name: 'target.host.address', meaning: 'Its address' },
  { name: 'reason.reasonCode', meaning: 'HTTP status' },
  { name: 'reason.reasonType', meaning: 'The phrase of the status' },
  { name: 'reason.reasonForFailure', meaning: 'Why it failed' },
  { name: 'requestData', meaning: 'What the request said, as JSON' },
  { name: 'responseData', meaning: 'What the answer said, as JSON' },
  { name: 'logSourceCRN', meaning: 'The service instance that logged' },
  { name: 'producer', meaning: 'Which producer numbered the event, and in which epoch' },
  { name: 'sequence', meaning: "The producer's number of the event" },
]

const asJson = new Set(['requestData', 'responseData'])

/** Begins a formula in some spreadsheet; the last four are the same signs in full width. */
const beginsFormula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

/** Controls and what reorders text: written as escapes, so that a row is a line and says what it seems to say. */
// prettier-ignore
const unsafe = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/**
 * One cell. Text that a spreadsheet could take for a formula gets an apostrophe before it; every cell that is not a
 * plain word is quoted.
 */
export function csvCell(value: string): string {
  const guarded = beginsFormula.test(value) ? `'${value}` : value
  const printable = guarded
    .toWellFormed()
    .replace(unsafe, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
  return /^[A-Za-z0-9 _.:/+-]*$/.test(printable) ? printable : `"${printable.replaceAll('"', '""')}"`
}

/** The first line: names of the columns, without a line end. */
export const csvHeader: string = csvColumns.map(({ name }) => name).join(',')

/** The row of an entry without its line end. Whatever the entry lacks is an empty cell. */
export function csvRow(entry: LooseEvent, place: LogPlace): string {
  const { event } = entry
  return csvColumns.map(({ name }) => csvCell(cellOf(name, entry, event, place))).join(',')
}

function cellOf(name: string, entry: LooseEvent, event: unknown, place: LogPlace): string {
  if (name === 'index') return String(place.index)
  if (name === 'leafHash') return place.leafHash
  if (name === 'producer' || name === 'sequence') return looseText(entry, name) ?? ''
  if (asJson.has(name)) {
    const data = looseMember(event, name)
    return data === undefined ? '' : JSON.stringify(data)
  }
  return looseText(event, name) ?? ''
}
