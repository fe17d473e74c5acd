/** `keywitness channels create` and `update`: where a channel leads; its secret comes from a file or is asked for. */
import { type Command, Option } from 'commander'
import { callAt, itemAt, partOf, pathOf } from '../alerts-api.ts'
import {
  type ChannelKind,
  channelKinds,
  secretFrom,
  type SettingOptions,
  settingsOf,
  withSettings,
  withUsual,
} from '../channel-settings.ts'
import { CliError } from '../cli-error.ts'
import { examples, several, withTrail } from '../command-options.ts'
import { type Item, textOf } from '../iam-api.ts'
import { printable, printableJson } from '../printable.ts'
import { advised } from '../refusal-advice.ts'
import type { Surroundings } from '../surroundings.ts'
import { openTrail, type TrailOptions } from '../trail-api.ts'

interface Options extends TrailOptions, SettingOptions {
  readonly name?: string
  readonly minimum?: string
  readonly secretFile?: string
  readonly json?: boolean
}

interface CreateOptions extends Options {
  readonly kind: ChannelKind
  readonly minimum: string
  readonly off?: boolean
}

interface UpdateOptions extends Options {
  readonly unset?: readonly string[]
}

const severities = ['info', 'warning', 'critical']

export function addChannelsWriting(channels: Command, io: Surroundings): void {
  const create = withSettings(
    withTrail(channels.command('create'))
      .description('create a channel; the signing secret that is made for a webhook is the output, this once')
      .argument('<channel>', 'its id: small letters, digits and -')
      .addOption(new Option('--kind <kind>', 'what it is').choices(channelKinds).makeOptionMandatory())
      .option('--name <name>', 'what people call it (default: its id)')
      .addOption(
        new Option(
          '--minimum <severity>',
          'told of alerts of this severity and above, unless their rule names its channels',
        )
          .choices(severities)
          .default('warning'),
      ),
  )
    .option('--off', 'begin turned off')
    .option('--json', 'as JSON')
    .action((id: string, options: CreateOptions) => createChannel(io, id, options))
  examples(
    create,
    'channels create security-mail --kind email --to soc@example.com --from keys@example.com --host mail.example.com --user keys --secret-file mail.password',
    'channels create chat --kind slack --minimum critical --secret-file slack.url',
    'channels create hook --kind webhook --endpoint https://soc.example.com/hooks/keys --heartbeat 5m > hook.secret',
    'channels create siem --kind syslog --host siem.example.com --ca-file ca.pem --minimum info',
  )

  const update = withSettings(
    withTrail(channels.command('update'))
      .description('change a channel: only what is given changes')
      .argument('<channel>', 'its id')
      .option('--name <name>', 'what people call it')
      .addOption(new Option('--minimum <severity>', 'told of alerts of this severity and above').choices(severities)),
  )
    .option(
      '--unset <setting>',
      'leave a setting out, by its name in channels show; may be given several times',
      several,
    )
    .option('--json', 'as JSON')
    .action((id: string, options: UpdateOptions) => updateChannel(io, id, options))
  examples(
    update,
    'channels update security-mail --to soc@example.com --to ana@example.com --digest weekly --digest-at 07:00',
    'channels update security-mail --unset digest',
    'channels update chat --secret-file slack.url',
  )
}

async function createChannel(io: Surroundings, id: string, options: CreateOptions): Promise<void> {
  refuseTwoInputs(options)
  const { kind, name = id, minimum } = options
  const settings = withUsual(kind, await settingsOf(kind, options))
  const isNeeded = kind !== 'webhook' && (kind !== 'email' || settings['user'] !== undefined)
  const secret = await secretFrom(io, kind, options.secretFile, isNeeded)
  const trail = await openTrail(io, options)
  const wish = {
    id,
    name,
    kind,
    settings,
    minimum,
    isOn: options.off !== true,
    ...(secret === undefined ? {} : { secret }),
  }
  const advice = { ALREADY_EXISTS: `keywitness channels update ${id} changes it` }
  const made = await advised(advice, callAt(trail, 'POST', '/channels', wish))
  if (options.json === true) {
    io.out.write(`${printableJson(made, 2)}\n`)
  } else if (kind === 'webhook' && secret === undefined) {
    io.out.write(`${signingSecretIn(made)}\n`)
  } else {
    io.out.write(`created ${printable(id)}\n`)
  }
  if (made['signingSecret'] !== undefined) {
    io.err.write('That is the secret it signs with. Keep it now: the server will not show it again.\n')
  }
  if (io.err.isTerminal) io.err.write(`Try it: keywitness channels test ${printable(id)}\n`)
}

function refuseTwoInputs({ settingsFile, secretFile }: Options): void {
  if (settingsFile !== '-' || secretFile !== '-') return
  throw new CliError('BAD_INPUT', 'settings and secret cannot both be the standard input', 'give one of them in a file')
}

function signingSecretIn(channel: Item): string {
  const secret = textOf(channel, 'signingSecret')
  if (/^whsec_[\w+/=-]+$/.test(secret)) return secret
  throw new CliError('BAD_ANSWER', 'the server gave no signing secret')
}

async function updateChannel(io: Surroundings, id: string, options: UpdateOptions): Promise<void> {
  refuseTwoInputs(options)
  const trail = await openTrail(io, options)
  const before = await itemAt(trail, pathOf('channels', id))
  const kind = textOf(before, 'kind')
  const known = partOf(before, 'settings')
  const unset = options.unset ?? []
  const unknown = unset.find((name) => !Object.hasOwn(known, name))
  if (unknown !== undefined) {
    throw new CliError(
      'BAD_INPUT',
      `${id} has no setting ${unknown}`,
      `it has ${Object.keys(known).join(', ') || 'none'}`,
    )
  }
  const changed = await settingsOf(kind, options, known)
  const settings = Object.fromEntries(Object.entries(changed).filter(([name]) => !unset.includes(name)))
  const secret = await secretFrom(io, kind, options.secretFile, false)
  const wish = {
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.minimum === undefined ? {} : { minimum: options.minimum }),
    ...(JSON.stringify(settings) === JSON.stringify(known) ? {} : { settings }),
    ...(secret === undefined ? {} : { secret }),
  }
  if (Object.keys(wish).length === 0) {
    throw new CliError('BAD_INPUT', 'nothing to change', 'keywitness channels update --help lists what can be')
  }
  const after = await callAt(trail, 'PUT', pathOf('channels', id), wish)
  io.out.write(options.json === true ? `${printableJson(after, 2)}\n` : `changed ${printable(id)}\n`)
}
