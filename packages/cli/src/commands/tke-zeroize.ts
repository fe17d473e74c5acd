/** `keywitness tke cryptounit-zeroize`: everything in a crypto unit is destroyed, and it is in imprint mode again. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, several } from '../command-options.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { consent, unitLine } from '../tke/consent.ts'
import { eachUnit, type Step } from '../tke/each-unit.ts'
import { type SignedOptions, withSigning } from '../tke/options.ts'
import { openTke, readChosen } from '../tke/session.ts'
import { needs, signersFor } from '../tke/signing.ts'
import type { UnitState } from '../tke/unit-state.ts'

interface Options extends SignedOptions {
  readonly location?: readonly string[]
}

export function addTkeZeroize(tke: Command, io: Surroundings): void {
  const command = withSigning(tke.command('cryptounit-zeroize'))
    .description('destroy master keys, administrators and thresholds of units; each location must be typed or given')
    .option('--location <location>', 'the location of a unit that is meant; may be given several times', several)
    .action((options: Options) => zeroize(io, options))
  examples(
    command,
    'tke cryptounit-zeroize --unit 2 --key 1',
    'tke cryptounit-zeroize --unit 2 --location [us-south].[AZ2-SOFT].[01].[03] --yes',
  )
}

async function zeroize(io: Surroundings, options: Options): Promise<void> {
  const session = await openTke(io, options)
  const states = await readChosen(session, options.unit)
  const signers = await signersFor(session, options, states, needs.zeroize)
  await consent(
    io,
    { yes: true },
    'Destroys master keys, administrators and thresholds of:',
    states.map((state) => `${unitLine(state)}  current master key ${state.currentRegister.pattern}`),
  )
  io.err.write('What is stored under a master key is lost with it, unless another unit or the key parts have it.\n')
  for (const state of states) await demandLocation(io, options, state)
  await eachUnit(io, options, 'zeroizing', states, async ({ unit, isImprint }): Promise<Step> => {
    await unit.command('ZEROIZE', Buffer.alloc(0), isImprint ? [] : signers)
    return {}
  })
}

/** Nobody destroys a unit by a habit of pressing y. */
async function demandLocation(io: Surroundings, options: Options, { unit }: UnitState): Promise<void> {
  if (options.location?.includes(unit.location) === true) return
  const typed = await io.askText?.(`To zeroize it, type the location ${unit.location}: `)
  if (typed === unit.location) return
  throw new CliError(
    'BAD_INPUT',
    `${printable(unit.location)} was not typed: nothing was zeroized`,
    `if that is meant, add --location ${printable(unit.location)}`,
  )
}
