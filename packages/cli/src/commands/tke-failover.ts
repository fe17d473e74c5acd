/** `keywitness tke failover-enable`: failover units, which stand by in another location for the operational ones. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, withInstance, wholeNumber } from '../command-options.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { consent, given, givenNumber } from '../tke/consent.ts'
import { type UnitOptions, withOutput } from '../tke/options.ts'
import { openTke, type TkeSession } from '../tke/session.ts'
import { regionOf, type UnitEntry, type UnitKind } from '../tke/tke-api.ts'
import { printUnits } from './tke-units.ts'

interface Options extends UnitOptions {
  readonly number?: number
  readonly region?: string
}

const countMin = 2
const countMax = 3

export function addTkeFailover(tke: Command, io: Surroundings): void {
  const command = withOutput(withInstance(tke.command('failover-enable')))
    .description(
      'add failover units in another location: they stand by, and serve once no operational unit has the master key',
    )
    .option('--number <number>', '2 or 3, at most as many as operational units', wholeNumber(countMin, countMax))
    .option('--region <location>', 'the location that they are to be in')
    .option('--yes', 'do it without asking')
    .action((options: Options) => enable(io, options))
  examples(command, 'tke failover-enable', 'tke failover-enable --number 2 --region us-east --yes')
}

async function enable(io: Surroundings, options: Options): Promise<void> {
  const session = await openTke(io, options)
  const operational = unitsOf(session, 'operational')
  demandNone(unitsOf(session, 'failover'))
  const bounds = { low: countMin, high: Math.min(countMax, operational.length) }
  const number = await givenNumber(io, options.number, `Failover units (${rangeText(bounds)})`, '--number', bounds)
  if (number > bounds.high) {
    throw new CliError('BAD_INPUT', `there are only ${operational.length} operational crypto units`, 'give --number 2')
  }
  const own = new Set(operational.map(regionOf))
  const regions = (await session.api.backupRegions()).filter((region) => !own.has(region))
  const region = await given(io, options.region, `Location (${regions.join(', ')})`, '--region')
  if (!regions.includes(region)) {
    throw new CliError(
      'BAD_INPUT',
      `failover units cannot be in ${printable(region)}`,
      'choose a location of the server that is not the one of the instance',
      regions,
    )
  }
  await consent(io, options, `Adds ${number} failover crypto units in ${region} to instance ${session.api.instance}:`, [
    'they begin in imprint mode: nobody administers them, and they have no master key',
    'until they are set up like the other units, the master key of the instance cannot be rotated',
    'then they stand by, and serve once none of these has the master key:',
    ...operational.map(({ number: at, location }) => `${at}  ${location}`),
    'they stay with the instance: none is taken away again',
  ])
  await session.api.enableFailover(region, number)
  const entries = await session.api.units()
  await printUnits({ ...session, entries }, options)
  const added = entries.filter(({ kind }) => kind === 'failover').map((unit) => `--unit ${unit.number}`)
  io.err.write(
    'Set them up: keywitness tke auto-init with the thresholds and administrators that the other units have, or ' +
      `cryptounit-admin-add, cryptounit-thrhld-set and auto-recover with ${added.join(' ')}.\n`,
  )
}

function unitsOf({ entries }: TkeSession, kind: UnitKind): UnitEntry[] {
  return entries.filter((entry) => entry.kind === kind)
}

function rangeText({ low, high }: { readonly low: number; readonly high: number }): string {
  return high > low ? `${low} or ${high}` : String(low)
}

function demandNone(present: readonly UnitEntry[]): void {
  if (present.length === 0) return
  throw new CliError(
    'BAD_INPUT',
    'the instance has failover crypto units already',
    'keywitness tke cryptounits lists them',
    present.map(({ location }) => location),
  )
}
