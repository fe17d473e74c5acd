/** A message for syslog (RFC 5424): the facts as structured data, the text after it on one line. */
import type { AlertMessage } from './alert-message.ts'
import { cutBytes, oneLine } from './clean-text.ts'
import { headingOf, severityOf } from './wording.ts'

/** RFC 5424, 6.2.1, by number. */
export const facilities = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'audit',
  'alert',
  'clock',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const
export type Facility = (typeof facilities)[number]

const defaultFacility: Facility = 'local0'

const severities = { critical: 2, warning: 4, info: 6 } as const

/** 32473 is the number IANA keeps for those without one of their own (RFC 5612). */
const structuredId = 'keywitness@32473'

/** Receivers take at least 2,048 bytes, most 8,192. */
const messageBytes = 8_192
/** Of one value, characters: with the longest of all, the message still has room for its text. */
const valueChars = 256

/** The message, without the framing of the transport. */
export function renderSyslog(message: AlertMessage, cname: string, facility: Facility = defaultFacility): string {
  const { type, at, text } = message
  const priority = facilities.indexOf(facility) * 8 + severities[severityOf(message)]
  const head = `<${priority}>1 ${timestamp(at)} ${cname} keywitness - ${type} ${structuredData(message)} \ufeff`
  const body = oneLine([headingOf(message), text].filter((part) => part !== '').join(': '), 2_048)
  return `${head}${cutBytes(body, messageBytes - Buffer.byteLength(head))}`
}

/** RFC 5424 allows six digits of a second; ours have three. A time that is none is left out. */
function timestamp(at: string): string {
  const time = Date.parse(at)
  return Number.isNaN(time) ? '-' : new Date(time).toISOString()
}

function structuredData({ type, tracker, alert, by, url }: AlertMessage): string {
  const params: [name: string, value: string][] = [
    ['type', type],
    ['location', tracker.location],
    ['origin', tracker.origin],
  ]
  if (alert !== undefined) {
    params.push(
      ['alert', alert.id],
      ['rule', alert.rule.id],
      ['ruleVersion', String(alert.rule.version)],
      ['severity', alert.severity],
      ['state', alert.state],
      ['count', String(alert.count)],
      ['firstAt', alert.firstAt],
      ['lastAt', alert.lastAt],
    )
    for (const { field, value } of alert.group) params.push(['group', `${field}=${value}`])
  }
  if (by !== undefined) params.push(['by', by.id])
  // Cut, it would lead nowhere.
  if (url !== undefined && url.length <= valueChars) params.push(['url', url])
  return `[${structuredId}${params.map(([name, value]) => ` ${name}="${paramValue(value)}"`).join('')}]`
}

/** RFC 5424, 6.3.3: the three characters that would end a value, or begin an escape, are escaped. */
function paramValue(text: string): string {
  return oneLine(text, valueChars).replaceAll(/["\\\]]/g, String.raw`\$&`)
}
