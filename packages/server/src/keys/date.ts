/** Dates of the key API: RFC 3339 text outside, milliseconds since the epoch inside. */

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/

/** What prints with a year of four digits. */
const earliest = Date.parse('0000-01-01T00:00:00Z')
const latest = Date.parse('9999-12-31T23:59:59.999Z')

/** Milliseconds since the epoch; undefined when the text is not an RFC 3339 date-time that exists. */
export function parseDate(text: string): number | undefined {
  const parts = rfc3339.exec(text)
  if (parts === null) return undefined
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const milliseconds = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3))
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second, milliseconds)
  // A day or hour that does not exist rolls over into the next: then it reads back differently.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  if (date.getUTCHours() !== hour || date.getUTCMinutes() !== minute || date.getUTCSeconds() !== second) {
    return undefined
  }
  const [offsetHours, offsetMinutes] = [Number(parts[9] ?? 0), Number(parts[10] ?? 0)]
  if (offsetHours > 23 || offsetMinutes > 59) return undefined
  const offset = (offsetHours * 60 + offsetMinutes) * 60_000
  const time = parts[8] === '-' ? date.getTime() + offset : date.getTime() - offset
  return time < earliest || time > latest ? undefined : time
}

/** Whether an RFC 3339 text tells whole milliseconds. */
export function isExactDate(text: string): boolean {
  return !/\.\d{3}\d*[1-9]/.test(text)
}

/** RFC 3339 with milliseconds, in UTC. */
export function formatDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
