/** Events as a person reads them in a terminal: one line, a table row, a whole page. */
import {
  type ActivityEvent,
  EventError,
  type ListDigest,
  checkEvent,
  explain,
  isListDigest,
  sentence,
} from '@keywitness/cadf'
import { printable, printableJson } from './printable.ts'
import { type Style, type Surroundings, paint } from './surroundings.ts'

const severityStyle: Record<ActivityEvent['severity'], Style> = { normal: 'dim', warning: 'yellow', critical: 'red' }

/** An event that came from outside, or undefined when it is none this command knows. */
function eventOf(value: unknown): ActivityEvent | undefined {
  try {
    return checkEvent(value)
  } catch (error) {
    if (error instanceof EventError) return undefined
    throw error
  }
}

/** Time, severity, sentence and result of an event, safe to print, unstyled. */
export interface EventLine {
  /** `2025-11-25 19:46:18 UTC`. */
  readonly time: string
  readonly severity: string
  readonly sentence: string
  readonly result: string
}

export function eventLine(value: unknown): EventLine {
  const event = eventOf(value)
  if (event === undefined) {
    return { time: '', severity: '', sentence: 'an event in a form that this command does not know', result: '' }
  }
  const { outcome, reason } = event
  return {
    time: formatTime(event.eventTime),
    severity: event.severity,
    sentence: printable(sentence(event)),
    result: `${outcome} ${reason.reasonCode}`,
  }
}

/** The style that an event's severity has. */
export function styleOf(severity: string): Style {
  return severityStyle[severity as ActivityEvent['severity']] ?? 'dim'
}

/** `2025-11-25T19:46:18.25+0000` as `2025-11-25 19:46:18 UTC`. */
function formatTime(eventTime: string): string {
  return printable(eventTime.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.\d+\+0000$/, '$1 $2 UTC'))
}

/** An event with its fields and what it means, as lines. */
export function eventPage(io: Surroundings, event: ActivityEvent): string {
  const lines = [paint(io, 'bold', printable(sentence(event))), '']
  const { initiator, target, reason } = event
  lines.push(
    ...rows(io, [
      ['time', formatTime(event.eventTime)],
      ['severity', event.severity, styleOf(event.severity)],
      ['outcome', `${event.outcome}: ${reason.reasonCode} ${reason.reasonType}`],
      ['reason', reason.reasonForFailure],
      ['action', event.action],
      ['who', `${initiator.name} (${initiator.id}, ${initiator.credential.type})`],
      ['from', [initiator.host.address, initiator.host.agent].filter((part) => part !== undefined).join(', ')],
      ['target', target.name === '' ? target.id : `${target.name} (${target.id})`],
      ['event', event.id],
      ['request', event.correlationId],
      ['message', event.message],
    ]),
  )
  for (const [title, data] of [
    ['request data', event.requestData],
    ['response data', event.responseData],
  ] as const) {
    const fields = flatten(data)
    if (fields.length > 0) lines.push('', paint(io, 'bold', title), ...rows(io, fields))
  }
  const explanations = explain(event)
  if (explanations.length > 0) lines.push('', paint(io, 'bold', 'what it means'))
  for (const { meaning, remedy, call } of explanations) {
    lines.push(`  ${printable(meaning)}`, `  → ${printable(remedy)}`)
    if (call !== undefined) lines.push(`    ${printable(call)}`)
  }
  return `${lines.join('\n')}\n`
}

/** A name, its value, and how the value is styled. */
type Row = readonly [name: string, value: string | undefined, style?: Style]

/** Aligned `name  value` lines, made safe to print; rows without a value are left out. */
function rows(io: Surroundings, fields: readonly Row[]): string[] {
  const shown = fields.filter(([, value]) => value !== undefined && value !== '')
  const width = Math.max(0, ...shown.map(([name]) => name.length))
  return shown.map(([name, value = '', style]) => {
    const text = printable(value)
    return `  ${paint(io, 'dim', printable(name).padEnd(width))}  ${style === undefined ? text : paint(io, style, text)}`
  })
}

/** Nested data as dotted names, the way the event reference writes them. */
function flatten(data: ActivityEvent['requestData'], prefix = ''): [string, string][] {
  return Object.entries(data).flatMap(([name, value]): [string, string][] => {
    if (Array.isArray(value)) return [[prefix + name, value.join(', ')]]
    if (isListDigest(value)) return [[prefix + name, `${value.first.join(', ')}, … ${attachedNote(value)}`]]
    if (typeof value === 'object') return flatten(value as ActivityEvent['requestData'], `${prefix}${name}.`)
    return [[prefix + name, typeof value === 'string' ? value : printableJson(value)]]
  })
}

function attachedNote({ count, sha256 }: ListDigest): string {
  return `(${count} in all, attached; SHA-256 ${sha256}; keywitness events attachment)`
}
