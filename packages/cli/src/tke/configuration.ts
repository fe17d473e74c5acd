/** Who commands a unit and what it may do: shown before people sign, and demanded of the unit before a master key goes there. */
import { attributes } from '@keywitness/crypto-unit/tke/attributes'
import { CliError } from '../cli-error.ts'
import type { Danger } from './consent.ts'
import { permissionDangers, permissionText, permissionWords } from './permissions.ts'
import { unproven } from './unit-refused.ts'
import type { Administrator, UnitState } from './unit-state.ts'

export interface Configuration {
  readonly signatureThreshold: number
  readonly revocationThreshold: number
  readonly permissions: number
  readonly administrators: readonly Administrator[]
}

export function configurationOf(state: UnitState): Configuration {
  const { signatureThreshold, revocationThreshold, administrators } = state
  return {
    signatureThreshold,
    revocationThreshold,
    permissions: state.attributes.get(attributes.PERMISSIONS) ?? 0,
    administrators,
  }
}

/** Lines of a consent, below the one that names the unit. */
export function configurationLines(configuration: Configuration): string[] {
  const { signatureThreshold, revocationThreshold, permissions, administrators } = configuration
  return [
    `   signature threshold ${signatureThreshold}, revocation threshold ${revocationThreshold}`,
    `   permissions ${permissionText(permissions)}`,
    ...administratorLines(administrators),
  ]
}

export function administratorLines(administrators: readonly Administrator[]): string[] {
  return administrators.map(({ name, ski }) => `   administrator ${ski}  ${name}`)
}

function skisText(administrators: readonly Pick<Administrator, 'ski'>[]): string {
  return administrators
    .map(({ ski }) => ski)
    .toSorted()
    .join(' ')
}

/** What is dangerous about the permissions that units will have; each once, however many units have it. */
export function permissionDangersOf(shown: ReadonlyMap<UnitState, Configuration>): Danger[] {
  const all = [...shown].flatMap(([state, { permissions }]) => {
    const { unit, isImprint } = state
    return permissionDangers(unit.entry.kind, isImprint, configurationOf(state).permissions, permissions)
  })
  return all.filter(({ words }, at) => all.findIndex((one) => one.words === words) === at)
}

/** @throws CliError `VERIFICATION_FAILED` when the unit is configured otherwise than was shown */
export function demandConfiguration(state: UnitState, shown: Configuration): void {
  const found = configurationOf(state)
  const different = [
    ...(skisText(found.administrators) === skisText(shown.administrators) ? [] : ['administrators']),
    ...(found.signatureThreshold === shown.signatureThreshold ? [] : ['signature threshold']),
    ...(found.revocationThreshold === shown.revocationThreshold ? [] : ['revocation threshold']),
    ...(found.permissions === shown.permissions ? [] : ['permissions']),
  ]
  if (different.length === 0) return
  throw new CliError(
    'VERIFICATION_FAILED',
    `crypto unit ${state.unit.location} has other ${different.join(', ')} than were shown: somebody else changed it`,
    'no master key was given to it; find out who, then zeroize it: keywitness tke cryptounit-zeroize',
    configurationLines(found),
  )
}

/** Whoever administers a unit that holds the master key could take it out of there. @throws CliError `BAD_INPUT` */
export function demandSameAdministrators(source: UnitState, targets: readonly UnitState[]): void {
  const wanted = skisText(source.administrators)
  const others = targets.filter(({ administrators }) => skisText(administrators) !== wanted)
  if (others.length === 0) return
  throw new CliError(
    'BAD_INPUT',
    `crypto units have other administrators than ${source.unit.location}, whose master key they would get`,
    'install the same on all: keywitness tke cryptounit-admin-add, cryptounit-admin-rm',
    others.flatMap(({ unit, administrators }) => [unit.location, ...administratorLines(administrators)]),
  )
}

/** @param bits what it must be permitted. @throws CliError `BAD_INPUT` when the recovery unit is not */
export function demandPermitted(source: UnitState, bits: number): void {
  const { permissions: found, signatureThreshold, revocationThreshold } = configurationOf(source)
  if ((found & bits) === bits) return
  const { location, entry } = source.unit
  throw new CliError(
    'BAD_INPUT',
    `the recovery unit ${location} lacks permissions: ${permissionWords(bits & ~found)}`,
    'setting its thresholds sets them too: keywitness tke cryptounit-thrhld-set ' +
      `--unit ${entry.number} --signature ${signatureThreshold} --revocation ${revocationThreshold}`,
  )
}

/** @throws CliError `VERIFICATION_FAILED` when other keys are installed than the ones that are about to sign for that */
export function demandInstalled(state: UnitState, skis: readonly string[]): void {
  if (skisText(state.administrators) === skisText(skis.map((ski) => ({ ski })))) return
  throw unproven(state.unit.location, 'other administrators are installed in it than were sent')
}
