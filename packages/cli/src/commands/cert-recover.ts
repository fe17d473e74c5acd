/** `keywitness cert recover propose`, `approve`, `withdraw` and `list`: the account owner's way back after a lost key. */
import type { Command } from 'commander'
import { agree, groundRows } from '../cert/agreement.ts'
import { type CertOptions, withCert } from '../cert/options.ts'
import {
  type Holder,
  type ListedRecoveries,
  openRecoveries,
  personOf,
  personText,
  type Recovery,
  type RecoveryApi,
  type Removes,
} from '../cert/recovery-api.ts'
import { settled } from '../cert/settled.ts'
import { CliError } from '../cli-error.ts'
import { examples, wholeNumber } from '../command-options.ts'
import { textOf } from '../iam-api.ts'
import { formatNumberOf, printable, printableJson } from '../printable.ts'
import { printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { paragraph, timeText } from '../text-lines.ts'

interface ChangeOptions extends CertOptions {
  readonly yes?: boolean
}

interface ProposeOptions extends ChangeOptions {
  readonly certificates?: boolean
}

interface ListOptions extends CertOptions {
  readonly limit: number
}

const sample = '0190a2b4-5f6a-7c3d-8e9f-001122334455'
const look = 'keywitness cert recover list'
const stop =
  'Until then every administrator of the account and every certificate administrator of the instance can withdraw it; the shipped alert rules tell people of it at once.'

export function addCertRecover(cert: Command, io: Surroundings): void {
  const recover = cert
    .command('recover')
    .description('the way back when an administrator has lost the key or left: two people, then a waiting time')

  const propose = withCert(recover.command('propose'))
    .description("propose to delete an administrator's signature key; their certificates stay in force")
    .argument('<administrator>', 'IAM id of the certificate administrator')
    .option('--certificates', 'delete their certificates with it')
    .option('--yes', 'do it without asking')
    .action((administrator: string, options: ProposeOptions) => proposeOne(io, administrator, options))
  examples(propose, 'cert recover propose KWid-0190a2b4', 'cert recover propose KWid-0190a2b4 --certificates')

  const approve = withCert(recover.command('approve'))
    .description('approve what another person has proposed: it is done when the waiting time is over')
    .argument('<recovery>', 'its id')
    .option('--yes', 'do it without asking')
    .action((id: string, options: ChangeOptions) => approveOne(io, id, options))
  examples(approve, `cert recover approve ${sample}`)

  const withdraw = withCert(recover.command('withdraw'))
    .description('withdraw one that waits, whoever proposed or approved it')
    .argument('<recovery>', 'its id')
    .action((id: string, options: CertOptions) => withdrawOne(io, id, options))
  examples(withdraw, `cert recover withdraw ${sample}`)

  const list = withCert(recover.command('list'))
    .description('who has a key and certificates, what is proposed, and how earlier ones ended; newest first')
    .option('--limit <count>', 'how many', wholeNumber(1, 1_000), 20)
    .action((options: ListOptions) => show(io, options))
  examples(list, 'cert recover list', 'cert recover list --limit 100 --json')
}

async function proposeOne(io: Surroundings, administrator: string, options: ProposeOptions): Promise<void> {
  const api = await openRecoveries(io, options)
  const removes: Removes = options.certificates === true ? 'admin-key-and-certificates' : 'admin-key'
  const before = await api.list()
  const holder = before.administrators.find(({ id }) => id === administrator)
  if (holder === undefined) {
    throw new CliError(
      'BAD_INPUT',
      'there is no such administrator with a key or certificates',
      `${look} tells who has`,
    )
  }
  await agree(io, options, {
    title:
      removes === 'admin-key' ? 'Proposes to delete a signature key:' : 'Proposes to delete a key and certificates:',
    rows: [
      ...groundRows(api.ground),
      ['of', personText(holder)],
      ['key', holder.keyId === '' ? 'none' : holder.keyId],
      ['certificates', String(holder.certificates)],
    ],
    consequences: [
      `Nothing is deleted yet: another administrator of the account must approve within 7 days, and it is done ${formatNumberOf(before.waitingHours, 'hour')} after that.`,
      removalText(before, holder, removes),
      stop,
    ],
  })
  const known = new Set(before.recoveries.map((one) => textOf(one, 'id')))
  const made = await settled(api.propose(administrator, removes), {
    find: () => found(api, (one) => !known.has(textOf(one, 'id')) && isOwn(one, 'proposedBy', api)),
    look,
  })
  tell(io, made, options)
}

/** What follows for clients, as things are now. */
function removalText({ administrators }: ListedRecoveries, holder: Holder, removes: Removes): string {
  const own = formatNumberOf(holder.certificates, 'certificate')
  if (removes === 'admin-key') {
    return holder.certificates === 0
      ? 'No client is concerned. They can make a new key from then on.'
      : `No client is cut off: ${own} of theirs stay in force, and nobody can change them until they have made a new key.`
  }
  if (holder.certificates === 0) return 'They have no certificates: no client is concerned.'
  return administrators.every(({ id, certificates }) => id === holder.id || certificates === 0)
    ? `${own} go with it, and no other is left then: mutual TLS goes OFF, and clients of EP11 are let in without a certificate.`
    : `${own} go with it: clients with a certificate issued by them alone are cut off, those that are connected too. Mutual TLS stays on.`
}

async function approveOne(io: Surroundings, id: string, options: ChangeOptions): Promise<void> {
  const api = await openRecoveries(io, options)
  const { recoveries, waitingHours } = await api.list()
  const recovery = recoveries.find((one) => textOf(one, 'id') === id)
  if (recovery === undefined) throw new CliError('BAD_INPUT', 'the instance has no such recovery', `${look} shows them`)
  const due = new Date(io.now() + waitingHours * 3_600_000).toISOString()
  await agree(io, options, {
    title: 'Approves a recovery:',
    rows: [
      ...groundRows(api.ground),
      ['of', personText(personOf(recovery, 'administrator'))],
      ['key', textOf(recovery, 'keyId') === '' ? 'none' : textOf(recovery, 'keyId')],
      ['proposed by', personText(personOf(recovery, 'proposedBy'))],
      ['proposed', timeText(io, textOf(recovery, 'proposedAt'))],
    ],
    consequences: [
      textOf(recovery, 'says'),
      `The server does it by itself in ${formatNumberOf(waitingHours, 'hour')}, about ${timeText(io, due)}.`,
      stop,
    ],
  })
  const approved = await settled(api.end(id, 'approve'), {
    find: () => found(api, (one) => textOf(one, 'id') === id && isOwn(one, 'approvedBy', api)),
    look,
  })
  tell(io, approved, options)
}

async function withdrawOne(io: Surroundings, id: string, options: CertOptions): Promise<void> {
  const api = await openRecoveries(io, options)
  const withdrawn = await settled(api.end(id, 'withdraw'), {
    find: () => found(api, (one) => textOf(one, 'id') === id && textOf(one, 'state') === 'withdrawn'),
    look,
  })
  tell(io, withdrawn, options)
}

async function found(api: RecoveryApi, isIt: (one: Recovery) => boolean): Promise<Recovery | undefined> {
  return (await api.list()).recoveries.find(isIt)
}

function isOwn(recovery: Recovery, member: string, { ground }: RecoveryApi): boolean {
  return personOf(recovery, member).id === ground.caller
}

async function show(io: Surroundings, options: ListOptions): Promise<void> {
  const { recoveries, administrators, waitingHours } = await (await openRecoveries(io, options)).list(options.limit)
  if (options.json === true) {
    io.out.write(`${printableJson({ recoveries, administrators, waitingHours }, 2)}\n`)
    return
  }
  printList(io, false, 'administrators', administrators.map(asItem), [
    { title: 'administrator', of: (one) => textOf(one, 'id') },
    { title: 'name', isExtra: true },
    { title: 'key', of: (one) => (textOf(one, 'keyId') === '' ? 'none' : `${textOf(one, 'keyId').slice(0, 16)}…`) },
    { title: 'certificates' },
  ])
  if (recoveries.length === 0) {
    io.out.write('\nNo recovery was proposed.\n')
    return
  }
  io.out.write('\n')
  printList(io, false, 'recoveries', recoveries, [
    { title: 'id' },
    { title: 'state' },
    { title: 'until', of: (one) => timeText(io, untilOf(one)) },
    { title: 'proposed by', of: (one) => nameOf(one, 'proposedBy'), isExtra: true },
    { title: 'approved by', of: (one) => nameOf(one, 'approvedBy'), isExtra: true },
    { title: 'says', isWide: true },
  ])
}

function asItem({ ...holder }: Holder): Recovery {
  return holder
}

function nameOf(recovery: Recovery, member: string): string {
  const { id, name } = personOf(recovery, member)
  return name === '' ? id : name
}

/** When it can be approved until, is performed, or ended. */
function untilOf(recovery: Recovery): string {
  const [endedAt, dueAt, expiresAt] = ['endedAt', 'dueAt', 'expiresAt'].map((name) => textOf(recovery, name))
  return [endedAt, dueAt, expiresAt].find((time) => time !== '') ?? ''
}

function tell(io: Surroundings, recovery: Recovery, { json }: CertOptions): void {
  if (json === true) {
    io.out.write(`${printableJson(recovery, 2)}\n`)
    return
  }
  const [id = '', state = '', says = '', expiresAt = '', dueAt = ''] = [
    'id',
    'state',
    'says',
    'expiresAt',
    'dueAt',
  ].map((name) => textOf(recovery, name))
  const lines = [`${printable(state)} ${printable(id)}`, ...paragraph(io, says, '')]
  if (state === 'open') {
    lines.push(
      ...paragraph(io, `Another administrator of the account must approve it until ${timeText(io, expiresAt)}:`, ''),
      `keywitness cert recover approve ${printable(id)}`,
    )
  }
  if (state === 'approved')
    lines.push(...paragraph(io, `It is done at ${timeText(io, dueAt)}, unless it is withdrawn.`, ''))
  io.out.write(`${lines.join('\n')}\n`)
}
