/** `keywitness tke auto-recover`: the master key that a recovery unit holds, copied into units that lost theirs. */
import { permissions } from '@keywitness/crypto-unit/tke/attributes'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples } from '../command-options.ts'
import type { Surroundings } from '../surroundings.ts'
import { unusable } from '../tke/activation.ts'
import { demandLeft, theOne } from '../tke/agreement.ts'
import { configurationLines, configurationOf, demandPermitted, demandSameAdministrators } from '../tke/configuration.ts'
import { acceptDangers, consent, unitLine } from '../tke/consent.ts'
import { eachUnit } from '../tke/each-unit.ts'
import { giveCurrentKey } from '../tke/key-transfer.ts'
import { type SignedOptions, withSigning } from '../tke/options.ts'
import { demandFresh, entryOf, openTke, readEntries, type TkeSession } from '../tke/session.ts'
import { needs, signersFor } from '../tke/signing.ts'
import type { UnitState } from '../tke/unit-state.ts'

interface Options extends SignedOptions {
  readonly source?: string
}

export function addTkeRecovery(tke: Command, io: Surroundings): void {
  const command = withSigning(
    tke.command('auto-recover').alias('auto-mk-recover'),
    'all that have another master key or none',
  )
    .description('copy the current master key of a recovery unit into other units')
    .option('--source <unit>', 'the recovery unit (default: the first that has a master key)')
    .action((options: Options) => recover(io, options))
  examples(command, 'tke auto-recover --unit 2 --key 1 --key 2', 'tke auto-recover --source 3 --unit 1 --unit 2')
}

async function recover(io: Surroundings, options: Options): Promise<void> {
  const session = await openTke(io, options)
  const source = await sourceOf(session, options)
  const { pattern } = source.currentRegister
  const targets = await targetsOf(session, options, source)
  const all = [source, ...targets]
  demandLeft(all)
  theOne(
    all,
    ({ signatureThreshold }) => signatureThreshold,
    'the crypto units have different signature thresholds',
    'set the same on all: keywitness tke cryptounit-thrhld-set',
  )
  demandPermitted(source, permissions.EXPORT)
  demandSameAdministrators(source, targets)
  const others = targets.filter(({ currentRegister }) => currentRegister.pattern !== pattern)
  if (others.some(({ currentRegister }) => currentRegister.status === 'Valid')) {
    await acceptDangers(io, options, [unusable])
  }
  const signers = others.length === 0 ? [] : await signersFor(session, options, [source, ...others], needs.signature)
  await consent(io, options, `Copies master key ${pattern} of ${source.unit.location} into:`, [
    ...targets.flatMap((target) => [unitLine(target), ...configurationLines(configurationOf(target))]),
    'out of:',
    unitLine(source),
    ...configurationLines(configurationOf(source)),
  ])
  await eachUnit(io, options, 'recovering', targets, (state) => giveCurrentKey(source, state, signers))
}

async function sourceOf(session: TkeSession, { source }: Options): Promise<UnitState> {
  const candidates =
    source === undefined ? session.entries.filter(({ kind }) => kind === 'recovery') : [entryOf(session, source)]
  const states = await readEntries(session, candidates)
  const found = states.find(({ currentRegister }) => currentRegister.status === 'Valid')
  if (found === undefined) {
    throw new CliError(
      'BAD_INPUT',
      candidates.length === 0 ? 'the instance has no recovery unit' : 'no recovery unit holds a master key',
      'load the key parts instead: keywitness tke cryptounit-mk-load',
    )
  }
  if (found.unit.entry.kind === 'recovery') return found
  throw new CliError('BAD_INPUT', `${found.unit.location} is no recovery unit, and gives its master key to nobody`)
}

async function targetsOf(session: TkeSession, { unit }: Options, source: UnitState): Promise<UnitState[]> {
  const { entry } = source.unit
  const entries = unit === undefined ? session.entries : unit.map((name) => entryOf(session, name))
  const others = [...new Set(entries)].filter((one) => one !== entry)
  demandFresh([entry, ...others])
  const states = await readEntries(session, others)
  const targets =
    unit === undefined
      ? states.filter(({ currentRegister }) => currentRegister.pattern !== source.currentRegister.pattern)
      : states
  if (targets.length > 0) return targets
  throw new CliError(
    'BAD_INPUT',
    'no other crypto unit needs the master key',
    'keywitness tke cryptounit-mk shows them',
  )
}
