/** Whose signatures a command needs, and which of the chosen keys give them. */
import { permissions } from '@keywitness/crypto-unit/tke/attributes'
import { CliError } from '../cli-error.ts'
import { formatNumberOf, printable } from '../printable.ts'
import type { SignedOptions } from './options.ts'
import type { LocalSession } from './session.ts'
import type { SignatureKey, Signer } from './signers.ts'
import { hasPermission, type UnitState } from './unit-state.ts'

/** How many signatures a unit wants (TKE reference, section 4.4). */
export type Need = (state: UnitState) => number

export const needs = {
  none: (): number => 0,
  one: (): number => 1,
  signature: (state: UnitState): number => state.signatureThreshold,
  revocation: (state: UnitState): number => state.revocationThreshold,
  zeroize: (state: UnitState): number => {
    if (state.isImprint) return 0
    return hasPermission(state, permissions.ONE_SIGNATURE_ZEROIZE) ? 1 : state.signatureThreshold
  },
  controlPoints: (state: UnitState): number =>
    hasPermission(state, permissions.ONE_SIGNATURE_CONTROL_POINTS) ? 1 : state.signatureThreshold,
} as const

/**
 * Chooses as many keys as the most demanding unit wants, all of them installed on every unit, and opens them.
 *
 * @throws CliError `BAD_INPUT` saying which keys are missing
 */
export async function signersFor(
  session: LocalSession,
  options: SignedOptions,
  states: readonly UnitState[],
  need: Need,
): Promise<Signer[]> {
  return openAll((await signingKeys(session, options, states, need)).slice(0, countFor(states, need)))
}

/** The keys that could sign: the chosen ones that are installed on every unit where a signature is needed. */
export async function signingKeys(
  session: LocalSession,
  options: SignedOptions,
  states: readonly UnitState[],
  need: Need,
): Promise<SignatureKey[]> {
  const count = countFor(states, need)
  if (count === 0) return []
  const demanding = states.filter((state) => need(state) > 0)
  const chosen = await session.keys.chosen(options.key)
  const installed = chosen.filter(({ ski }) => demanding.every((state) => isInstalled(state, ski)))
  if (installed.length >= count) return installed
  const missing = chosen
    .filter((key) => !installed.includes(key))
    .map((key) => {
      const where = demanding.filter((state) => !isInstalled(state, key.ski)).map(({ unit }) => unit.location)
      return `key ${key.id} (${printable(key.description)}) is not an administrator of ${where.join(', ')}`
    })
  throw new CliError(
    'BAD_INPUT',
    `${formatNumberOf(count, 'signature')} needed, and ${formatNumberOf(installed.length, 'key')} chosen that can sign`,
    'choose keys with --key or keywitness tke sigkey-sel',
    missing,
  )
}

function countFor(states: readonly UnitState[], need: Need): number {
  return Math.max(0, ...states.map(need))
}

export async function openAll(keys: readonly SignatureKey[]): Promise<Signer[]> {
  const signers: Signer[] = []
  for (const key of keys) signers.push(await key.open())
  return signers
}

export function isInstalled({ administrators }: UnitState, ski: string): boolean {
  return administrators.some((administrator) => administrator.ski === ski)
}
