/** Whether units are alike, as all units of an instance must be: what they agree on, and where they differ. */
import { attributes, controlPoints, hasControlPoint } from '@keywitness/crypto-unit/tke/attributes'
import { CliError } from '../cli-error.ts'
import { permissionBits } from './permissions.ts'
import type { UnitState } from './unit-state.ts'

/** A table that units can differ in. */
interface Aspect {
  readonly title: string
  /** Two units are alike in it when this is the same text. */
  readonly of: (state: UnitState) => string
  /** Only units of which this is the same text need be alike. */
  readonly among?: (state: UnitState) => string
}

const knownPoints = Object.entries(controlPoints)

const aspects: readonly Aspect[] = [
  {
    title: 'SIGNATURE THRESHOLDS',
    of: (state) => `${state.signatureThreshold} ${state.revocationThreshold}`,
  },
  {
    title: 'CRYPTO UNIT ADMINISTRATORS',
    of: (state) => state.administrators.map(({ ski }) => ski).join(' '),
  },
  {
    title: 'PERMISSIONS',
    of: (state) => permissionBits(state.attributes.get(attributes.PERMISSIONS) ?? 0),
    among: ({ unit }) => (unit.entry.kind === 'recovery' ? 'recovery' : ''),
  },
  {
    title: 'NEW MASTER KEY REGISTER',
    of: ({ newRegister }) => `${newRegister.status} ${newRegister.pattern}`,
  },
  {
    title: 'CURRENT MASTER KEY REGISTER',
    of: ({ currentRegister }) => `${currentRegister.status} ${currentRegister.pattern}`,
  },
  {
    title: 'CONTROL POINTS',
    of: (state) => knownPoints.map(([, point]) => hasControlPoint(state.controlPoints, point)).join(' '),
  },
]

/** Titles of the tables in which not all units are alike. */
export function differences(states: readonly UnitState[]): string[] {
  const isDifferent = ({ of, among = () => '' }: Aspect): boolean =>
    [...Map.groupBy(states, among).values()].some((alike) => new Set(alike.map(of)).size > 1)
  return aspects.filter(isDifferent).map(({ title }) => title)
}

/** @throws CliError `BAD_INPUT` naming the units for which it does not hold */
export function demand(
  states: readonly UnitState[],
  holds: (state: UnitState) => boolean,
  what: string,
  advice: string,
): void {
  const broken = states.filter((state) => !holds(state)).map(({ unit }) => unit.location)
  if (broken.length > 0) throw new CliError('BAD_INPUT', what, advice, broken)
}

/** The one value that all have. @throws CliError `BAD_INPUT` when there are several */
export function theOne<T>(states: readonly UnitState[], of: (state: UnitState) => T, what: string, advice: string): T {
  const values = new Set(states.map(of))
  const [only] = values
  if (values.size === 1 && only !== undefined) return only
  throw new CliError(
    'BAD_INPUT',
    what,
    advice,
    states.map((state) => `${state.unit.location}  ${String(of(state))}`),
  )
}

/** No command needs a signature in imprint mode, and no key can be loaded. */
export function demandLeft(states: readonly UnitState[]): void {
  demand(
    states,
    ({ isImprint }) => !isImprint,
    'crypto units are in imprint mode',
    'add administrators and leave it first: keywitness tke cryptounit-thrhld-set',
  )
}
