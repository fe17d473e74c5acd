/** `keywitness tke cryptounit-admin-add` and `cryptounit-admin-rm`: who may sign for crypto units. */
import { parseAdministratorCertificate } from '@keywitness/crypto-unit/tke/administrator-certificate'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples } from '../command-options.ts'
import { readInput } from '../input-file.ts'
import type { Surroundings } from '../surroundings.ts'
import { addAdministrator, removeAdministrator } from '../tke/administration.ts'
import { demand } from '../tke/agreement.ts'
import { acceptDangers, consent, given, unitLine } from '../tke/consent.ts'
import { eachUnit } from '../tke/each-unit.ts'
import { type SignedOptions, withSigning } from '../tke/options.ts'
import { openTke, readForCommand, type TkeSession } from '../tke/session.ts'
import { isInstalled, needs, signersFor } from '../tke/signing.ts'
import { thresholdDangers } from '../tke/thresholds.ts'
import { ADMINISTRATORS_MAX, type UnitState } from '../tke/unit-state.ts'

interface AddOptions extends SignedOptions {
  readonly admin?: string
  readonly name?: string
  readonly certificate?: string
}

interface RemoveOptions extends SignedOptions {
  readonly admin?: string
}

interface Newcomer {
  readonly ski: string
  readonly name: string
  readonly certificate: Buffer
}

export function addTkeAdministrators(tke: Command, io: Surroundings): void {
  const add = withSigning(tke.command('cryptounit-admin-add'))
    .description('install an administrator, signed by as many as the signature threshold says (nobody in imprint mode)')
    .option('--admin <key>', 'the signature key of the new administrator, on this machine')
    .option('--name <name>', 'another name than the description of that key')
    .option('--certificate <file>', 'instead: a certificate made by sigkey-add --certificate-out somewhere else')
    .action((options: AddOptions) => addAdmin(io, options))
  examples(
    add,
    'tke cryptounit-admin-add --admin 1',
    'tke cryptounit-admin-add --certificate ben.certificate --unit 1 --key 1 --key 2 --yes',
  )

  const remove = withSigning(tke.command('cryptounit-admin-rm'))
    .description('remove an administrator, signed by as many as the revocation threshold says')
    .option('--admin <ski>', 'the subject key identifier, or the name if only one has it')
    .action((options: RemoveOptions) => removeAdmin(io, options))
  examples(remove, 'tke cryptounit-admin-rm --admin "Ben Okoro" --key 1 --key 2')
}

async function addAdmin(io: Surroundings, options: AddOptions): Promise<void> {
  const session = await openTke(io, options)
  const states = await readForCommand(session, options.unit)
  const newcomer = await newcomerOf(session, options)
  demand(
    states,
    (state) => isInstalled(state, newcomer.ski) || state.administrators.length < ADMINISTRATORS_MAX,
    `crypto units have ${ADMINISTRATORS_MAX} administrators already`,
    'remove one first: keywitness tke cryptounit-admin-rm',
  )
  const open = states.filter((state) => !isInstalled(state, newcomer.ski))
  const signers = await signersFor(session, options, open, needs.signature)
  await consent(io, options, `Installs ${newcomer.name} (${newcomer.ski}) as administrator of:`, states.map(unitLine))
  await eachUnit(io, options, `adding ${newcomer.name}`, states, (state) =>
    addAdministrator(state, newcomer.ski, newcomer.certificate, signers),
  )
}

async function newcomerOf(session: TkeSession, options: AddOptions): Promise<Newcomer> {
  if (options.certificate !== undefined) {
    const certificate = await readInput(options.certificate)
    try {
      const { ski, name } = parseAdministratorCertificate(certificate)
      return { ski, name, certificate }
    } catch {
      throw new CliError('BAD_INPUT', `${options.certificate} holds no administrator certificate`)
    }
  }
  const id = await given(session.io, options.admin, 'Signature key of the new administrator', '--admin')
  const key = await session.keys.find(id)
  const name = options.name ?? (key.description || `key ${id}`)
  if (!/^[\x20-\x7e]{1,30}$/.test(name)) {
    throw new CliError('BAD_INPUT', 'the name of an administrator is 1 to 30 printable ASCII characters', 'give --name')
  }
  const signer = await key.open()
  return { ski: key.ski, name, certificate: await signer.certificate(name) }
}

async function removeAdmin(io: Surroundings, options: RemoveOptions): Promise<void> {
  const session = await openTke(io, options)
  const states = await readForCommand(session, options.unit)
  const named = await given(io, options.admin, 'Administrator to remove', '--admin')
  const ski = skiOf(states, named)
  const concerned = states.filter((state) => isInstalled(state, ski))
  demand(
    concerned.filter(({ isImprint }) => !isImprint),
    (state) => state.administrators.length - 1 >= Math.max(state.signatureThreshold, state.revocationThreshold),
    'fewer administrators than a threshold would remain',
    'add another administrator first, or lower the thresholds',
  )
  const [tightest] = concerned
    .filter(({ isImprint }) => !isImprint)
    .toSorted((a, b) => a.administrators.length - b.administrators.length)
  if (tightest !== undefined) await acceptDangers(io, options, newDangers(tightest))
  const signers = await signersFor(session, options, concerned, needs.revocation)
  await consent(io, options, `Removes administrator ${named} (${ski}) of:`, states.map(unitLine))
  await eachUnit(io, options, `removing ${named}`, states, (state) => removeAdministrator(state, ski, signers))
}

/** Dangers that are there only once one administrator less is. */
function newDangers(state: UnitState): ReturnType<typeof thresholdDangers> {
  const thresholds = { signature: state.signatureThreshold, revocation: state.revocationThreshold }
  const before = thresholdDangers(thresholds, state.administrators.length).map(({ name }) => name)
  return thresholdDangers(thresholds, state.administrators.length - 1).filter(({ name }) => !before.includes(name))
}

function skiOf(states: readonly UnitState[], named: string): string {
  if (/^[0-9a-f]{64}$/i.test(named)) return named.toLowerCase()
  const all = states.flatMap(({ administrators }) => administrators)
  const skis = new Set(all.filter(({ name }) => name === named).map(({ ski }) => ski))
  const [only] = skis
  if (only !== undefined && skis.size === 1) return only
  throw new CliError(
    'BAD_INPUT',
    skis.size === 0 ? `no administrator is called ${named}` : `${skis.size} administrators are called ${named}`,
    'give the subject key identifier; keywitness tke cryptounit-admins shows it',
  )
}
