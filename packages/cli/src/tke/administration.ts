/** Steps that change who administers a unit: each does nothing where its effect is there already, so it can be repeated. */
import { attributes, encodeAttributes } from '@keywitness/crypto-unit/tke/attributes'
import { type Configuration, demandConfiguration } from './configuration.ts'
import type { Step } from './each-unit.ts'
import { isInstalled } from './signing.ts'
import type { Signer } from './signers.ts'
import type { Thresholds } from './thresholds.ts'
import { unproven } from './unit-refused.ts'
import { type Administrator, attributesFor, readAgain, readSkis, type UnitState } from './unit-state.ts'

export async function addAdministrator(
  state: UnitState,
  ski: string,
  certificate: Uint8Array,
  signers: readonly Signer[],
): Promise<Step> {
  if (isInstalled(state, ski)) return { isAlready: true, note: 'it is installed' }
  await state.unit.command('ADD_ADMINISTRATOR', certificate, state.isImprint ? [] : signers)
  // Where nobody signs, another command can have come under the same counter.
  await demandEffect(state, ski, true)
  return {}
}

export async function removeAdministrator(state: UnitState, ski: string, signers: readonly Signer[]): Promise<Step> {
  if (!isInstalled(state, ski)) return { isAlready: true, note: 'it is not installed' }
  await state.unit.command('REMOVE_ADMINISTRATOR', Buffer.from(ski, 'hex'), state.isImprint ? [] : signers)
  await demandEffect(state, ski, false)
  return {}
}

/** @throws CliError `VERIFICATION_FAILED` */
async function demandEffect({ unit }: UnitState, ski: string, isInstalledNow: boolean): Promise<void> {
  if ((await readSkis(unit)).includes(ski) === isInstalledNow) return
  throw unproven(unit.location, 'other administrators are installed in it than were sent')
}

/** The unit as it will be when these thresholds are set: what people are shown, and what is demanded of it afterwards. */
export function configurationWith(
  state: UnitState,
  { signature, revocation }: Thresholds,
  administrators: readonly Administrator[] = state.administrators,
): Configuration {
  const permissions = new Map(attributesFor(state, signature, revocation)).get(attributes.PERMISSIONS) ?? 0
  return { signatureThreshold: signature, revocationThreshold: revocation, permissions, administrators }
}

/**
 * Sets both thresholds; in imprint mode, where anybody may have sent commands, that ends it.
 *
 * @param shown as people saw it; the unit must be like that afterwards
 */
export async function setThresholds(
  state: UnitState,
  thresholds: Thresholds,
  shown: Configuration,
  signers: readonly Signer[],
): Promise<Step> {
  const wanted = attributesFor(state, thresholds.signature, thresholds.revocation)
  if (wanted.every(([index, value]) => state.attributes.get(index) === value)) return { isAlready: true }
  await state.unit.command('SET_ATTRIBUTES', encodeAttributes(wanted), signers)
  demandConfiguration(await readAgain(state), shown)
  return state.isImprint ? { note: 'imprint mode is left' } : {}
}

/** Repeats the values a unit has: how people vouch that the state it was found with is the right one. */
export async function confirmState(state: UnitState, signers: readonly Signer[]): Promise<Step> {
  const same = [1, 2, 3, 4].flatMap((index): (readonly [number, number])[] => {
    const value = state.attributes.get(index)
    return value === undefined ? [] : [[index, value]]
  })
  await state.unit.command('SET_ATTRIBUTES', encodeAttributes(same), signers)
  return {}
}
