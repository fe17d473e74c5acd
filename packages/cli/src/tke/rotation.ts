/** Rotation of the master key: the server re-wraps what is stored, then the units change keys; resumed wherever it stopped. */
import { CliError } from '../cli-error.ts'
import { formatCount } from '../printable.ts'
import { activate } from './activation.ts'
import { demand, demandLeft, theOne } from './agreement.ts'
import { consent, unitLine } from './consent.ts'
import { eachUnit } from './each-unit.ts'
import type { SignedOptions } from './options.ts'
import { readEntries, type TkeSession } from './session.ts'
import { needs, signersFor } from './signing.ts'
import type { Signer } from './signers.ts'
import type { KeyRoll } from './tke-api.ts'
import type { UnitState } from './unit-state.ts'

/** Pause between two looks at how far re-wrapping is. */
const lookMs = 2_000
/** For how long the failure of the rotation before is not taken for one of this. */
const oldNewsMs = 30_000
/** The longest that one command waits without progress. */
const stillMs = 15 * 60_000

/** Every unit of the instance must be among the chosen ones. @throws CliError `BAD_INPUT` */
export function demandAll(session: TkeSession, states: readonly UnitState[]): void {
  const missing = session.entries.filter(({ hsmId }) => !states.some(({ unit }) => unit.entry.hsmId === hsmId))
  if (missing.length === 0) return
  throw new CliError(
    'BAD_INPUT',
    'a rotation changes all crypto units of the instance, and not all are chosen',
    'keywitness tke cryptounit-add',
    missing.map(({ location }) => location),
  )
}

/**
 * Registers are left alone while stored keys are being re-wrapped to what is in them.
 *
 * @throws CliError `BAD_INPUT` when a rotation needs what one of the units holds
 */
export async function demandNoRotation({ api }: TkeSession, states: readonly UnitState[]): Promise<void> {
  const { status, to } = await api.keyRoll()
  const isHeld = states.some(
    ({ newRegister, currentRegister }) => newRegister.pattern === to || currentRegister.pattern === to,
  )
  if (status !== 'started' && !(status === 'rewrapped' && isHeld)) return
  throw new CliError(
    'BAD_INPUT',
    'a rotation of the master key is under way, and needs the registers as they are',
    'finish it first: keywitness tke cryptounit-mk-rotate',
  )
}

/** The current master key that all units have. @throws CliError `BAD_INPUT` when one has none, or another */
export function theCurrentKey(states: readonly UnitState[]): string {
  demand(
    states,
    ({ currentRegister }) => currentRegister.status === 'Valid',
    'crypto units have no current master key',
    'give them the one of the others: keywitness tke auto-recover',
  )
  return theOne(
    states,
    ({ currentRegister }) => currentRegister.pattern,
    'the crypto units have different current master keys',
    'find out why before anything else: keywitness tke cryptounit-compare',
  )
}

const sameNewAdvice = 'load and commit the same key on all: keywitness tke cryptounit-mk-load, then -commit'

/** @throws CliError `BAD_INPUT` with the first precondition that does not hold (TKE reference, section 7) */
function checkReady(states: readonly UnitState[]): { from: string; to: string } {
  demandLeft(states)
  theOne(
    states,
    ({ signatureThreshold }) => signatureThreshold,
    'the crypto units have different signature thresholds',
    'set the same on all: keywitness tke cryptounit-thrhld-set',
  )
  const from = theCurrentKey(states)
  demand(
    states,
    ({ newRegister }) => newRegister.status === 'Full Committed',
    'new master key registers are not full and committed',
    sameNewAdvice,
  )
  const to = theOne(
    states,
    ({ newRegister }) => newRegister.pattern,
    'the new master key registers hold different keys',
    sameNewAdvice,
  )
  if (from !== to) return { from, to }
  throw new CliError(
    'BAD_INPUT',
    'the new master key is the current one',
    'load another: keywitness tke cryptounit-mk-load',
  )
}

/**
 * Checks, asks, and rotates; goes on where an earlier rotation stopped.
 *
 * @param isAgreed what will happen was shown and agreed to already
 */
export async function rotate(
  session: TkeSession,
  options: SignedOptions,
  states: readonly UnitState[],
  isAgreed: boolean,
): Promise<void> {
  const { io, api } = session
  demandAll(session, states)
  const before = await api.keyRoll()
  const isResumed = before.status === 'rewrapped'
  const { from, to } = isResumed ? checkResumed(states, before) : checkReady(states)
  const signers = await signersFor(session, options, states, needs.one)
  if (!isAgreed) {
    await consent(io, options, `Rotates the master key from ${from} to ${to}:`, [
      isResumed
        ? 'stored keys are re-wrapped already; the crypto units change over now:'
        : 'all stored keys are re-wrapped while calls go on; then the crypto units change over:',
      ...states.map(unitLine),
    ])
  }
  if (!isResumed) {
    const started = before.status === 'started' ? before : await api.startKeyRoll()
    // What a broken off rotation said last is still to be heard until this one has come to an end.
    await follow(session, started, 'rewrapped', before.status === 'failed' ? oldNewsMs : 0)
    io.err.write('All stored keys are re-wrapped.\n')
  }
  await changeOver(session, options, states, to, signers)
  await follow(session, await api.keyRoll(), 'finished', 0)
  io.err.write(`The rotation is finished; the master key is ${to}.\n`)
}

/** The registers were read before the re-wrapping, which takes long: what each unit has now decides. */
async function changeOver(
  session: TkeSession,
  options: SignedOptions,
  states: readonly UnitState[],
  to: string,
  signers: readonly Signer[],
): Promise<void> {
  const now = await readEntries(
    session,
    states.map(({ unit }) => unit.entry),
  )
  demandAboutTo(now, to)
  await eachUnit(session.io, options, 'changing over to the new master key', now, (state) => activate(state, signers))
}

/** After re-wrapping: each unit is about to change over, or has. */
function checkResumed(states: readonly UnitState[], { from, to }: KeyRoll): { from: string; to: string } {
  demandLeft(states)
  demandAboutTo(states, to)
  return { from, to }
}

function demandAboutTo(states: readonly UnitState[], to: string): void {
  demand(
    states,
    ({ newRegister, currentRegister }) =>
      (newRegister.status === 'Full Committed' && newRegister.pattern === to) ||
      (newRegister.status === 'Empty' && currentRegister.pattern === to),
    `stored keys are wrapped under ${to} already, and crypto units neither have that key nor are about to get it`,
    'load and commit it there with --unit: keywitness tke cryptounit-mk-load, then -commit, then this again',
  )
}

/** Waits until the server says it is that far. @throws CliError `REFUSED`, `NOT_IN_TIME` */
async function follow(
  session: TkeSession,
  first: KeyRoll,
  until: 'rewrapped' | 'finished',
  patienceMs: number,
): Promise<void> {
  const { io, api } = session
  let roll = first
  let still = 0
  let waited = 0
  for (;;) {
    if (roll.status === until || roll.status === 'finished') return
    const isFailed = roll.status === 'failed' && waited >= patienceMs
    if (isFailed || (roll.status === 'none' && until === 'rewrapped')) {
      throw new CliError(
        'REFUSED',
        `the rotation stopped: ${roll.message || roll.status}`,
        'what is stored stays usable, and no crypto unit has changed over; when the cause is gone, run the same command again',
      )
    }
    if (roll.status === 'none') return
    if (still >= stillMs) {
      throw new CliError(
        'NOT_IN_TIME',
        `the server makes no progress: ${roll.status}, ${formatCount(roll.rewrapped)} of ${formatCount(roll.total)}`,
        'run the same command again: it goes on where it stopped',
      )
    }
    await io.wait(lookMs)
    waited += lookMs
    const next = await api.keyRoll()
    still = next.rewrapped === roll.rewrapped && next.status === roll.status ? still + lookMs : 0
    if (io.err.isTerminal && next.rewrapped !== roll.rewrapped) {
      io.err.write(`re-wrapped ${formatCount(next.rewrapped)} of ${formatCount(next.total)}\n`)
    }
    roll = next
  }
}
