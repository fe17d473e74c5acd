/** What may be set of a channel, by its kind: public settings and the one secret. Whatever is wrong is named by its field. */
import { X509Certificate } from 'node:crypto'
import type { AddressRule } from '../../outbound/addresses.ts'
import { endpointUrl } from '../../outbound/connection.ts'
import { outboundLimits } from '../../outbound/limits.ts'
import { literalAddress, parseTargetUrl, TargetUrlError } from '../../outbound/target-url.ts'
import type { Target, TargetKind } from '../../outbound/targets.ts'
import { facilities } from './render-syslog.ts'

/** Why settings, or a secret, cannot be a channel's: in words for whoever configures it, without what they wrote. */
export class ChannelSettingsError extends Error {
  /** A member's name of ours, such as `settings.host` or `secret.url`. */
  readonly field: string
  constructor(field: string, message: string) {
    super(message)
    this.name = 'ChannelSettingsError'
    this.field = field
  }
}

/** Settings as they are kept with a target: the URL of a webhook apart from the others. */
export interface CheckedSettings {
  readonly url: string
  readonly settings: Readonly<Record<string, unknown>>
}

const channelLimits = {
  recipients: 20,
  addressChars: 254,
  hostChars: 253,
  userChars: 256,
  caChars: 64 * 1024,
  caCertificates: 20,
  passwordChars: 1_024,
  heartbeatMs: { least: 30_000, most: 7 * 24 * 3_600_000 },
} as const

/** What a member must be; answers what is kept of it, throws `ChannelSettingsError` otherwise. */
type Check = (value: unknown, field: string, addresses: AddressRule) => unknown

interface Member {
  readonly check: Check
  readonly isNeeded?: true
}

const optional = (check: Check): Member => ({ check })
const needed = (check: Check): Member => ({ check, isNeeded: true })

const settingsMembers: Readonly<Record<TargetKind, Readonly<Record<string, Member>>>> = {
  email: {
    to: needed(recipients),
    from: needed(mailbox),
    host: needed(host),
    port: needed(port),
    security: needed(oneOf(['tls', 'starttls', 'none'])),
    user: optional(line(channelLimits.userChars)),
    ca: optional(authorities),
    digest: optional(oneOf(['daily', 'weekly'])),
    digestAt: optional(matching(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 07:30.')),
    zone: optional(zone),
  },
  slack: { ca: optional(authorities) },
  teams: { ca: optional(authorities) },
  pagerduty: { url: optional(targetUrl), ca: optional(authorities) },
  webhook: { url: needed(targetUrl), ca: optional(authorities), heartbeat: optional(heartbeat) },
  syslog: {
    host: needed(host),
    port: needed(port),
    facility: optional(oneOf(facilities)),
    ca: optional(authorities),
    heartbeat: optional(heartbeat),
  },
}

const secretMembers: Readonly<Record<TargetKind, Readonly<Record<string, Check>>>> = {
  email: { password: line(channelLimits.passwordChars) },
  slack: { url: targetUrl },
  teams: { url: targetUrl },
  pagerduty: { routingKey: matching(/^[A-Za-z0-9_-]{16,64}$/, 'must be the integration key of a service.') },
  webhook: {
    signingSecret: matching(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'must be whsec_ and base64 of 24 to 64 bytes.'),
  },
  syslog: {},
}

/**
 * Checks the public settings of a channel. Where a name leads is checked at each attempt.
 * @throws ChannelSettingsError
 */
export function checkSettings(kind: TargetKind, value: unknown, addresses: AddressRule): CheckedSettings {
  const given = membersOf(value, 'settings', Object.keys(settingsMembers[kind]))
  const kept: Record<string, unknown> = {}
  for (const [name, { check, isNeeded }] of Object.entries(settingsMembers[kind])) {
    const field = `settings.${name}`
    if (given[name] !== undefined) kept[name] = check(given[name], field, addresses)
    else if (isNeeded === true) throw new ChannelSettingsError(field, `The setting ${name} is missing.`)
  }
  checkReach(kept, addresses)
  if (kind !== 'webhook') return { url: '', settings: kept }
  const { url, ...settings } = kept
  return { url: url as string, settings }
}

/** The settings of a target as they were given. */
export function settingsShown({ kind, url, settings }: Pick<Target, 'kind' | 'url' | 'settings'>): object {
  const kept = JSON.parse(settings) as object
  return kind === 'webhook' ? { url, ...kept } : kept
}

/** Whether a channel of the kind is nothing without the secret its owner gives: a webhook's is made here. */
export function needsSecret(kind: TargetKind): boolean {
  return kind === 'slack' || kind === 'teams' || kind === 'pagerduty'
}

/**
 * The text to seal as a target's secret; undefined when none is given.
 * @throws ChannelSettingsError
 */
export function checkSecret(kind: TargetKind, value: unknown, addresses: AddressRule): string | undefined {
  if (value === undefined) return undefined
  const checks = secretMembers[kind]
  const given = membersOf(value, 'secret', Object.keys(checks))
  for (const [name, check] of Object.entries(checks)) {
    if (given[name] !== undefined) return check(given[name], `secret.${name}`, addresses) as string
  }
  return undefined
}

function membersOf(value: unknown, field: string, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ChannelSettingsError(field, `${field} must be an object.`)
  }
  if (Object.keys(value).some((name) => !names.includes(name))) {
    const known = names.length === 0 ? 'none' : names.join(', ')
    throw new ChannelSettingsError(field, `${field} has a member that this kind does not have. It has: ${known}.`)
  }
  return value as Record<string, unknown>
}

/** An address that stands in place of a name is judged now, so that whoever configures it is told. */
function checkReach({ host: name, port: number, security }: Record<string, unknown>, addresses: AddressRule): void {
  if (typeof name !== 'string') return
  const url = endpointUrl(name, number as number, security !== 'none')
  const address = url === undefined ? undefined : literalAddress(url)
  if (address === undefined) return
  const judged = addresses.judge(address)
  if (judged === 'refused' || (judged === 'public' && security === 'none')) {
    const field = judged === 'public' ? 'settings.security' : 'settings.host'
    throw new ChannelSettingsError(field, 'The server may not send to this address; see KEYWITNESS_OUTBOUND_PRIVATE.')
  }
}

function text(value: unknown, field: string, chars: number): string {
  if (typeof value !== 'string' || value === '' || value.length > chars) {
    throw new ChannelSettingsError(field, `${field} must be a text of 1 to ${chars} characters.`)
  }
  return value
}

function line(chars: number): Check {
  return (value, field) => {
    const read = text(value, field, chars)
    if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(read)) throw new ChannelSettingsError(field, `${field} must be one line.`)
    return read
  }
}

function matching(pattern: RegExp, words: string): Check {
  return (value, field) => {
    if (typeof value !== 'string' || !pattern.test(value)) throw new ChannelSettingsError(field, `${field} ${words}`)
    return value
  }
}

function oneOf(values: readonly string[]): Check {
  return (value, field) => {
    if (!values.some((one) => one === value)) {
      throw new ChannelSettingsError(field, `${field} must be one of ${values.join(', ')}.`)
    }
    return value
  }
}

/** Letters, digits and what needs no quoting: an address that cannot become anything else in a header or a command. */
const mailboxPattern = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]|\.(?!\.))*[A-Za-z0-9]$/

function mailbox(value: unknown, field: string): string {
  const address = text(value, field, channelLimits.addressChars)
  if (!mailboxPattern.test(address)) {
    throw new ChannelSettingsError(
      field,
      `${field} must be an e-mail address such as alerts@example.com, without a name.`,
    )
  }
  return address
}

function recipients(value: unknown, field: string): string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > channelLimits.recipients) {
    throw new ChannelSettingsError(field, `${field} must be 1 to ${channelLimits.recipients} e-mail addresses.`)
  }
  return [...new Set(value.map((one) => mailbox(one, field)))]
}

function host(value: unknown, field: string): string {
  const name = text(value, field, channelLimits.hostChars)
  if (!/^[A-Za-z0-9.:-]+$/.test(name) || endpointUrl(name, 1, true) === undefined) {
    throw new ChannelSettingsError(field, `${field} must be the name or the address of a host.`)
  }
  return name
}

function port(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 65_535) {
    throw new ChannelSettingsError(field, `${field} must be a whole number from 1 to 65535.`)
  }
  return value
}

function targetUrl(value: unknown, field: string, addresses: AddressRule): string {
  try {
    return parseTargetUrl(text(value, field, outboundLimits.urlChars), addresses).href
  } catch (error) {
    if (!(error instanceof TargetUrlError)) throw error
    throw new ChannelSettingsError(field, error.message)
  }
}

function authorities(value: unknown, field: string): string {
  const pem = text(value, field, channelLimits.caChars)
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  const isReadable = (certificate: string): boolean => {
    try {
      return new X509Certificate(certificate).raw.length > 0
    } catch {
      return false
    }
  }
  if (found.length === 0 || found.length > channelLimits.caCertificates || !found.every(isReadable)) {
    throw new ChannelSettingsError(
      field,
      `${field} must be 1 to ${channelLimits.caCertificates} certificates in PEM form.`,
    )
  }
  // Nothing but the certificates is kept: a private key pasted along would lie in the open.
  return `${found.join('\n')}\n`
}

const unitsMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

function heartbeat(value: unknown, field: string): string {
  const [, number, unit] = /^([1-9]\d{0,6})([smhdw])$/.exec(typeof value === 'string' ? value : '') ?? []
  const length = Number(number) * unitsMs[(unit ?? 's') as keyof typeof unitsMs]
  const { least, most } = channelLimits.heartbeatMs
  if (!(length >= least && length <= most)) {
    throw new ChannelSettingsError(field, `${field} must be a length of time such as 5m, from 30s to 7d.`)
  }
  return value as string
}

function zone(value: unknown, field: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text(value, field, 64) }).resolvedOptions().timeZone
  } catch (error) {
    if (error instanceof ChannelSettingsError) throw error
    throw new ChannelSettingsError(field, `${field} must be the name of a time zone such as Europe/Berlin.`)
  }
}
