/** The kinds of channels, as a form asks for their settings and their one secret (docs/guides/alerts.md). */
import type { ChannelSettings } from '../api/alert-types.ts'

export const channelKinds = ['email', 'slack', 'teams', 'pagerduty', 'webhook', 'syslog'] as const
export type ChannelKind = (typeof channelKinds)[number]

type SettingForm = 'text' | 'addresses' | 'port' | 'choice' | 'pem'

export interface SettingSpec {
  readonly name: SettingName
  readonly form: SettingForm
  readonly isOptional?: true
  /** What is usual. */
  readonly start?: string
  readonly choices?: readonly string[]
  /** Without that one it says nothing. */
  readonly goesWith?: SettingName
}

export type SettingName =
  | 'to'
  | 'from'
  | 'host'
  | 'port'
  | 'security'
  | 'user'
  | 'ca'
  | 'digest'
  | 'digestAt'
  | 'zone'
  | 'url'
  | 'heartbeat'
  | 'facility'

const ca: SettingSpec = { name: 'ca', form: 'pem', isOptional: true }
const heartbeat: SettingSpec = { name: 'heartbeat', form: 'text', isOptional: true }
/** Names of RFC 5424. */
const facilities =
  'local0 local1 local2 local3 local4 local5 local6 local7 audit auth authpriv alert daemon user syslog kern mail lpr news uucp cron ftp ntp clock'.split(
    ' ',
  )

export const settingsOf: { readonly [Kind in ChannelKind]: readonly SettingSpec[] } = {
  email: [
    { name: 'to', form: 'addresses' },
    { name: 'from', form: 'text' },
    { name: 'host', form: 'text' },
    { name: 'port', form: 'port', start: '587' },
    { name: 'security', form: 'choice', start: 'starttls', choices: ['starttls', 'tls', 'none'] },
    { name: 'user', form: 'text', isOptional: true },
    { name: 'digest', form: 'choice', isOptional: true, choices: ['', 'daily', 'weekly'] },
    { name: 'digestAt', form: 'text', isOptional: true, goesWith: 'digest' },
    { name: 'zone', form: 'text', isOptional: true, goesWith: 'digest' },
    ca,
  ],
  slack: [ca],
  teams: [ca],
  pagerduty: [{ name: 'url', form: 'text', isOptional: true }, ca],
  webhook: [{ name: 'url', form: 'text' }, heartbeat, ca],
  syslog: [
    { name: 'host', form: 'text' },
    { name: 'port', form: 'port', start: '6514' },
    { name: 'facility', form: 'choice', isOptional: true, start: 'local0', choices: facilities },
    heartbeat,
    ca,
  ],
}

interface SecretSpec {
  /** As the server calls it. */
  readonly name: string
  /** Whether a new channel is nothing without. */
  readonly isNeeded: boolean
}

export const secretOf: { readonly [Kind in ChannelKind]: SecretSpec | undefined } = {
  email: { name: 'password', isNeeded: false },
  slack: { name: 'url', isNeeded: true },
  teams: { name: 'url', isNeeded: true },
  pagerduty: { name: 'routingKey', isNeeded: true },
  webhook: { name: 'signingSecret', isNeeded: false },
  syslog: undefined,
}

/** Settings as texts of a form. */
export function settingTexts(kind: ChannelKind, settings: ChannelSettings | undefined): Record<string, string> {
  return Object.fromEntries(
    settingsOf[kind].map(({ name, start = '' }) => {
      const value = settings === undefined ? start : (settings[name] ?? '')
      return [name, typeof value === 'object' ? value.join('\n') : String(value)]
    }),
  )
}

/** The settings that say something beside the others. */
export function settingsAsked(kind: ChannelKind, texts: Readonly<Record<string, string>>): readonly SettingSpec[] {
  return settingsOf[kind].filter(({ goesWith }) => goesWith === undefined || (texts[goesWith] ?? '') !== '')
}

/** Settings as the server takes them; what is left empty, or is not asked for, is left out. */
export function settingsIn(kind: ChannelKind, texts: Readonly<Record<string, string>>): ChannelSettings {
  return Object.fromEntries(
    settingsAsked(kind, texts).flatMap(({ name, form }): [string, string | number | readonly string[]][] => {
      const text = (texts[name] ?? '').trim()
      if (text === '') return []
      if (form === 'addresses') return [[name, text.split(/[\s,;]+/).filter((each) => each !== '')]]
      return [[name, form === 'port' && /^\d{1,5}$/.test(text) ? Number(text) : text]]
    }),
  )
}
