/** The history of administrators' commands on the terminal: each administrator, each key, each command with its mark. */
import { formatCount, formatNumberOf, printable } from '../printable.ts'
import { paint, type Style, type Surroundings } from '../surroundings.ts'
import { paragraph, timeText } from '../text-lines.ts'
import type {
  Administrator,
  AdministratorAccount,
  AdministratorInForce,
  Command,
  CommandHistory,
  InForce,
  KeyAccount,
  Verdict,
} from '@keywitness/cadf/transcripts'

const marks: Readonly<Record<Verdict, readonly [mark: string, style: Style]>> = {
  good: ['✓', 'green'],
  bad: ['✗', 'red'],
  unknown: ['?', 'red'],
  recovery: ['!', 'yellow'],
  refused: ['–', 'dim'],
}

const words: Readonly<Record<Verdict, string>> = {
  good: 'proved: signed by the key in force',
  bad: 'not proved: done, and no signature of the key in force stands for it',
  unknown: 'not proved: signed by a key that these events do not bring',
  recovery: 'by a recovery, which no administrator signs',
  refused: 'refused',
}

export function historyText(io: Surroundings, history: CommandHistory): string {
  const lines = [
    ...history.administrators.flatMap((one) => administratorLines(io, one)),
    ...history.inForce.flatMap((one) => inForceLines(io, one, history.inForce.length > 1)),
    ...summary(io, history),
  ]
  return `${lines.join('\n')}\n`
}

function nameOf({ id, name }: Administrator): string {
  return name === '' || name === id ? id : `${name} (${id})`
}

/** The instance by its GUID, which its CRN ends with. */
function placeOf({ instance }: Pick<InForce, 'instance'>): string {
  return `instance ${instance.split(':')[7] ?? instance}`
}

function administratorLines(io: Surroundings, account: AdministratorAccount): string[] {
  const own = account.keys.filter(({ wasInForce }) => wasInForce)
  const rest = account.keys.filter(({ wasInForce }) => !wasInForce)
  return [
    paint(io, 'bold', printable(nameOf(account))),
    ...paragraph(io, placeOf(account)),
    ...own.flatMap((key) => [
      '',
      ...paragraph(io, `key ${key.keyId}`),
      ...key.commands.flatMap((one) => commandLines(io, one)),
    ]),
    ...(rest.length === 0 ? [] : ['', ...paragraph(io, 'with no key of theirs that was in force')]),
    ...rest.flatMap((key) => key.commands.flatMap((one) => commandLines(io, one, key))),
    '',
  ]
}

/** @param other the key that it names, where that was none of the administrator's */
function commandLines(io: Surroundings, command: Command, other?: KeyAccount): string[] {
  const { index, time, what, detail, switched, verdict, why } = command
  const [mark, style] = marks[verdict]
  const when = timeText(io, time.replace(/(?:\.\d+)?\+0000$/, 'Z'))
  const [first = '', ...rest] = paragraph(io, `${when}  ${what}, index ${formatCount(index)}`, '      ', '')
  const below = [
    detail,
    other?.keyId === undefined ? '' : `key ${other.keyId}`,
    ...(other?.owners ?? []).map((owner) => `that is the key of ${nameOf(owner)}`),
    switched === undefined ? '' : `mutual TLS went ${switched.toUpperCase()}`,
    why === '' ? '' : `${verdict === 'refused' ? 'refused: ' : ''}${why}`,
  ].filter((text) => text !== '')
  return [
    `    ${paint(io, style, mark)} ${first}`,
    ...rest,
    ...below.flatMap((text) => paragraph(io, text, text === why ? '        ' : '      ', '      ')),
  ]
}

function inForceLines(
  io: Surroundings,
  { instance, mtlsEnabled, administrators }: InForce,
  isOneOfMany: boolean,
): string[] {
  const state = mtlsEnabled === undefined ? 'not told by these events' : mtlsEnabled ? 'on' : 'off'
  return [
    paint(io, 'bold', 'In force at the end'),
    ...(isOneOfMany ? paragraph(io, placeOf({ instance })) : []),
    `  mutual TLS: ${state}`,
    ...administrators.flatMap((one) => holderLines(io, one)),
    '',
  ]
}

function holderLines(io: Surroundings, { keyId, certificates, ...person }: AdministratorInForce): string[] {
  const key = keyId === undefined ? 'key not told by these events' : keyId === null ? 'no key' : `key ${keyId}`
  return [
    ...paragraph(io, nameOf(person)),
    ...paragraph(io, key, '    '),
    ...certificates.flatMap(({ certId, fingerprint, notAfter }) => [
      ...paragraph(io, `certificate ${certId}, ${endOf(io, notAfter)}`, '    '),
      ...paragraph(io, `SHA-256 ${fingerprint}`, '      '),
    ]),
    ...(certificates.length === 0 ? ['    no certificate'] : []),
  ]
}

function endOf(io: Surroundings, notAfter: string): string {
  if (notAfter === '') return 'its end is not told'
  return `${Date.parse(notAfter) <= io.now() ? 'ended' : 'ends'} ${timeText(io, notAfter)}`
}

/** `10 commands: 8 proved, 1 not proved, 1 refused`. */
function totals({ good, bad, unknown, recovery, refused }: CommandHistory['counts']): string {
  const all = good + bad + unknown + recovery + refused
  return [
    `${formatNumberOf(all, 'command')}: ${formatCount(good)} proved`,
    `${formatCount(bad + unknown)} not proved`,
    `${formatCount(refused)} refused`,
    ...(recovery === 0 ? [] : [`${formatCount(recovery)} by a recovery`]),
  ].join(', ')
}

function summary(io: Surroundings, { counts, readings }: CommandHistory): string[] {
  const told = (Object.keys(words) as Verdict[]).filter((verdict) => counts[verdict] > 0)
  const width = Math.max(0, ...told.map((verdict) => formatCount(counts[verdict]).length))
  return [
    paint(io, 'bold', totals(counts)),
    ...told.map((verdict) => {
      const [mark, style] = marks[verdict]
      return `${paint(io, style, mark)} ${formatCount(counts[verdict]).padStart(width)}  ${words[verdict]}`
    }),
    ...(readings === 0 ? [] : [`and ${formatNumberOf(readings, 'time')} somebody looked at keys or certificates`]),
  ]
}
