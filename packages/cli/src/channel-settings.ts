/** Settings and secrets of channels from the command line: which options a kind has, and what they become. */
import { type Command, Option } from 'commander'
import { CliError } from './cli-error.ts'
import { several, wholeNumber } from './command-options.ts'
import { inputName, readInput } from './input-file.ts'
import { readJson } from './json-file.ts'
import type { Surroundings } from './surroundings.ts'

export const channelKinds = ['email', 'slack', 'teams', 'pagerduty', 'webhook', 'syslog'] as const
export type ChannelKind = (typeof channelKinds)[number]

/** The options of settings, by their names in commander. */
export interface SettingOptions {
  readonly to?: readonly string[]
  readonly from?: string
  readonly host?: string
  readonly port?: number
  readonly security?: string
  readonly user?: string
  readonly endpoint?: string
  readonly facility?: string
  readonly caFile?: string
  readonly digest?: string
  readonly digestAt?: string
  readonly zone?: string
  readonly heartbeat?: string
  readonly settingsFile?: string
}

/** What each option sets, and of which kinds. */
const settingOf = {
  to: ['to', ['email']],
  from: ['from', ['email']],
  host: ['host', ['email', 'syslog']],
  port: ['port', ['email', 'syslog']],
  security: ['security', ['email']],
  user: ['user', ['email']],
  endpoint: ['url', ['webhook', 'pagerduty']],
  facility: ['facility', ['syslog']],
  caFile: ['ca', channelKinds],
  digest: ['digest', ['email']],
  digestAt: ['digestAt', ['email']],
  zone: ['zone', ['email']],
  heartbeat: ['heartbeat', ['webhook', 'syslog']],
} as const satisfies Record<Exclude<keyof SettingOptions, 'settingsFile'>, readonly [string, readonly ChannelKind[]]>

/** The one secret of a kind: its name in the API, and what it is called when it is asked for. */
const secretOf: Readonly<Record<ChannelKind, readonly [name: string, what: string] | undefined>> = {
  email: ['password', 'Password at the mail server'],
  slack: ['url', 'URL of the incoming webhook'],
  teams: ['url', 'URL of the workflow'],
  pagerduty: ['routingKey', 'Integration key of the service'],
  webhook: ['signingSecret', 'Signing secret (whsec_…)'],
  syslog: undefined,
}

export function withSettings(command: Command): Command {
  return command
    .option('--to <address>', 'email: who is told; may be given several times', several)
    .option('--from <address>', 'email: the sender')
    .option('--host <host>', 'email, syslog: the server')
    .option('--port <port>', 'email, syslog: its port (on create: 587 or 465, 6514)', wholeNumber(1, 65_535))
    .addOption(
      new Option(
        '--security <how>',
        'email: TLS from the start, after STARTTLS (on create: as is usual at the port), or none',
      ).choices(['tls', 'starttls', 'none']),
    )
    .option('--user <name>', 'email: who signs in at the mail server')
    .option('--endpoint <url>', 'webhook: where messages are posted; pagerduty: another one than its own')
    .option('--facility <name>', 'syslog: such as local0 or audit')
    .option('--ca-file <file>', 'certificate authorities that are trusted instead of the usual ones, PEM')
    .addOption(
      new Option('--digest <how-often>', 'email: what happened, with a signed checkpoint').choices(['daily', 'weekly']),
    )
    .option('--digest-at <time>', 'email: time of day of the digest, such as 07:30')
    .option('--zone <zone>', 'email: time zone of that, such as Europe/Berlin')
    .option('--heartbeat <every>', 'webhook, syslog: how often it is told that all is well, such as 5m')
    .option('--settings-file <file>', 'all settings as JSON (- is the standard input); options win over it')
    .option(
      '--secret-file <file>',
      'file with the one secret of the kind: password, webhook URL, integration key or signing secret (- is the standard input, or asks at a terminal)',
    )
}

type Settings = Readonly<Record<string, unknown>>

/**
 * Settings by a file and options; the options win.
 *
 * @param known settings that they change, when there is no file
 * @throws CliError `BAD_INPUT` for an option that the kind does not have
 */
export async function settingsOf(kind: string, options: SettingOptions, known: Settings = {}): Promise<Settings> {
  const base = options.settingsFile === undefined ? known : await settingsIn(options.settingsFile)
  const given: Record<string, unknown> = {}
  for (const [option, [name, kinds]] of Object.entries(settingOf)) {
    const value = options[option as keyof SettingOptions]
    if (value === undefined) continue
    if (!(kinds as readonly string[]).includes(kind)) {
      const flag = `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
      throw new CliError('BAD_INPUT', `a channel of the kind ${kind} has no ${flag}`, `it is for ${kinds.join(', ')}`)
    }
    given[name] = option === 'caFile' ? (await readInput(String(value))).toString('utf8') : value
  }
  return { ...base, ...given }
}

/** What is usual where nothing is said: the ports of RFC 8314 and RFC 5425. */
export function withUsual(kind: ChannelKind, settings: Settings): Settings {
  if (kind === 'syslog') return { port: 6514, ...settings }
  if (kind !== 'email') return settings
  const { port, security } = settings
  if (port === undefined && security === undefined) return { port: 587, security: 'starttls', ...settings }
  if (port === undefined) return { port: security === 'tls' ? 465 : security === 'none' ? 25 : 587, ...settings }
  return { security: port === 465 ? 'tls' : 'starttls', ...settings }
}

async function settingsIn(path: string): Promise<Settings> {
  const value = await readJson(path)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Settings
  throw new CliError(
    'BAD_INPUT',
    `${inputName(path)} holds no settings`,
    'give an object such as {"to": ["ana@example.com"]}',
  )
}

/**
 * The secret of a channel as the API takes it; undefined when none is given.
 *
 * @param isNeeded asks a person for it when no file is given
 * @throws CliError `BAD_INPUT`, never with what it is
 */
export async function secretFrom(
  io: Surroundings,
  kind: string,
  file: string | undefined,
  isNeeded: boolean,
): Promise<Settings | undefined> {
  const [name, what] = (Object.hasOwn(secretOf, kind) ? secretOf[kind as ChannelKind] : undefined) ?? []
  if (name === undefined || what === undefined) {
    if (file === undefined) return undefined
    throw new CliError('BAD_INPUT', `a channel of the kind ${kind} has no secret`, 'leave --secret-file out')
  }
  if (file === undefined && !isNeeded) return undefined
  if (io.ask !== undefined && (file === undefined || file === '-'))
    return { [name]: (await io.ask(`${what}: `)).trim() }
  if (file === undefined)
    throw new CliError('BAD_INPUT', `a channel of the kind ${kind} needs its secret`, 'give --secret-file')
  const secret = (await readInput(file)).toString('utf8').replace(/\r?\n$/, '')
  if (secret === '') throw new CliError('BAD_INPUT', `${inputName(file)} is empty`)
  return { [name]: secret }
}
