/** What comes next for the crypto units of an instance, and the commands that do it on an administrator's machine. */
import { type CryptoUnit, type UnitStep, unitSteps } from '../api/units-api.ts'

export interface NextStep {
  readonly step: Exclude<UnitStep, 'none'>
  readonly units: readonly CryptoUnit[]
}

/** In the order in which they are done; empty when nothing is to be done. */
export function nextStepsOf(units: readonly CryptoUnit[]): readonly NextStep[] {
  return unitSteps.flatMap((step) => {
    if (step === 'none') return []
    const waiting = units.filter(({ next }) => next === step)
    return waiting.length === 0 ? [] : [{ step, units: waiting }]
  })
}

/** No step is named, and yet it is not as it should be: somebody has to find out why. */
export const isToExplain = ({ next, state }: CryptoUnit): boolean =>
  next === 'none' && (state === 'differs' || state === 'serving')

/** What each step is called on the command line; the numbers stand for keys and key parts of that machine. */
const commands: Readonly<Record<NextStep['step'], readonly string[]>> = {
  'confirm-state': ['cryptounit-confirm --accept another-life'],
  'add-administrators': ['cryptounit-admin-add --admin 1'],
  'set-thresholds': ['cryptounit-thrhld-set --signature 2 --revocation 2'],
  'load-master-key': ['cryptounit-mk-load --part 1 --part 2 --part 3'],
  commit: ['cryptounit-mk-commit'],
  rotate: ['cryptounit-mk-rotate'],
  'await-rotation': [],
  activate: ['cryptounit-mk-setimm'],
}

/** Commands that act on all units of the instance whatever is named, where a recovery unit makes the key. */
export function commandsOf({ step, units }: NextStep, all: readonly CryptoUnit[], instance: string): readonly string[] {
  const hasRecovery = all.some(({ type }) => type === 'recovery')
  const isFresh = all.every(({ next }) => next === 'add-administrators')
  if (step === 'add-administrators' && isFresh && hasRecovery) {
    return [
      line('auto-init --signature 2 --revocation 2 --admin 1 --admin 2 --admin 3', instance, []),
      line(commands[step][0] ?? '', instance, units),
    ]
  }
  const own = commands[step].map((command) => line(command, instance, step === 'rotate' ? [] : units))
  const hasSource = all.some(({ type, masterKey }) => type === 'recovery' && masterKey.current.state === 'valid')
  return step === 'load-master-key' && hasSource ? [line('auto-recover', instance, units), ...own] : own
}

/** What is named comes from the server: nothing of it is to mean something to a shell. */
function line(command: string, instance: string, units: readonly CryptoUnit[]): string {
  const named = units.filter(({ hsm_id }) => plain.test(hsm_id)).map(({ hsm_id }) => ` --unit ${hsm_id}`)
  return `keywitness tke ${command} --instance ${plain.test(instance) ? instance : '<guid>'}${named.join('')}`
}

const plain = /^[A-Za-z0-9-]+$/
