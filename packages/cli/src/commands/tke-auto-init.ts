/** `keywitness tke auto-init`: all units of an instance from imprint mode to one random master key, by its recovery units. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, several, wholeNumber } from '../command-options.ts'
import type { Surroundings } from '../surroundings.ts'
import { addAdministrator, configurationWith, setThresholds } from '../tke/administration.ts'
import {
  administratorLines,
  type Configuration,
  configurationOf,
  demandConfiguration,
  demandInstalled,
  permissionDangersOf,
} from '../tke/configuration.ts'
import { acceptDangers, consent, givenNumber, unitLine } from '../tke/consent.ts'
import { eachUnit, type Step } from '../tke/each-unit.ts'
import { giveCurrentKey } from '../tke/key-transfer.ts'
import { type NamedKey, namedKeys } from '../tke/new-administrators.ts'
import { type SignedOptions, withAllUnits, withPasswords } from '../tke/options.ts'
import { permissionText } from '../tke/permissions.ts'
import { demandFresh, openTke, readEntries, type TkeSession } from '../tke/session.ts'
import type { Signer } from '../tke/signers.ts'
import { checkThresholds, thresholdDangers, type Thresholds } from '../tke/thresholds.ts'
import { readAgain, type UnitState } from '../tke/unit-state.ts'

interface Options extends SignedOptions {
  readonly signature?: number
  readonly revocation?: number
  readonly admin?: readonly string[]
}

const bounds = { low: 1, high: 8 }

export function addTkeInitialisation(tke: Command, io: Surroundings): void {
  const number = wholeNumber(bounds.low, bounds.high)
  const command = withPasswords(withAllUnits(tke.command('auto-init')))
    .description(
      'initialise all units of an instance that are in imprint mode: administrators, thresholds, and a random master ' +
        'key that a recovery unit makes and that no person ever sees; can be run again where it stopped',
    )
    .option('--signature <number>', 'how many must sign what changes a unit', number)
    .option('--revocation <number>', 'how many must sign the removal of an administrator', number)
    .option('--admin <key>', 'the signature key of an administrator; given for each', several)
    .option('--yes', 'do it without asking')
    .action((options: Options) => initialise(io, options))
  examples(command, 'tke auto-init --signature 2 --revocation 2 --admin 1 --admin 2 --admin 3')
}

async function initialise(io: Surroundings, options: Options): Promise<void> {
  const session = await openTke(io, options)
  demandFresh(session.entries)
  const states = await readEntries(session, session.entries)
  const recovery = giverAmong(states)
  if (recovery === undefined) {
    throw new CliError('BAD_INPUT', 'the instance has no recovery unit', 'use key parts: keywitness tke mk-add')
  }
  const signature = await givenNumber(io, options.signature, 'Signature threshold', '--signature', bounds)
  const revocation = await givenNumber(io, options.revocation, 'Revocation threshold', '--revocation', bounds)
  const thresholds = { signature, revocation }
  const administrators = await namedKeys(session, options.admin)
  checkThresholds(thresholds, administrators.length)
  demandUntouchedOrBegun(states, thresholds, administrators)
  const shown = new Map(states.map((state) => [state, configurationToBe(state, thresholds, administrators)]))
  const dangers = [...thresholdDangers(thresholds, administrators.length), ...permissionDangersOf(shown)]
  await acceptDangers(io, options, dangers)
  await consent(io, options, 'Initialises:', [
    ...[...shown].flatMap(([state, { permissions }]) => [
      `${unitLine(state)}${state.isImprint ? '' : '  is set up like this already'}`,
      `   permissions ${permissionText(permissions)}`,
    ]),
    `with a signature threshold of ${signature}, a revocation threshold of ${revocation}, and the administrators:`,
    ...administratorLines(administrators),
    recovery.currentRegister.status === 'Valid'
      ? `then all get the master key ${recovery.currentRegister.pattern} of ${recovery.unit.location}`
      : `then ${recovery.unit.location} makes a random master key, and all others get it`,
  ])
  await administer(session, options, shown, thresholds, administrators)
  const signers = administrators.slice(0, signature).map(({ signer }) => signer)
  await spread(session, options, shown, signers)
}

/** The recovery unit whose master key all units get: the first that holds one, else the first, which makes it. */
function giverAmong(states: readonly UnitState[]): UnitState | undefined {
  const recovery = states.filter(({ unit }) => unit.entry.kind === 'recovery')
  return recovery.find(({ currentRegister }) => currentRegister.status === 'Valid') ?? recovery[0]
}

/** As each unit must be before a master key goes there. */
type Shown = ReadonlyMap<UnitState, Configuration>

function configurationToBe(
  state: UnitState,
  thresholds: Thresholds,
  administrators: readonly NamedKey[],
): Configuration {
  return state.isImprint ? configurationWith(state, thresholds, administrators) : configurationOf(state)
}

/** Units are in imprint mode and empty, or as an earlier try of the same left them. @throws CliError `BAD_INPUT` */
function demandUntouchedOrBegun(
  states: readonly UnitState[],
  { signature, revocation }: Thresholds,
  administrators: readonly NamedKey[],
): void {
  const wanted = administrators.map(({ ski }) => ski)
  const others = states.filter((state) => {
    const installed = state.administrators.map(({ ski }) => ski)
    if (state.isImprint) return installed.some((ski) => !wanted.includes(ski))
    const isBegun = state.signatureThreshold === signature && state.revocationThreshold === revocation
    return !isBegun || installed.length !== wanted.length || installed.some((ski) => !wanted.includes(ski))
  })
  if (others.length === 0) return
  throw new CliError(
    'BAD_INPUT',
    'crypto units are configured already, and not like this',
    'zeroize them first, which destroys their master keys: keywitness tke cryptounit-zeroize',
    others.map(({ unit }) => unit.location),
  )
}

async function administer(
  session: TkeSession,
  options: Options,
  shown: Shown,
  thresholds: Thresholds,
  administrators: readonly NamedKey[],
): Promise<void> {
  const signers = administrators.slice(0, thresholds.signature).map(({ signer }) => signer)
  const phase = { ...options, isPhase: true }
  const states = [...shown.keys()]
  const skis = administrators.map(({ ski }) => ski)
  await eachUnit(session.io, phase, 'installing administrators', states, async (state): Promise<Step> => {
    if (!state.isImprint) return { isAlready: true, note: 'administrators and thresholds are set' }
    for (const { ski, certificate } of administrators) await addAdministrator(state, ski, certificate, [])
    // Nobody signs in imprint mode: what was sent need not be what is installed.
    const installed = await readAgain(state)
    demandInstalled(installed, skis)
    await setThresholds(installed, thresholds, shown.get(state) ?? configurationOf(installed), signers)
    return { note: 'administrators and thresholds are set' }
  })
}

/**
 * The first master key that a recovery unit holds, or makes now, goes to all others. What people were shown must hold for
 * every unit before that: in imprint mode anybody could have changed it.
 */
async function spread(session: TkeSession, options: Options, shown: Shown, signers: readonly Signer[]): Promise<void> {
  const [first] = signers
  const states: UnitState[] = []
  for (const [before, configuration] of shown) {
    const state = await readAgain(before)
    demandConfiguration(state, configuration)
    states.push(state)
  }
  let source = giverAmong(states)
  if (source === undefined || first === undefined) return
  const held = new Set(
    states
      .filter(({ currentRegister }) => currentRegister.status === 'Valid')
      .map((state) => state.currentRegister.pattern),
  )
  if (held.size > (source.currentRegister.status === 'Valid' ? 1 : 0)) {
    throw new CliError(
      'BAD_INPUT',
      'crypto units hold master keys that the recovery unit does not hold',
      'find out why before anything else: keywitness tke cryptounit-compare',
    )
  }
  if (source.currentRegister.status === 'Empty') {
    await source.unit.command('RANDOM', Buffer.alloc(0), [first])
    source = await readAgain(source)
  }
  const giver = source
  await eachUnit(session.io, options, 'giving out the master key', states, (state) =>
    giveCurrentKey(giver, state, signers),
  )
}
