/** `keywitness tke cryptounit-mk-rotate` and `auto-mk-rotate`: another master key, and everything stored under it. */
import { permissions } from '@keywitness/crypto-unit/tke/attributes'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples } from '../command-options.ts'
import type { Surroundings } from '../surroundings.ts'
import { demand, demandLeft, theOne } from '../tke/agreement.ts'
import { configurationLines, configurationOf, demandPermitted, demandSameAdministrators } from '../tke/configuration.ts'
import { consent, unitLine } from '../tke/consent.ts'
import { eachUnit, type Step } from '../tke/each-unit.ts'
import { copyKey } from '../tke/key-transfer.ts'
import { type SignedOptions, withSigning } from '../tke/options.ts'
import { demandAll, rotate, theCurrentKey } from '../tke/rotation.ts'
import { demandFresh, openTke, readEntries, readForCommand, type TkeSession } from '../tke/session.ts'
import { needs, signersFor } from '../tke/signing.ts'
import type { Signer } from '../tke/signers.ts'
import { readAgain, readRegisters, type UnitState } from '../tke/unit-state.ts'

export function addTkeRotation(tke: Command, io: Surroundings): void {
  const command = withSigning(tke.command('cryptounit-mk-rotate'))
    .description(
      're-wrap all stored keys to the committed new master key, then make it the current one; can be resumed',
    )
    .action(async (options: SignedOptions) => {
      const session = await openTke(io, options)
      await rotate(session, options, await readForCommand(session, options.unit), false)
    })
  examples(command, 'tke cryptounit-mk-rotate --key 1')

  const automatic = withSigning(tke.command('auto-mk-rotate'), 'all')
    .description('the same with a random new master key that a recovery unit makes and that no person ever sees')
    .action((options: SignedOptions) => rotateByRecovery(io, options))
  examples(automatic, 'tke auto-mk-rotate --key 1 --key 2')
}

/** All units of the instance: those named, else every one. */
async function readAll(session: TkeSession, options: SignedOptions): Promise<UnitState[]> {
  if (options.unit !== undefined) return readForCommand(session, options.unit)
  demandFresh(session.entries)
  return readEntries(session, session.entries)
}

async function rotateByRecovery(io: Surroundings, options: SignedOptions): Promise<void> {
  const session = await openTke(io, options)
  const states = await readAll(session, options)
  demandAll(session, states)
  demandLeft(states)
  const roll = await session.api.keyRoll()
  if (roll.status === 'rewrapped') return rotate(session, options, states, false)
  const source = sourceOf(states)
  demandPermitted(source, permissions.RANDOM | permissions.EXPORT)
  demandSameAdministrators(source, states)
  theOne(
    states,
    ({ signatureThreshold }) => signatureThreshold,
    'the crypto units have different signature thresholds',
    'set the same on all: keywitness tke cryptounit-thrhld-set',
  )
  const signers = await signersFor(session, options, states, needs.signature)
  await consent(io, options, 'Rotates the master key to a random one that is made in a recovery unit:', [
    ...[source, ...states.filter((state) => state !== source)].flatMap((state) => [
      `${unitLine(state)}  ${state === source ? 'makes the key' : 'gets it'}`,
      ...configurationLines(configurationOf(state)),
    ]),
    'then all stored keys are re-wrapped while calls go on, and the crypto units change over',
  ])
  await spread(session, options, states, source, signers)
  const now: UnitState[] = []
  for (const state of states) now.push(await readAgain(state))
  await rotate(session, options, now, true)
}

/** The recovery unit that makes the key, or has made it before an earlier try stopped. @throws CliError `BAD_INPUT` */
function sourceOf(states: readonly UnitState[]): UnitState {
  const recovery = states.filter(({ unit }) => unit.entry.kind === 'recovery')
  const source = recovery.find(({ newRegister }) => newRegister.status !== 'Empty') ?? recovery[0]
  if (source === undefined) {
    throw new CliError('BAD_INPUT', 'the instance has no recovery unit', 'use keywitness tke cryptounit-mk-rotate')
  }
  theCurrentKey(states)
  demand(
    states,
    ({ newRegister }) => newRegister.status === 'Empty' || newRegister.pattern === source.newRegister.pattern,
    'new master key registers hold something already',
    'clear them first: keywitness tke cryptounit-mk-clrnew',
  )
  return source
}

/** Makes the key, copies it to all other units, commits it everywhere; what is there from an earlier try stays. */
async function spread(
  session: TkeSession,
  options: SignedOptions,
  states: readonly UnitState[],
  source: UnitState,
  signers: readonly Signer[],
): Promise<void> {
  const [first] = signers
  let pattern = source.newRegister.pattern
  if (source.newRegister.status === 'Empty' && first !== undefined) {
    await source.unit.command('RANDOM', Buffer.alloc(0), [first])
    pattern = (await readRegisters(source.unit)).newRegister.pattern
  }
  const order = [source, ...states.filter((state) => state !== source)]
  const inner = { ...options, isPhase: true }
  await eachUnit(session.io, inner, 'giving out the new master key', order, async (state): Promise<Step> => {
    const { unit, newRegister } = state
    if (newRegister.status === 'Full Committed') return { isAlready: true, note: 'it has the new master key' }
    if (state !== source && newRegister.status === 'Empty') {
      await copyKey(source, 'new', state, signers, pattern)
    }
    await unit.command('COMMIT', Buffer.from(pattern, 'hex'), signers)
    return { note: 'has the new master key' }
  })
}
