/** Commands go over units one after another; when one fails, it is said exactly which units have it and which do not. */
import { CliError } from '../cli-error.ts'
import { printable, printableJson } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { isJson, type OutputOptions } from './options.ts'
import type { UnitState } from './unit-state.ts'

/** What became of a unit; `unknown` when the command left and no proved answer came. */
type Outcome = 'done' | 'already' | 'failed' | 'unknown' | 'untouched'

/** What a step on one unit did: `already` when there was nothing to do; a text stands beside the unit. */
export interface Step {
  readonly isAlready?: boolean
  readonly note?: string
}

interface Row {
  readonly state: UnitState
  outcome: Outcome
  note: string
}

/** How a result is shown; of a command in several phases only the last one shows JSON. */
interface ShowOptions extends OutputOptions {
  readonly isPhase?: boolean
}

/**
 * @param what the command, as it stands in the message when a unit fails
 * @throws what the unit threw, with what became of all of them
 */
export async function eachUnit(
  io: Surroundings,
  options: ShowOptions,
  what: string,
  states: readonly UnitState[],
  work: (state: UnitState) => Promise<Step | undefined>,
): Promise<void> {
  const rows = states.map((state): Row => ({ state, outcome: 'untouched', note: '' }))
  let failure: unknown
  for (const row of rows) {
    try {
      const step = (await work(row.state)) ?? {}
      row.outcome = step.isAlready === true ? 'already' : 'done'
      row.note = step.note ?? ''
      if (!isJson(options)) io.out.write(`${line(row)}\n`)
    } catch (error) {
      row.outcome = isUnknown(row.state, error) ? 'unknown' : 'failed'
      row.note = (error as Error).message
      failure = error
      break
    }
  }
  const isLast = options.isPhase !== true || failure !== undefined
  if (isJson(options) && isLast) io.out.write(`${printableJson({ units: rows.map(jsonOf) }, 2)}\n`)
  if (failure === undefined) return
  throw failure instanceof CliError ? withPlaces(what, rows, failure) : failure
}

/** After a command has left, only a signed refusal that used its counter proves that it was not done. */
function isUnknown({ unit }: UnitState, error: unknown): boolean {
  return unit.isInFlight || (unit.hasSent && error instanceof CliError && error.code === 'VERIFICATION_FAILED')
}

function line({ state, outcome, note }: Row): string {
  return [outcome, state.unit.location, ...(note === '' ? [] : [printable(note)])].join('  ')
}

function jsonOf({ state, outcome, note }: Row): object {
  const { hsmId, location } = state.unit.entry
  return { hsm_id: hsmId, location, outcome, ...(note === '' ? {} : { note }) }
}

function withPlaces(what: string, rows: readonly Row[], error: CliError): CliError {
  if (rows.length === 1 && rows[0]?.outcome === 'failed') return error
  const failed = rows.find(({ outcome }) => outcome === 'failed' || outcome === 'unknown')
  const marked = rows.map(({ state, outcome }) => `${outcome.padEnd(9)}  ${state.unit.location}`)
  return new CliError(error.code, `${what}: ${error.message}`, error.advice, [
    ...marked,
    ...(failed?.outcome === 'unknown'
      ? ['Whether it happened on the unit marked unknown is not known here: no answer proves it.']
      : []),
    'keywitness tke cryptounit-compare shows which units differ.',
    'When the cause is gone, run the same command again: units that have it already are left as they are.',
  ])
}
