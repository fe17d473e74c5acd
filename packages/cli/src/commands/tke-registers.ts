/** `keywitness tke cryptounit-mk-load`, `-commit`, `-setimm`, `-clrnew`, `-clrcur`: master keys into and out of registers. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, several } from '../command-options.ts'
import type { Surroundings } from '../surroundings.ts'
import { activate, unusable } from '../tke/activation.ts'
import { demand, demandLeft, theOne } from '../tke/agreement.ts'
import { configurationLines, configurationOf } from '../tke/configuration.ts'
import { acceptDangers, consent, givenWords, unitLine } from '../tke/consent.ts'
import { eachUnit, type Step } from '../tke/each-unit.ts'
import { isSameList, loadParts, partPasswords } from '../tke/key-transfer.ts'
import { type KeyPartFile, readKeyPart } from '../tke/key-part-files.ts'
import { type SignedOptions, withSigning } from '../tke/options.ts'
import { demandNoRotation } from '../tke/rotation.ts'
import { openTke, readForCommand } from '../tke/session.ts'
import { needs, openAll, signersFor, signingKeys } from '../tke/signing.ts'
import { readPartPatterns, type UnitState } from '../tke/unit-state.ts'

interface LoadOptions extends SignedOptions {
  readonly part?: readonly string[]
}

export function addTkeRegisters(tke: Command, io: Surroundings): void {
  const load = withSigning(tke.command('cryptounit-mk-load'))
    .description('load 2 or 3 key parts into the new master key registers; each is signed for by one administrator')
    .option('--part <number>', 'a key part; given two or three times, signed for by the keys in turn', several)
    .action((options: LoadOptions) => loadKey(io, options))
  examples(load, 'tke cryptounit-mk-load --part 1 --part 2 --part 3 --key 1 --key 2 --key 3')

  const commit = withSigning(tke.command('cryptounit-mk-commit'))
    .description('commit the new master key registers, signed by as many as the signature threshold says')
    .action((options: SignedOptions) => commitKey(io, options))
  examples(commit, 'tke cryptounit-mk-commit --key 1 --key 2')

  const immediate = withSigning(tke.command('cryptounit-mk-setimm'))
    .description('make the committed master keys the current ones, without re-wrapping what is stored')
    .action((options: SignedOptions) => activateKey(io, options))
  examples(immediate, 'tke cryptounit-mk-setimm --key 1')

  const clearNew = withSigning(tke.command('cryptounit-mk-clrnew'))
    .description('clear the new master key registers')
    .action((options: SignedOptions) => clear(io, options, 'new'))
  examples(clearNew, 'tke cryptounit-mk-clrnew --key 1')

  const clearCurrent = withSigning(tke.command('cryptounit-mk-clrcur'))
    .description('clear the current master key registers: stored keys open only when the same master key comes back')
    .action((options: SignedOptions) => clear(io, options, 'current'))
  examples(clearCurrent, 'tke cryptounit-mk-clrcur --key 1 --accept keys-become-unusable')
}

async function loadKey(io: Surroundings, options: LoadOptions): Promise<void> {
  const session = await openTke(io, options)
  const states = await readForCommand(session, options.unit)
  demandLeft(states)
  await demandNoRotation(session, states)
  const numbers = await givenWords(io, options.part, 'Numbers of 2 or 3 key parts', '--part')
  const parts = await partsOf(numbers, (number) => readKeyPart(session.folder, number))
  const overwritten = states.filter(({ newRegister }) => newRegister.status !== 'Empty')
  // One signature for each part; when several keys are chosen, the holders sign for their parts in turn.
  const keys = (await signingKeys(session, options, states, needs.one)).slice(0, parts.length)
  const signers = await openAll(keys)
  const passwords = await partPasswords(session.passwords, parts)
  await consent(io, options, 'Loads a master key into the new register of:', [
    ...states.flatMap((state) => [
      `${unitLine(state)}${overwritten.includes(state) ? '  replaces the key that is in it' : ''}`,
      ...configurationLines(configurationOf(state)),
    ]),
    'made of the parts:',
    ...parts.map(({ name, description, pattern }, at) => {
      const key = keys[at % Math.max(1, keys.length)]
      return `${name}  ${description}  ${pattern}  signed for by key ${key?.id ?? ''}`
    }),
  ])
  await eachUnit(io, options, 'loading the master key', states, async (state): Promise<Step> => {
    const { unit, newRegister, currentRegister } = state
    if (newRegister.status !== 'Empty') {
      const loaded = await readPartPatterns(unit)
      const given = parts.map(({ pattern }) => pattern)
      if (loaded !== undefined && isSameList(loaded, given)) return { isAlready: true, note: newRegister.pattern }
    }
    const turn = parts.map((_, at) => signers[at % signers.length]).filter((signer) => signer !== undefined)
    const pattern = await loadParts(unit, session.folder, parts, passwords, turn)
    const isCurrent = pattern === currentRegister.pattern
    return { note: isCurrent ? `${pattern} which is the current master key already` : pattern }
  })
}

async function partsOf(
  numbers: readonly string[],
  read: (number: number) => Promise<KeyPartFile>,
): Promise<KeyPartFile[]> {
  if (numbers.length < 2 || numbers.length > 3) {
    throw new CliError('BAD_INPUT', 'a master key is loaded in 2 or 3 parts', 'give --part for each')
  }
  const parts: KeyPartFile[] = []
  for (const number of numbers) {
    if (!/^\d{1,4}$/.test(number)) throw new CliError('BAD_INPUT', 'key parts are given by their numbers')
    parts.push(await read(Number(number)))
  }
  const patterns = new Set(parts.map(({ pattern }) => pattern))
  if (patterns.size === parts.length) return parts
  throw new CliError('BAD_INPUT', 'two of the key parts are the same, which cancel each other', 'give different ones')
}

async function commitKey(io: Surroundings, options: SignedOptions): Promise<void> {
  const session = await openTke(io, options)
  const states = await readForCommand(session, options.unit)
  demandLeft(states)
  demand(
    states,
    ({ newRegister }) => newRegister.status !== 'Empty',
    'new master key registers are empty',
    'load them first: keywitness tke cryptounit-mk-load',
  )
  const pattern = sameNewPattern(states)
  const open = states.filter(({ newRegister }) => newRegister.status === 'Full Uncommitted')
  const signers = await signersFor(session, options, open, needs.signature)
  await consent(io, options, `Commits the new master key ${pattern} on:`, states.map(unitLine))
  await eachUnit(io, options, 'committing', states, async ({ unit, newRegister }): Promise<Step> => {
    if (newRegister.status === 'Full Committed') return { isAlready: true, note: 'it is committed' }
    await unit.command('COMMIT', Buffer.from(newRegister.pattern, 'hex'), signers)
    return {}
  })
}

function sameNewPattern(states: readonly UnitState[]): string {
  return theOne(
    states,
    ({ newRegister }) => newRegister.pattern,
    'the new master key registers hold different keys',
    'load the same parts into all of them: keywitness tke cryptounit-mk-load',
  )
}

async function activateKey(io: Surroundings, options: SignedOptions): Promise<void> {
  const session = await openTke(io, options)
  const states = await readForCommand(session, options.unit)
  demandLeft(states)
  const open = states.filter(({ newRegister }) => newRegister.status !== 'Empty')
  const pattern = open.length === 0 ? undefined : sameNewPattern(open)
  // A unit whose new register is empty had its turn, when it has the key that the others are getting.
  demand(
    states,
    ({ newRegister, currentRegister }) => newRegister.status !== 'Empty' || currentRegister.pattern === pattern,
    'new master key registers are empty',
    'load and commit a master key first: keywitness tke cryptounit-mk-load, then -commit',
  )
  demand(
    states,
    ({ newRegister, currentRegister }) =>
      newRegister.status === 'Full Committed' ||
      (newRegister.status === 'Empty' && currentRegister.pattern === pattern),
    'new master key registers are not committed',
    'commit them first: keywitness tke cryptounit-mk-commit',
  )
  const replaced = open.filter(
    ({ currentRegister }) => currentRegister.status === 'Valid' && currentRegister.pattern !== pattern,
  )
  const roll = await session.api.keyRoll()
  const isRewrapped = roll.status === 'rewrapped' && roll.to === pattern
  if (replaced.length > 0 && !isRewrapped) {
    const words = `${unusable.words}; keywitness tke cryptounit-mk-rotate re-wraps it instead`
    await acceptDangers(io, options, [{ ...unusable, words }])
  }
  const signers = await signersFor(session, options, open, needs.one)
  const title = isRewrapped
    ? `Stored keys are re-wrapped; makes master key ${pattern} the current one of:`
    : `Makes master key ${pattern} the current one, and re-wraps nothing, on:`
  await consent(io, options, title, states.map(unitLine))
  await eachUnit(io, options, 'activating', states, (state) => activate(state, signers))
}

async function clear(io: Surroundings, options: SignedOptions, which: 'new' | 'current'): Promise<void> {
  const session = await openTke(io, options)
  const states = await readForCommand(session, options.unit)
  demandLeft(states)
  await demandNoRotation(session, states)
  const registerOf = (state: UnitState): UnitState['newRegister'] =>
    which === 'new' ? state.newRegister : state.currentRegister
  const full = states.filter((state) => registerOf(state).status !== 'Empty')
  if (which === 'current' && full.length > 0) await acceptDangers(io, options, [unusable])
  const signers = await signersFor(session, options, full, needs.one)
  await consent(
    io,
    options,
    `Clears the ${which} master key register of:`,
    states.map((state) => `${unitLine(state)}  ${registerOf(state).status}  ${registerOf(state).pattern}`),
  )
  await eachUnit(io, options, 'clearing', states, async (state): Promise<Step> => {
    if (registerOf(state).status === 'Empty') return { isAlready: true, note: 'it is empty' }
    await state.unit.command(which === 'new' ? 'CLEAR_NEW' : 'CLEAR_CURRENT', Buffer.alloc(0), signers)
    return {}
  })
}
