/** The crypto units as the server sees them: one child process, its client, its commands, its master keys. */
import { hkdfSync } from 'node:crypto'
import type { Protections, UnitReport } from '@keywitness/crypto-unit/messages'
import type { DeviceRoot } from '@keywitness/crypto-unit/tke/device-certificate'
import type { ActionName } from '@keywitness/cadf'
import type { Audit, Circumstances, Done, Seen } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { Change, Reader } from '../store/store.ts'
import { createUnitAdministration, type TrailOfUnit } from './administration.ts'
import { runCeremony } from './ceremony.ts'
import { createUnitClient } from './client.ts'
import { createEp11Client, type Ep11Client } from './ep11-client.ts'
import { enableFailover, type FailoverWish } from './failover.ts'
import { putInForce, readMasterKeys } from './master-keys.ts'
import { UnitProcess } from './process.ts'
import { provisionUnits } from './provision.ts'
import { Turns } from './turns.ts'
import type { RotatingClient, UnitClient } from './unit-client.ts'
import { answered, carryOut, eventOf, type UnitCommandParts } from './unit-command.ts'
import type { CommandEvent } from './unit-events.ts'
import { unitStandings, withStandings, type UnitStanding } from './unit-standings.ts'
import { allUnits, instancesWithUnits, unitsOf, type CommittedUnit } from './unit-states.ts'

const DEADLINE_MS = 2_000
const HANG_MS = 10_000

/** What the units tell about themselves in the operational log; pino's logger fits. */
export interface UnitLog {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

export interface UnitsOptions {
  /** Reads the committed unit states. */
  readonly store: Reader
  readonly audit: Audit
  readonly clock: Clock
  /** 32 bytes. Only a key derived from it reaches the unit's process. */
  readonly seal: Uint8Array
  /** The ceremony leaves its files in `<dataFolder>/ceremony`. */
  readonly dataFolder: string
  readonly log: UnitLog
  /** Commits bookkeeping without an event. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
  /** Drops what a given-up state has left beside the store. */
  readonly forget: () => Promise<void>
  /** The process had ended by itself, and is back. `ending`: its signal or exit code. */
  readonly onReturn: (ending: string, downMs: number) => void
  /** Longest wait for one answer, milliseconds; 2,000 by default. */
  readonly deadlineMs?: number
  /** Silence with calls waiting after which the process is killed and started anew, milliseconds; 10,000 by default. */
  readonly hangMs?: number
}

export interface UnitView extends CommittedUnit {
  readonly standing: UnitStanding
  readonly report: UnitReport
}

export interface Units {
  readonly client: UnitClient & RotatingClient
  readonly ep11: Ep11Client
  /** Starts the process and loads the committed states. @throws UnitStartError */
  start(): Promise<void>
  /** Closes the pipe, at which the process ends; calls still waiting are refused `UNAVAILABLE`. */
  stop(): Promise<void>
  /** What the running process proved about itself; undefined while it is down. */
  readonly protections: Protections | undefined
  readonly pid: number | undefined
  /** Makes the units that an instance lacks, in imprint mode, each with its event. */
  provision(instance: string, circumstances: Circumstances): Promise<void>
  /** Makes the failover units of an instance; see `enableFailover`. */
  enableFailover(
    wish: FailoverWish,
    seen: Seen<'hs-crypto.tke-cryptounit-failover.enable'>,
  ): Promise<Done<readonly CommittedUnit[]>>
  /**
   * First start in the development profile: creates the units of an instance and leads them to an active master key,
   * each step witnessed. Does only the steps that are missing, so that a ceremony cut short is finished by the next.
   * The units' region is the destination's location.
   */
  runCeremony(instance: string, circumstances: Circumstances): Promise<void>
  /** Committed units of an instance, as they are now. */
  describe(instance: string): Promise<UnitReport[]>
  /** The same, with how each stands. @throws Refusal `UNIT_UNAVAILABLE` */
  view(instance: string): Promise<UnitView[]>
  /** How many units of all instances stand how. */
  countStandings(): Promise<ReadonlyMap<UnitStanding, number>>
  /** Answers a query. @throws Refusal `UNIT_UNAVAILABLE` */
  ask(unit: CommittedUnit, request: string): Promise<string>
  /** The event of a request; undefined when it is a query. */
  eventOf(unit: CommittedUnit, request: string): Promise<CommandEvent | undefined>
  /** Carries out a request that is no query, in the unit's turn; see `carryOut`. */
  carryOut(unit: CommittedUnit, request: string, event: CommandEvent, seen: Seen<ActionName>): Promise<Done<string>>
  /** Whether so much waits for a unit that nothing more may. */
  isFull(unit: string): boolean
  /** Runs once whatever changes the unit before is committed and in force. */
  inTurn<T>(unit: string, run: () => Promise<T>): Promise<T>
  /** Refuses a unit until its administrators confirm its state. */
  hold(unit: CommittedUnit, known: TrailOfUnit): void
  /** With which master key an instance works, once that is committed. */
  direct(instance: string, pattern: string): void
  /** The root that the certificates of all modules hang from. @throws Refusal `UNIT_UNAVAILABLE` */
  root(): Promise<DeviceRoot>
}

export function createUnits(options: UnitsOptions): Units {
  const { store, audit, clock, dataFolder, log } = options
  const keys = readMasterKeys(store)
  const held = new Map<string, { readonly unit: CommittedUnit; readonly known: TrailOfUnit }>()
  const unit = new UnitProcess({
    // The process gets a key of its own: the seal opens other secrets too.
    sealKey: new Uint8Array(hkdfSync('sha256', options.seal, '', 'keywitness/unit-states/1', 32)),
    committed: () => allUnits(store).map(({ sealed }) => sealed),
    instruct: (call) => {
      const starting = createUnitAdministration({ call })
      return [
        ...[...held.values()].map((one) => starting.hold(one.unit, one.known)),
        ...keys.all().map(({ instance, pattern }) => starting.direct(instance, pattern)),
      ]
    },
    onReturn: options.onReturn,
    clock,
    log,
    deadlineMs: options.deadlineMs ?? DEADLINE_MS,
    hangMs: options.hangMs ?? HANG_MS,
  })
  const administration = createUnitAdministration(unit)
  const turns = new Turns()
  const ceremonies = new Map<string, Promise<void>>()

  /** When the process is down or ends before it hears of it, its next start reads what is committed. */
  const tell = (call: Promise<unknown>): void => {
    call.catch((error: unknown) => {
      log.warn(
        { error: error instanceof Error ? error.message : 'unknown' },
        'The crypto units will hear of what is committed at their next start.',
      )
    })
  }

  const settle: UnitCommandParts['settle'] = (changed, sealed, inForce) => {
    if (sealed !== undefined) {
      const known = held.get(changed.unit)?.known
      const committed = unitsOf(store, changed.instance).find((one) => one.unit === changed.unit)
      if (known !== undefined && committed !== undefined && committed.revision > known.revision) {
        held.delete(changed.unit)
      }
      tell(administration.adopt(sealed))
    }
    if (inForce !== undefined) tell(administration.direct(changed.instance, inForce))
  }
  const parts: UnitCommandParts = {
    store,
    administration,
    clock,
    settle,
    forget: options.forget,
    isHeld: (id) => held.has(id),
  }

  const ceremony = async (instance: string, circumstances: Circumstances): Promise<void> => {
    await runCeremony(
      { ...parts, audit, administration, turns, dataFolder, log, carry: options.carry },
      instance,
      circumstances,
    )
  }

  /** Instances that were made before the master key in force had a name in the store. */
  const nameMasterKeys = async (): Promise<void> => {
    for (const instance of instancesWithUnits(store)) {
      if (keys.inForce(instance) !== undefined) continue
      const reports = await Promise.all(unitsOf(store, instance).map((one) => administration.report(one)))
      const pattern = reports.find(
        ({ type, currentRegister }) => type === 'operational' && currentRegister.state === 'valid',
      )?.currentRegister.pattern
      if (pattern === undefined) continue
      await options.carry([putInForce(instance, pattern, clock.now())])
      await administration.direct(instance, pattern)
    }
  }

  const viewOf = async (instance: string): Promise<UnitView[]> => {
    const inForce = keys.inForce(instance)
    const report = async (one: CommittedUnit) => ({ ...one, report: await administration.report(one) })
    return withStandings(await Promise.all(unitsOf(store, instance).map(report)), inForce, (id) => held.has(id))
  }

  return {
    client: createUnitClient(unit),
    ep11: createEp11Client(unit),
    start: async () => {
      await unit.start()
      await nameMasterKeys()
    },
    stop: () => unit.stop(),
    get protections() {
      return unit.protections
    },
    get pid() {
      return unit.pid
    },
    provision: async (instance, circumstances) => {
      const { correlationId: _, ...others } = circumstances
      await provisionUnits({ store, audit, clock, administration, settle }, instance, others)
    },
    enableFailover: (wish, seen) => enableFailover({ store, clock, administration, settle }, wish, seen),
    runCeremony: (instance, circumstances) => {
      const running = ceremonies.get(instance)
      if (running !== undefined) return running
      const started = ceremony(instance, circumstances).finally(() => ceremonies.delete(instance))
      ceremonies.set(instance, started)
      return started
    },
    describe: (instance) => Promise.all(unitsOf(store, instance).map((committed) => administration.report(committed))),
    view: (instance) => answered(viewOf(instance)),
    countStandings: async () => {
      const counts = new Map<UnitStanding, number>(unitStandings.map((standing) => [standing, 0]))
      for (const instance of instancesWithUnits(store)) {
        for (const { standing } of await viewOf(instance)) counts.set(standing, (counts.get(standing) ?? 0) + 1)
      }
      return counts
    },
    ask: async (committed, request) => (await answered(administration.tke(committed, request))).response,
    eventOf: (committed, request) => eventOf(parts, committed, request),
    carryOut: (committed, request, event, seen) => carryOut(parts, committed, request, event, seen),
    isFull: (id) => turns.isFull(id),
    inTurn: (id, run) => turns.take(id, run),
    hold: (committed, known) => {
      held.set(committed.unit, { unit: committed, known })
      tell(administration.hold(committed, known))
    },
    direct: (instance, pattern) => tell(administration.direct(instance, pattern)),
    root: () => answered(administration.root()),
  }
}
