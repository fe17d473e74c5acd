/** Settings and secrets of channels: what is taken, and which field is named when it is not. */
import { expect, test } from 'vitest'
import { addressRule } from '../../outbound/addresses.ts'
import { newSigningSecret, type TargetKind, targetKinds } from '../../outbound/targets.ts'
import { selfSigned } from '../../testing/self-signed.ts'
import { ChannelSettingsError, checkSecret, checkSettings, needsSecret, settingsShown } from './settings.ts'

const rule = addressRule(['127.0.0.0/8'])
const { cert, key } = selfSigned('mail.test')

const email = {
  to: ['on-call@example.com'],
  from: 'alerts+kms@kms.example',
  host: 'mail.example.com',
  port: 587,
  security: 'starttls',
}

const good: Readonly<Record<TargetKind, object>> = {
  email: { ...email, user: 'kms', ca: cert, digest: 'weekly', digestAt: '07:30', zone: 'Europe/Berlin' },
  slack: {},
  teams: { ca: cert },
  pagerduty: { url: 'https://events.eu.pagerduty.com/v2/enqueue' },
  webhook: { url: 'https://soc.example/hook', heartbeat: '5m' },
  syslog: { host: '127.0.0.1', port: 6514, facility: 'authpriv', heartbeat: '1h' },
}

test.each(targetKinds)('settings of %s are kept as they were given', (kind) => {
  const { url, settings } = checkSettings(kind, good[kind], rule)
  expect(settingsShown({ kind, url, settings: JSON.stringify(settings) })).toEqual(good[kind])
  expect([url !== '', 'url' in settings]).toEqual([kind === 'webhook', kind === 'pagerduty'])
})

test('of certificates nothing else is kept', () => {
  const { settings } = checkSettings('slack', { ca: `${key}\n${cert}\nand more` }, rule)
  expect(settings).toEqual({ ca: cert })
})

function fieldAtFault(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof ChannelSettingsError) return error.field
    throw error
  }
  return ''
}

const odd: readonly [TargetKind, unknown, string][] = [
  ['email', null, 'settings'],
  ['email', [], 'settings'],
  ['email', { ...email, password: 'x' }, 'settings'],
  ['email', { ...email, to: [] }, 'settings.to'],
  ['email', { ...email, to: Array.from({ length: 21 }, (_, at) => `a${at}@example.com`) }, 'settings.to'],
  ['email', { ...email, to: ['on-call@example.com\r\nBcc: victim@example.com'] }, 'settings.to'],
  ['email', { ...email, to: ['<on-call@example.com>'] }, 'settings.to'],
  ['email', { ...email, to: ['On Call <on-call@example.com>'] }, 'settings.to'],
  ['email', { ...email, to: ['a@example.com,b@example.com'] }, 'settings.to'],
  ['email', { ...email, from: 'alerts' }, 'settings.from'],
  ['email', { ...email, from: 'a@b..example' }, 'settings.from'],
  ['email', { ...email, from: undefined }, 'settings.from'],
  ['email', { ...email, host: 'mail.example.com/x' }, 'settings.host'],
  ['email', { ...email, host: 'user@mail.example.com' }, 'settings.host'],
  ['email', { ...email, host: '169.254.169.254' }, 'settings.host'],
  ['email', { ...email, host: '2852039166' }, 'settings.host'],
  ['email', { ...email, host: '::ffff:10.0.0.1' }, 'settings.host'],
  ['email', { ...email, host: '8.8.8.8', security: 'none' }, 'settings.security'],
  ['email', { ...email, port: 0 }, 'settings.port'],
  ['email', { ...email, port: '25' }, 'settings.port'],
  ['email', { ...email, security: 'maybe' }, 'settings.security'],
  ['email', { ...email, user: 'a\nb' }, 'settings.user'],
  ['email', { ...email, ca: key }, 'settings.ca'],
  ['email', { ...email, ca: cert.replace('MII', 'MIJ') }, 'settings.ca'],
  ['email', { ...email, digest: 'hourly' }, 'settings.digest'],
  ['email', { ...email, digestAt: '24:00' }, 'settings.digestAt'],
  ['email', { ...email, zone: 'Middle/Earth' }, 'settings.zone'],
  ['slack', { url: 'https://hooks.slack.com/services/x' }, 'settings'],
  ['pagerduty', { url: 'http://8.8.8.8/' }, 'settings.url'],
  ['webhook', {}, 'settings.url'],
  ['webhook', { url: 'https://10.0.0.1/' }, 'settings.url'],
  ['webhook', { url: 'https://soc.example/', heartbeat: '5' }, 'settings.heartbeat'],
  ['webhook', { url: 'https://soc.example/', heartbeat: '1s' }, 'settings.heartbeat'],
  ['webhook', { url: 'https://soc.example/', heartbeat: '9999999w' }, 'settings.heartbeat'],
  ['syslog', { host: 'log.example', port: 6514, facility: 'local9' }, 'settings.facility'],
]

test.each(odd)('settings of %s such as %j are refused by naming %s', (kind, settings, field) => {
  expect(fieldAtFault(() => checkSettings(kind, settings, rule))).toBe(field)
})

test('an address the operator listed may be reached without TLS', () => {
  expect(checkSettings('email', { ...email, host: '127.0.0.1', security: 'none' }, rule).settings['security']).toBe(
    'none',
  )
})

test('secrets are taken as the text to seal, and what is wrong is not repeated', () => {
  const signing = newSigningSecret((bytes) => new Uint8Array(bytes))
  const slack = 'https://hooks.slack.com/services/T0/B0/x'
  expect(checkSecret('slack', { url: slack }, rule)).toBe(slack)
  expect(checkSecret('pagerduty', { routingKey: 'R'.repeat(32) }, rule)).toBe('R'.repeat(32))
  expect(checkSecret('webhook', { signingSecret: signing }, rule)).toBe(signing)
  expect(checkSecret('email', { password: 'pass word' }, rule)).toBe('pass word')
  for (const kind of targetKinds) {
    expect([checkSecret(kind, undefined, rule), checkSecret(kind, {}, rule)]).toEqual([undefined, undefined])
  }
  expect(targetKinds.filter(needsSecret)).toEqual(['slack', 'teams', 'pagerduty'])
  const bad: [TargetKind, object, string][] = [
    ['slack', { url: 'http://8.8.8.8/secret-part' }, 'secret.url'],
    ['teams', { url: 'secret-part' }, 'secret.url'],
    ['pagerduty', { routingKey: 'secret part' }, 'secret.routingKey'],
    ['webhook', { signingSecret: 'whsec_secret-part' }, 'secret.signingSecret'],
    ['email', { password: 'secret\r\npart' }, 'secret.password'],
    ['syslog', { password: 'secret-part' }, 'secret'],
  ]
  for (const [kind, secret, field] of bad) {
    expect(fieldAtFault(() => checkSecret(kind, secret, rule))).toBe(field)
    expect(() => checkSecret(kind, secret, rule)).not.toThrow(/secret.part/)
  }
})
