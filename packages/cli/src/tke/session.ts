/** What a command about crypto units works with: the units it acts on, who signs, where this user's files are. */
import type { DeviceRoot } from '@keywitness/crypto-unit/tke/device-certificate'
import { CliError } from '../cli-error.ts'
import { openInstance } from '../kms-api.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import type { AcceptDanger } from './acquaintance.ts'
import { CommandLog } from './command-log.ts'
import { isAccepted } from './consent.ts'
import { Contexts } from './contexts.ts'
import type { FolderOptions, UnitOptions } from './options.ts'
import { Passwords } from './passwords.ts'
import { trustedRoot } from './root-pinning.ts'
import { SignatureKeys } from './signers.ts'
import { StateFolder } from './state-folder.ts'
import { TkeApi, type UnitEntry } from './tke-api.ts'
import { Unit } from './unit.ts'
import { UnitMemory } from './unit-memory.ts'
import { readUnit, type UnitState } from './unit-state.ts'

/** What needs no server. */
export interface LocalSession {
  readonly io: Surroundings
  readonly folder: StateFolder
  readonly passwords: Passwords
  readonly keys: SignatureKeys
}

export interface TkeSession extends LocalSession {
  readonly api: TkeApi
  readonly contexts: Contexts
  /** All units of the instance, as the server lists them. */
  readonly entries: readonly UnitEntry[]
  /** Pins or checks the root, once. */
  root(): Promise<DeviceRoot>
  /** Whether a danger is agreed to by its name. */
  readonly accept: AcceptDanger
}

export async function openFolder(io: Surroundings, options: FolderOptions): Promise<LocalSession> {
  const folder = await StateFolder.of(io)
  const passwords = new Passwords(io, options.passwordFile)
  return { io, folder, passwords, keys: new SignatureKeys(io, folder, passwords) }
}

export async function openTke(io: Surroundings, options: UnitOptions): Promise<TkeSession> {
  const local = await openFolder(io, options)
  const { client, instance } = await openInstance(io, options)
  const api = new TkeApi(client, instance)
  const contexts = new Contexts(local.folder)
  let root: Promise<DeviceRoot> | undefined
  return {
    ...local,
    api,
    contexts,
    entries: await api.units(),
    root: () => (root ??= trustedRoot(io, api, contexts, options.rootFile)),
    accept: (danger) => isAccepted(io, options, danger),
  }
}

/** The unit that a person names by number, id or location. @throws CliError `BAD_INPUT` */
export function entryOf({ entries }: TkeSession, name: string): UnitEntry {
  const found = entries.find(
    ({ number, hsmId, location }) => String(number) === name || hsmId === name || location === name,
  )
  if (found !== undefined) return found
  throw new CliError('BAD_INPUT', `there is no crypto unit ${printable(name)}`, 'keywitness tke cryptounits lists them')
}

/** The units that are named, else those selected. @throws CliError `BAD_INPUT` when there are none */
async function chosenEntries(session: TkeSession, named: readonly string[] | undefined): Promise<UnitEntry[]> {
  if (named !== undefined) return [...new Set(named.map((name) => entryOf(session, name)))]
  const selected = await session.contexts.selected(session.api)
  const found = session.entries.filter(({ hsmId }) => selected.includes(hsmId))
  if (found.length > 0) return found
  throw new CliError('BAD_INPUT', 'no crypto unit is selected', 'keywitness tke cryptounit-add, or give --unit')
}

/** Reads units, one after another. */
export async function readEntries(session: TkeSession, entries: readonly UnitEntry[]): Promise<UnitState[]> {
  const root = await session.root()
  const { api, io, folder } = session
  const log = new CommandLog(folder)
  const memory = new UnitMemory(folder, api)
  const warn = (line: string): void => io.err.write(`${line}\n`)
  const states: UnitState[] = []
  for (const entry of entries) {
    const unit = new Unit({ entry, api, root, log, memory, accept: session.accept, warn, now: () => io.now() })
    states.push(await readUnit(unit))
  }
  return states
}

/** The chosen units, as they are now. */
export async function readChosen(session: TkeSession, named: readonly string[] | undefined): Promise<UnitState[]> {
  return readEntries(session, await chosenEntries(session, named))
}

/** The same for commands that a stale unit refuses. @throws CliError `BAD_INPUT` naming units that are stale */
export async function readForCommand(session: TkeSession, named: readonly string[] | undefined): Promise<UnitState[]> {
  const entries = await chosenEntries(session, named)
  demandFresh(entries)
  return readEntries(session, entries)
}

export function demandFresh(entries: readonly UnitEntry[]): void {
  const stale = entries.filter(({ state }) => state === 'stale').map(({ location }) => location)
  if (stale.length === 0) return
  throw new CliError(
    'BAD_INPUT',
    'the state of crypto units is older than the last event about them',
    'look with keywitness tke cryptounit-compare, then vouch for it with keywitness tke cryptounit-confirm, or zeroize',
    stale,
  )
}
