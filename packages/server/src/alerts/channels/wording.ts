/** What channels say of a message, in words: its heading and its facts, as plain text that each channel escapes in its own way. */
import type { AlertMessage, Severity } from './alert-message.ts'
import { oneLine } from './clean-text.ts'

/** Who sends: stands in headings, and in what tells messages of several servers apart. */
export interface Sender {
  /** Display name of the service. */
  readonly serviceName: string
  readonly cname: string
}

export type Fact = readonly [label: string, value: string]

/** What is no alert is worth no more than a look; but that alerting says less is. */
export function severityOf({ type, alert }: Pick<AlertMessage, 'type' | 'alert'>): Severity {
  const severity = alert?.severity ?? (type === 'alerting.changed' ? 'warning' : 'info')
  return severity === 'critical' || severity === 'warning' ? severity : 'info'
}

/** One line that says how bad it is, and what: as a heading, a subject, a summary. */
export function headingOf(message: AlertMessage): string {
  const { type, title } = message
  const severity = severityOf(message).toUpperCase()
  switch (type) {
    case 'alert.raised':
    case 'alerting.changed':
      return `${severity}: ${title}`
    case 'alert.repeated':
      return `${severity}, again: ${title}`
    case 'alert.reopened':
      return `${severity}, reopened: ${title}`
    case 'alert.acknowledged':
      return `Acknowledged: ${title}`
    case 'alert.closed':
      return `Closed: ${title}`
    case 'channel.test':
      return `Test: ${title}`
    default:
      return title
  }
}

/** Label and value of what an alert is about, each one line. */
export function factsOf({ type, alert, by, tracker, at }: AlertMessage): Fact[] {
  const facts: Fact[] = []
  if (alert !== undefined) {
    facts.push(
      ['Severity', alert.severity],
      ['Rule', `${alert.rule.name} (${alert.rule.id}, version ${alert.rule.version})`],
    )
    for (const { field, value, name } of alert.group)
      facts.push([field, name === undefined ? value : `${value} (${name})`])
    facts.push(['State', alert.state], ['Events', eventsOf(alert)])
  }
  if (by !== undefined) facts.push([actOf(type), `${by.name} (${by.id})`])
  facts.push(['Tracker', `${tracker.location}, ${tracker.origin}`], ['Time', at])
  if (alert !== undefined) facts.push(['Alert', alert.id])
  return facts.map(([label, value]) => [oneLine(label, 80), oneLine(value, 400)])
}

function eventsOf({ count, firstAt, lastAt }: { count: number; firstAt: string; lastAt: string }): string {
  return firstAt === lastAt ? `${count}, ${firstAt}` : `${count}, ${firstAt} to ${lastAt}`
}

function actOf(type: AlertMessage['type']): string {
  switch (type) {
    case 'alert.acknowledged':
      return 'Acknowledged by'
    case 'alert.closed':
      return 'Closed by'
    case 'alert.reopened':
      return 'Reopened by'
    default:
      return 'By'
  }
}

/** What a list of events shows: newest first or as they came, with the number each has in the log. */
export function eventLinesOf({ alert }: AlertMessage): string[] {
  return (alert?.events ?? []).map(({ time, sentence, index }) =>
    oneLine(`${time}  ${sentence}  (entry ${index})`, 400),
  )
}
