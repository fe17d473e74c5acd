/** `keywitness tke cryptounit-thrhld-set` and `cryptounit-confirm`: how many must sign, and that a state is the right one. */
import type { Command } from 'commander'
import { examples, wholeNumber } from '../command-options.ts'
import { formatNumberOf } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { configurationWith, confirmState, setThresholds } from '../tke/administration.ts'
import { demand } from '../tke/agreement.ts'
import {
  administratorLines,
  type Configuration,
  configurationLines,
  configurationOf,
  permissionDangersOf,
} from '../tke/configuration.ts'
import { acceptDangers, consent, givenNumber, unitLine } from '../tke/consent.ts'
import { eachUnit } from '../tke/each-unit.ts'
import { type SignedOptions, withSigning } from '../tke/options.ts'
import { permissionText } from '../tke/permissions.ts'
import { openTke, readChosen, readForCommand } from '../tke/session.ts'
import { needs, signersFor } from '../tke/signing.ts'
import { checkThresholds, thresholdDangers } from '../tke/thresholds.ts'
import type { UnitState } from '../tke/unit-state.ts'

interface Options extends SignedOptions {
  readonly signature?: number
  readonly revocation?: number
}

const bounds = { low: 1, high: 8 }

export function addTkeThresholds(tke: Command, io: Surroundings): void {
  const number = wholeNumber(bounds.low, bounds.high)
  for (const [name, description] of [
    ['cryptounit-thrhld-set', 'set both signature thresholds; in imprint mode that ends it'],
    ['cryptounit-exit-impr', 'leave imprint mode: the older name of cryptounit-thrhld-set'],
  ] as const) {
    const command = withSigning(tke.command(name))
      .description(description)
      .option('--signature <number>', 'how many must sign what changes a unit', number)
      .option('--revocation <number>', 'how many must sign the removal of an administrator', number)
      .action((options: Options) => set(io, options))
    examples(command, `tke ${name} --signature 2 --revocation 2`)
  }

  const confirm = withSigning(tke.command('cryptounit-confirm'))
    .description('vouch for the state of units that are stale: it is repeated, signed by the signature threshold')
    .action((options: SignedOptions) => confirmUnits(io, options))
  examples(confirm, 'tke cryptounit-confirm --unit 1 --key 1 --key 2')
}

async function set(io: Surroundings, options: Options): Promise<void> {
  const session = await openTke(io, options)
  const states = await readForCommand(session, options.unit)
  const signature = await givenNumber(io, options.signature, 'Signature threshold', '--signature', bounds)
  const revocation = await givenNumber(io, options.revocation, 'Revocation threshold', '--revocation', bounds)
  const thresholds = { signature, revocation }
  for (const { administrators } of states) checkThresholds(thresholds, administrators.length)
  const fewest = Math.min(...states.map(({ administrators }) => administrators.length))
  const shown = new Map(states.map((state) => [state, configurationWith(state, thresholds)]))
  await acceptDangers(io, options, [...thresholdDangers(thresholds, fewest), ...permissionDangersOf(shown)])
  // Leaving imprint mode takes the threshold that is coming, every other change the one there is.
  const signers = await signersFor(session, options, states, (state) =>
    state.isImprint ? signature : state.signatureThreshold,
  )
  const title = `Sets the signature threshold to ${signature} and the revocation threshold to ${revocation} on:`
  await consent(
    io,
    options,
    title,
    [...shown].flatMap(([state, next]) => [
      `${unitLine(state)}  ${fromText(state)}`,
      ...permissionLines(state, next),
      ...administratorLines(state.administrators),
    ]),
  )
  await eachUnit(io, options, 'setting the thresholds', states, (state) =>
    setThresholds(state, thresholds, shown.get(state) ?? configurationOf(state), signers),
  )
}

function fromText({ isImprint, signatureThreshold, revocationThreshold, administrators }: UnitState): string {
  const before = isImprint ? 'leaves imprint mode' : `until now ${signatureThreshold} and ${revocationThreshold}`
  return `${before}, ${formatNumberOf(administrators.length, 'administrator')}`
}

function permissionLines(state: UnitState, { permissions: next }: Configuration): string[] {
  const { permissions } = configurationOf(state)
  return [
    `   permissions ${permissionText(next)}`,
    ...(permissions === next ? [] : [`   until now   ${permissionText(permissions)}`]),
  ]
}

async function confirmUnits(io: Surroundings, options: SignedOptions): Promise<void> {
  const session = await openTke(io, options)
  const states = await readChosen(session, options.unit)
  demand(
    states,
    ({ isImprint }) => !isImprint,
    'nobody can vouch for crypto units in imprint mode: they have no administrators whose signatures count',
    'zeroize them: keywitness tke cryptounit-zeroize',
  )
  const signers = await signersFor(session, options, states, needs.signature)
  await consent(
    io,
    options,
    'Vouches that this is the right state of:',
    states.flatMap((state) => [
      unitLine(state),
      ...configurationLines(configurationOf(state)),
      `   current master key ${state.currentRegister.status}  ${state.currentRegister.pattern}`,
      `   new master key     ${state.newRegister.status}  ${state.newRegister.pattern}`,
    ]),
  )
  await eachUnit(io, options, 'confirming', states, (state) => confirmState(state, signers))
}
