/** The configuration: environment over file over default, checked once, secrets apart from the rest. */
import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { type Ep11Config, ep11ConfigOf, ep11Settings } from './ep11-settings.ts'
import { keyLimitsOf, keySettings } from './key-settings.ts'
import type { KeyLimits } from './keys/limits.ts'
import { type KmipConfig, kmipConfigOf, kmipSettings } from './kmip-settings.ts'
import { type Address, addressOf, numberOf, requireTls, tlsFilesOf, wrong } from './setting-values.ts'
import { StartError } from './start-error.ts'
import type { TlsFiles } from './tls/files.ts'

export interface Config {
  /** Data folder, absolute. */
  readonly data: string
  /** `development` prints secrets of the first start and stays on loopback; `production` does neither. */
  readonly profile: 'development' | 'production'
  /** Location of the first instance and tracker. */
  readonly location: string
  readonly http: Address
  readonly httpPrivate: Address
  /** PEM files for the HTTP listeners. */
  readonly tls: TlsFiles | undefined
  /** Undefined: no KMIP. */
  readonly kmip: KmipConfig | undefined
  readonly ep11: Ep11Config
  /** Peers whose `X-Forwarded-For` counts. */
  readonly trustedProxies: readonly string[]
  /** Private addresses that messages may be sent to. */
  readonly outboundPrivate: readonly string[]
  /** Database of locations in the MaxMind format, absolute; undefined: none. */
  readonly locationDatabase: string | undefined
  /** Where people open the console, ending in a slash: what alerts link to. */
  readonly consoleUrl: string | undefined
  /** After how long the bytes of each log are verified again, hours; 0: only when asked for. */
  readonly verifyEveryHours: number
  /** After how long each tracker is looked at for events older than its retention, hours; 0: nothing leaves. */
  readonly pruneEveryHours: number
  /** Quiet time after which each producer of events records a heartbeat. */
  readonly heartbeatSeconds: number
  /** From the approval of a recovery of a certificate administrator until it is performed. */
  readonly certRecoveryHours: number
  /** Of the key service, what settings change. */
  readonly keyLimits: Partial<KeyLimits>
  /** Whether events of successes all carry 200, whatever status was sent. */
  readonly succeedsWith200: boolean
  /** File holding 32 bytes that open sealed state, as they are or under a passphrase. */
  readonly seal: string
  /** Display name of the service in messages and CRN name; both are fixed at the first start. */
  readonly serviceName: string
  readonly cname: string
}

/** Settings that are secrets: read apart, so that the rest may be shown. */
export interface ConfigSecrets {
  readonly bootstrapApiKey: string | undefined
  readonly bootstrapInstance: string | undefined
  /** Opens the seal; a seal that is made at the first start is put under it. */
  readonly sealPassphrase: string | undefined
}

/** Every setting with its default; the reference page docs/reference/configuration.md is tested against this list. */
export const settings = {
  KEYWITNESS_DATA: { default: './data', meaning: 'data folder' },
  KEYWITNESS_CONFIG: { default: '', meaning: 'a JSON file with the same settings; the environment wins' },
  KEYWITNESS_PROFILE: { default: 'development', meaning: '`development` or `production`' },
  KEYWITNESS_LOCATION: { default: 'us-south', meaning: 'location of the first instance and tracker' },
  KEYWITNESS_HTTP: { default: '127.0.0.1:8080', meaning: 'public HTTP listener' },
  KEYWITNESS_HTTP_PRIVATE: { default: '127.0.0.1:8081', meaning: 'private HTTP listener' },
  KEYWITNESS_TLS_CERT: { default: '', meaning: 'PEM file with the certificate chain of the HTTP listeners' },
  KEYWITNESS_TLS_KEY: { default: '', meaning: 'PEM file with its private key' },
  ...kmipSettings,
  ...ep11Settings,
  KEYWITNESS_TRUSTED_PROXIES: { default: '', meaning: 'addresses whose `X-Forwarded-For` counts, comma-separated' },
  KEYWITNESS_OUTBOUND_PRIVATE: {
    default: '',
    meaning: 'private addresses and ranges that messages may be sent to, comma-separated',
  },
  KEYWITNESS_LOCATION_DATABASE: {
    default: '',
    meaning: 'file with a database of locations in the MaxMind format (MMDB), for rules about countries and travel',
  },
  KEYWITNESS_CONSOLE_URL: {
    default: '',
    meaning: 'where people open the console, such as `https://audit.example.com/`: alerts link to it',
  },
  KEYWITNESS_PRUNE_EVERY: {
    default: '24',
    meaning: 'hours after which events older than the retention of their tracker leave it, 1 to 8760; 0: none leave',
  },
  KEYWITNESS_VERIFY_EVERY: {
    default: '24',
    meaning: 'hours after which the bytes of each log are verified again, 1 to 8760; 0: only when asked for',
  },
  KEYWITNESS_HEARTBEAT: {
    default: '900',
    meaning: 'seconds without an event after which a heartbeat is recorded, 1 to 86400',
  },
  ...keySettings,
  KEYWITNESS_CERT_RECOVERY_HOURS: {
    default: '24',
    meaning:
      "hours from the approval of a recovery until a certificate administrator's key is removed, 1 to 720; what is approved already keeps its time",
  },
  KEYWITNESS_SEAL: {
    default: '<data>/seal.key',
    meaning: 'file with the 32 bytes that open sealed state, as they are or under a passphrase',
  },
  KEYWITNESS_SEAL_PASSPHRASE: {
    default: '',
    meaning: 'passphrase of the seal; without it a start at a terminal asks; also as `…_FILE`',
  },
  KEYWITNESS_SERVICE_NAME: { default: 'Keywitness', meaning: 'display name in event messages, fixed at first start' },
  KEYWITNESS_CNAME: { default: 'keywitness', meaning: 'second part of every CRN, fixed at first start' },
  KEYWITNESS_BOOTSTRAP_API_KEY: { default: 'generated', meaning: 'first API key; also as `…_FILE`' },
  KEYWITNESS_BOOTSTRAP_INSTANCE: { default: 'generated', meaning: "first instance's GUID; also as `…_FILE`" },
} as const

type Setting = keyof typeof settings

/** At least long enough to be told and to stop it; at most a month. */
const recoveryHours = { min: 1, max: 720 }

/** The settings of the certificate that the HTTP listeners show. */
export const httpTlsSettings = { cert: 'KEYWITNESS_TLS_CERT', key: 'KEYWITNESS_TLS_KEY' } as const

/** Settings that are secrets; each may also be given as a file, by its name and `_FILE`. */
export const secretSettings = [
  'KEYWITNESS_SEAL_PASSPHRASE',
  'KEYWITNESS_BOOTSTRAP_API_KEY',
  'KEYWITNESS_BOOTSTRAP_INSTANCE',
] as const satisfies Setting[]

const known = new Set<string>([
  ...Object.keys(settings),
  ...secretSettings.map((name) => `${name}_FILE`),
  // Settings of the command line, which may stand in the same environment.
  'KEYWITNESS_URL',
  'KEYWITNESS_API_KEY',
  'KEYWITNESS_API_KEY_FILE',
  'KEYWITNESS_HOME',
])

/**
 * Reads and checks the configuration.
 * @throws StartError CONFIG naming the setting, what is wrong and what is expected
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>): {
  config: Config
  secrets: ConfigSecrets
} {
  for (const name of Object.keys(environment)) {
    if (name.startsWith('KEYWITNESS_') && !known.has(name))
      wrong(name, `is not a setting; see docs/reference/configuration.md`)
  }
  const file = readFile(environment['KEYWITNESS_CONFIG'])
  const value = (name: Setting): string => {
    const set = environment[name] ?? file[name]
    return set === undefined || set === '' ? settings[name].default : set
  }
  const secret = (name: (typeof secretSettings)[number]): string | undefined => {
    const path = environment[`${name}_FILE`] ?? file[`${name}_FILE`]
    if (path !== undefined && path !== '') return readSecret(`${name}_FILE`, path)
    const set = environment[name] ?? file[name]
    return set === '' ? undefined : set
  }
  const data = resolve(value('KEYWITNESS_DATA'))
  const profile = profileOf(value('KEYWITNESS_PROFILE'))
  const config: Config = {
    data,
    profile,
    location: locationOf(value('KEYWITNESS_LOCATION')),
    http: addressOf('KEYWITNESS_HTTP', value('KEYWITNESS_HTTP')),
    httpPrivate: addressOf('KEYWITNESS_HTTP_PRIVATE', value('KEYWITNESS_HTTP_PRIVATE')),
    tls: tlsFilesOf(httpTlsSettings, value(httpTlsSettings.cert), value(httpTlsSettings.key)),
    kmip: kmipConfigOf(value, profile === 'development'),
    ep11: ep11ConfigOf(value, profile === 'development'),
    trustedProxies: rangesOf('KEYWITNESS_TRUSTED_PROXIES', value('KEYWITNESS_TRUSTED_PROXIES')),
    outboundPrivate: rangesOf('KEYWITNESS_OUTBOUND_PRIVATE', value('KEYWITNESS_OUTBOUND_PRIVATE')),
    locationDatabase: fileOf('KEYWITNESS_LOCATION_DATABASE', value('KEYWITNESS_LOCATION_DATABASE')),
    consoleUrl: urlOf('KEYWITNESS_CONSOLE_URL', value('KEYWITNESS_CONSOLE_URL')),
    verifyEveryHours: hoursOf('KEYWITNESS_VERIFY_EVERY', value('KEYWITNESS_VERIFY_EVERY')),
    pruneEveryHours: hoursOf('KEYWITNESS_PRUNE_EVERY', value('KEYWITNESS_PRUNE_EVERY')),
    heartbeatSeconds: secondsOf('KEYWITNESS_HEARTBEAT', value('KEYWITNESS_HEARTBEAT')),
    certRecoveryHours: numberOf(
      'KEYWITNESS_CERT_RECOVERY_HOURS',
      value('KEYWITNESS_CERT_RECOVERY_HOURS'),
      recoveryHours,
    ),
    keyLimits: keyLimitsOf(value, profile === 'development', wrong),
    succeedsWith200: isOneOf('KEYWITNESS_SUCCESS_CODE', value('KEYWITNESS_SUCCESS_CODE'), ['sent', '200']) === '200',
    seal: resolve(value('KEYWITNESS_SEAL').replace('<data>', data)),
    serviceName: nameOf(
      'KEYWITNESS_SERVICE_NAME',
      value('KEYWITNESS_SERVICE_NAME'),
      /^[\p{L}\p{N}][\p{L}\p{N} .-]{0,59}$/u,
    ),
    cname: nameOf('KEYWITNESS_CNAME', value('KEYWITNESS_CNAME'), /^[a-z][a-z0-9-]{0,39}$/),
  }
  for (const [address, { host }] of [
    ['KEYWITNESS_HTTP', config.http],
    ['KEYWITNESS_HTTP_PRIVATE', config.httpPrivate],
  ] as const) {
    requireTls({ address, ...httpTlsSettings }, host, profile === 'development', config.tls)
  }
  const bootstrapApiKey = secret('KEYWITNESS_BOOTSTRAP_API_KEY')
  if (bootstrapApiKey !== undefined && !/^[\w-]{32,128}$/.test(bootstrapApiKey)) {
    wrong('KEYWITNESS_BOOTSTRAP_API_KEY', 'must be 32 to 128 letters, digits, - or _')
  }
  const bootstrapInstance = secret('KEYWITNESS_BOOTSTRAP_INSTANCE')
  if (bootstrapInstance !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(bootstrapInstance)) {
    wrong('KEYWITNESS_BOOTSTRAP_INSTANCE', 'must be a GUID in lower case')
  }
  const sealPassphrase = secret('KEYWITNESS_SEAL_PASSPHRASE')
  if (sealPassphrase === '') wrong('KEYWITNESS_SEAL_PASSPHRASE_FILE', 'names a file that is empty')
  return { config, secrets: { bootstrapApiKey, bootstrapInstance, sealPassphrase } }
}

function readFile(path: string | undefined): Record<string, string | undefined> {
  if (path === undefined || path === '') return {}
  if (!existsSync(path)) wrong('KEYWITNESS_CONFIG', 'names a file that does not exist')
  let parsed: unknown
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    wrong('KEYWITNESS_CONFIG', 'names a file that is not JSON')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    wrong('KEYWITNESS_CONFIG', 'must hold one JSON object')
  for (const [name, value] of Object.entries(parsed)) {
    if (!known.has(name)) wrong('KEYWITNESS_CONFIG', `holds ${JSON.stringify(name)}, which is not a setting`)
    if (typeof value !== 'string') wrong(name, 'must be a string in the configuration file')
  }
  return parsed as Record<string, string>
}

function readSecret(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    throw new StartError('CONFIG', `${name} names a file that cannot be read.`, cause)
  }
}

function profileOf(value: string): Config['profile'] {
  if (value !== 'development' && value !== 'production')
    wrong('KEYWITNESS_PROFILE', 'must be development or production')
  return value
}

function isOneOf(name: Setting, value: string, allowed: readonly string[]): string {
  if (!allowed.includes(value)) wrong(name, `must be ${allowed.join(' or ')}`)
  return value
}

function locationOf(value: string): string {
  if (!/^[a-z][a-z0-9-]{1,31}$/.test(value))
    wrong('KEYWITNESS_LOCATION', 'must be 2 to 32 small letters, digits or hyphens')
  return value
}

function nameOf(name: Setting, value: string, form: RegExp): string {
  if (!form.test(value)) wrong(name, 'has characters that a CRN or message may not hold')
  return value
}

function fileOf(name: Setting, value: string): string | undefined {
  if (value === '') return undefined
  if (!existsSync(value)) wrong(name, 'names a file that does not exist')
  return resolve(value)
}

function urlOf(name: Setting, value: string): string | undefined {
  if (value === '') return undefined
  const url = URL.canParse(value) ? new URL(value) : undefined
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (url === undefined || !isWeb || url.username !== '' || url.search !== '' || url.hash !== '') {
    wrong(name, 'must be an address such as https://audit.example.com/')
  }
  return url.href.endsWith('/') ? url.href : `${url.href}/`
}

function hoursOf(name: Setting, value: string): number {
  const hours = Number(value)
  if (!/^\d{1,4}$/.test(value) || hours > 8_760) wrong(name, 'must be 1 to 8760 hours, or 0')
  return hours
}

function secondsOf(name: Setting, value: string): number {
  const seconds = Number(value)
  if (!/^\d{1,5}$/.test(value) || seconds < 1 || seconds > 86_400) wrong(name, 'must be 1 to 86400 seconds')
  return seconds
}

/** A comma list of addresses and CIDR ranges. */
function rangesOf(name: Setting, value: string): string[] {
  const ranges = value.split(',').map((range) => range.trim())
  const named = ranges.filter((range) => range !== '')
  if (!named.every(isRange)) wrong(name, 'must list IP addresses or CIDR ranges')
  return named
}

function isRange(text: string): boolean {
  const [address = '', bits, more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more !== undefined || address.includes('%')) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}
