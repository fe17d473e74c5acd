/** The composition root: builds every part from top to bottom and hands each what it needs. */
import { join } from 'node:path'
import { pino } from 'pino'
import { type Audit, type Circumstances, createAudit } from './audit.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Config, ConfigSecrets } from './config.ts'
import { takeDataFolder } from './data-folder.ts'
import { createEventStamp } from './event-stamp.ts'
import { makeFirstThings, readBirthFacts } from './first-start.ts'
import { createMetrics } from './http/metrics.ts'
import { readAccounts } from './iam/accounts.ts'
import { serviceCrn } from './iam/names.ts'
import type { Instance } from './instances/instance.ts'
import { readInstances } from './instances/instances.ts'
import type { UnitCounts } from './instances/new-instance.ts'
import type { KeyLimits } from './keys/limits.ts'
import { assertLimits, limits } from './limits.ts'
import { type Listeners, openListeners } from './open-listeners.ts'
import { registerMetrics } from './product-metrics.ts'
import { startRecorder } from './record/recorder.ts'
import { removeRunFile, writeRunFile } from './run-file.ts'
import { createSealer, holdsSealed, makeSeal, type PassphraseTerminal, unlockSeal } from './seal.ts'
import { createServices } from './services.ts'
import { StartError } from './start-error.ts'
import { createForgetting } from './store/forget.ts'
import { openStore } from './store/open.ts'
import type { StoreSync } from './store/store-sync.ts'
import type { Store } from './store/store.ts'
import { systemCaller, systemCircumstances } from './system-caller.ts'
import { Reconciliation } from './trail/continuity/reconciliation.ts'
import { remoteTrackers } from './trail/forwarding/remote-trackers.ts'
import { Trail } from './trail/trail.ts'
import { holdStaleUnits } from './tke/stale-units.ts'
import { moveRotation, nothingUnder } from './units/master-keys.ts'
import { UnitStartError } from './units/process.ts'
import { fixCounts } from './units/provision.ts'
import { Rotations } from './units/rotation.ts'
import { createUnits } from './units/units.ts'

/** What tests may make go wrong. */
export interface ServerFaults {
  /** In place of COMMIT. */
  readonly commit?: (store: Store) => void
  /** Between COMMIT and the disk. */
  readonly synced?: (sync: StoreSync) => StoreSync['synced']
  /** In place of the machine's: what takes hours or months is due at once. */
  readonly clock?: Clock
  /** Around the door, for what is measured or broken there. Used once the first start is over. */
  readonly audit?: (door: Audit) => Audit
  /** Shorter waiting times and smaller bounds of the key service. */
  readonly keyLimits?: Partial<KeyLimits>
}

export interface StartOptions {
  readonly progress: (step: string) => void
  /** Where a person can be asked for the passphrase of the seal; undefined where nobody can. */
  readonly terminal: PassphraseTerminal | undefined
  readonly faults: ServerFaults
}

export interface RunningServer {
  /** Address of the console and the public API, with scheme. */
  readonly origin: string
  readonly addresses: Listeners['addresses']
  readonly instance: string
  readonly location: string
  readonly isFirstStart: boolean
  readonly apiKey: string | undefined
  /** Development profile only. */
  readonly signInLink: string | undefined
  /** Refuses new calls, answers those under way, delivers and covers what is recorded. */
  stop(): Promise<void>
}

/**
 * Starts everything; what was started is stopped again when a later step fails.
 * @throws StartError with the reason in words and the exit code
 */
export async function startServer(
  config: Config,
  secrets: ConfigSecrets,
  options: StartOptions,
): Promise<RunningServer> {
  assertLimits()
  const undo: (() => void | Promise<void>)[] = []
  try {
    return await compose(config, secrets, options, undo)
  } catch (error) {
    for (const step of undo.toReversed()) await step()
    throw error
  }
}

async function compose(
  config: Config,
  secrets: ConfigSecrets,
  { progress, terminal, faults }: StartOptions,
  undo: (() => void | Promise<void>)[],
): Promise<RunningServer> {
  const clock = faults.clock ?? systemClock
  const folder = takeDataFolder(config.data)
  undo.push(() => folder.release())
  // Left by a server that was killed: nobody is ready while a person is asked.
  removeRunFile(config.data)
  // Before anything is read, migrated or started: who cannot open the seal leaves all as it is. The folder is taken while
  // a person is asked, so that nobody types for a server that could not start.
  const unlocked = await unlockSeal(config.seal, { configured: secrets.sealPassphrase, terminal })
  // Synchronous, so that the last line before an end is there. In development the terminal belongs to people.
  const destination =
    config.profile === 'development' ? { dest: join(config.data, 'server.log'), mode: 0o600 } : { fd: 2 }
  const log = pino({ level: 'info', base: null }, pino.destination({ ...destination, sync: true }))
  const fatal = (error: unknown, what: string): never => {
    log.fatal({ err: error }, `${what}: the process ends, the restart decides by reading`)
    process.exit(70)
  }
  const store = openStore(config.data)
  undo.push(() => store.close())
  const facts = readBirthFacts(store, config)
  const { cname, serviceName } = facts
  const seal = unlocked ?? makeSeal(config.seal, holdsSealed(store), secrets.sealPassphrase)
  const sealer = createSealer(seal)
  const stamp = createEventStamp(serviceName)
  const accounts = readAccounts(store)

  const recorder = startRecorder({
    store,
    clock,
    stamp,
    log,
    serviceName,
    heartbeatMs: config.heartbeatSeconds * 1_000,
    free: () => folder.free(),
    serviceCrn: (place) => serviceCrn(cname, place.location, place.account),
    home: () => {
      const operator = accounts.operator()
      return operator === undefined ? undefined : { account: operator.id, location: operator.home }
    },
    fatal: (error) => fatal(error, 'a COMMIT or the disk reported an error'),
    ...(faults.commit === undefined ? {} : { commit: faults.commit }),
    ...(faults.synced === undefined ? {} : { synced: faults.synced }),
  })
  undo.push(() => recorder.stop())
  recorder.openEpochs()
  const audit = createAudit({
    committer: recorder.committer,
    clock,
    stamp,
    log,
    succeedsWith200: config.succeedsWith200,
  })

  progress('Opening the trail')
  const trail = await Trail.start({
    dataFolder: config.data,
    serverFile: store.file,
    store,
    committer: recorder.committer,
    log,
    serviceName,
    privateRanges: config.outboundPrivate,
    remotes: remoteTrackers(store, sealer),
    fatal,
  })
  undo.push(() => trail.stop())
  recorder.onCommitted((rows) => trail.committed(rows))
  trail.committed(0)

  for (const { account, location, index } of trail.alterations()) {
    progress(`ALTERED: the bytes of entry ${index} of the log of ${location} are not those that were signed`)
    recorder.altered({ account, location }, index)
  }

  const reconciliation = new Reconciliation({
    store,
    trail,
    clock,
    log,
    differ: (place, { producer, began, recorded, logged, actions }, changes) => {
      log.error({ location: place.location, recorded, logged }, 'the log holds other events than were recorded')
      const hour = new Date(began).toISOString()
      return recorder.differs(place, { producer, hour, recorded, logged, actions }, changes)
    },
    carry: (changes) => recorder.committer.carry(changes),
  })
  undo.push(() => reconciliation.stop())

  progress('Starting the crypto units')
  const forgetting = createForgetting(store, log)
  const units = createUnits({
    store,
    audit,
    clock,
    seal,
    dataFolder: config.data,
    log,
    forget: () => forgetting.forget(),
    carry: (changes) => recorder.committer.carry(changes),
    onReturn: (ending, downMs) => {
      const operator = accounts.operator()
      if (operator === undefined) return
      const place = { account: operator.id, location: operator.home }
      const crn = serviceCrn(cname, place.location, place.account)
      audit
        .witness(
          'hs-crypto.tke-cryptounit-process.restart',
          { caller: systemCaller(operator.id, serviceName), destination: place, logSourceCRN: crn },
          { id: crn, name: serviceName },
          (seen) => {
            seen.request = { ending, downMs }
            return { result: undefined, code: 200 }
          },
        )
        .catch((error: unknown) => log.error({ err: error }, 'that the crypto units were down could not be recorded'))
    },
  })
  undo.push(() => units.stop())
  await units.start().catch((error: unknown) => {
    if (!(error instanceof UnitStartError) || error.code !== 'BROKEN_STATE') throw error
    throw new StartError(
      'SEAL',
      `The crypto units' states cannot be opened with the seal ${config.seal}: ${error.message}`,
      error,
    )
  })
  const rotations = new Rotations({
    store,
    units,
    clock,
    log,
    carry: (changes) => recorder.committer.carry(changes),
    direct: (instance, pattern) => units.direct(instance, pattern),
    completed: async ({ instance: guid, former, pattern, total }) => {
      const instance = readInstances(store).find(guid)
      if (instance === undefined) throw new Error('a rotation of no instance')
      await audit.witness(
        'hs-crypto.tke-master-key-rotation.complete',
        circumstancesOf(instance),
        { id: instance.crn, name: instance.name },
        (seen) => {
          seen.request = { 'initialValue.verificationPattern': former, verificationPattern: pattern }
          seen.response = { totalResources: total }
          return {
            result: undefined,
            code: 200,
            changes: [moveRotation(guid, 'started', 'rewrapped', clock.now())],
            conditions: [nothingUnder(guid, former)],
          }
        },
      )
    },
  })
  undo.push(() => rotations.stop())
  const isDevelopment = facts.profile === 'development'
  const circumstancesOf = (instance: Instance): Circumstances => systemCircumstances(instance, serviceName)
  /** In development the units are led to an active master key; in production they wait for their administrators. */
  const runCeremony = (instance: Instance): Promise<void> =>
    isDevelopment
      ? units.runCeremony(instance.guid, circumstancesOf(instance))
      : units.provision(instance.guid, circumstancesOf(instance))
  const prepareInstance = async (instance: Instance, counts?: UnitCounts) => ({
    changes: counts === undefined ? [] : [fixCounts(instance.guid, counts)],
    settled: async () => {
      await runCeremony(instance).catch((error: unknown) => {
        log.error(
          { err: error, instance: instance.guid },
          'the crypto units of a new instance are not ready; a restart goes on with them',
        )
      })
    },
  })

  const unitsFor = isDevelopment ? 'development master keys' : 'crypto units that wait for their administrators'
  if (facts.isNew) progress(`First start: making account, instance, tracker and ${unitsFor}`)
  const first = await makeFirstThings({
    config,
    secrets,
    facts,
    store,
    audit,
    trail,
    sealer,
    clock,
    prepareInstance,
  })
  await holdStaleUnits({ store, trail, units, audit, serviceName, log }, readInstances(store).all())
  if (facts.isNew) await runCeremony(first.instance)
  // What a crash cut short goes on here, whichever instance it was made for.
  for (const instance of readInstances(store).all()) await (await prepareInstance(instance)).settled()
  rotations.resume()

  const metrics = createMetrics()
  registerMetrics(metrics.registry, { recorder, trail, units, store })
  const readiness = (): string[] => {
    const reasons = [...trail.failures().values()]
    if (!recorder.hasRoom()) reasons.push('There is no room on the disk: calls are refused.')
    if (units.pid === undefined) reasons.push('The crypto units are not running.')
    const { events } = recorder.committer.backlog
    if (events > limits.outboxEvents / 2) reasons.push(`${events} events wait to be delivered to their trackers.`)
    return reasons
  }
  const scheme = config.tls === undefined ? 'http' : 'https'
  const services = await createServices({
    config,
    cname,
    store,
    audit: faults.audit?.(audit) ?? audit,
    trail,
    units,
    rotations,
    forgetting,
    carry: (changes) => recorder.committer.carry(changes),
    undelivered: (place) => recorder.committer.undelivered(place),
    serviceName,
    keyLimits: { ...config.keyLimits, ...faults.keyLimits },
    prepareInstance,
    sealer,
    clock,
    metrics,
    readiness,
    log,
    issuer: `${scheme}://${cname}/identity`,
  })
  undo.push(() => services.drain())
  const listeners = await openListeners({ config, services, clock, registry: metrics.registry, log }, undo)
  recorder.serving()

  // What came to be comparable while nobody ran.
  void reconciliation.look()

  const { addresses } = listeners
  const origin = `${scheme}://${addresses.http}`
  writeRunFile(config.data, {
    pid: process.pid,
    ...addresses,
    console: `${origin}/`,
    instance: first.instance.guid,
    location: first.instance.location,
    unitPid: units.pid,
  })
  return {
    origin,
    addresses,
    instance: first.instance.guid,
    location: first.instance.location,
    isFirstStart: facts.isNew,
    apiKey: first.apiKey,
    signInLink: first.signInToken === undefined ? undefined : `${origin}/#signin=${first.signInToken}`,
    stop: async () => {
      removeRunFile(config.data)
      await Promise.all([services.drain(), reconciliation.stop()])
      const closed = listeners.stop()
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, limits.drainMs / 2).unref())])
      await rotations.stop()
      recorder.stopRecording()
      await trail.stop()
      // What the trackers acknowledged last; nothing is recorded any more.
      recorder.stopRecording()
      await units.stop()
      await recorder.stop()
      store.close()
      folder.release()
    },
  }
}
