/** Alerts as one part: its routes, its engine, its work that falls due, and what it gives the outbound sender. */
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { addUnrecordedRoute } from '../http/unrecorded-route.ts'
import type { Identities } from '../iam/identities.ts'
import { type TrackerRequestParts, placeIn, requireTracker, targetIn } from '../trail/tracker-request.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { readTargets } from '../outbound/targets.ts'
import type { Sealer } from '../seal.ts'
import type { Change } from '../store/store.ts'
import type { TimerJob } from '../timers/timers.ts'
import type { TrackerRow } from '../trail/trail.ts'
import { addChannelRoutes } from './channels/channel-routes.ts'
import { readChannels } from './channels/channel-rows.ts'
import { channelOwner } from './channels/give-up.ts'
import { addChannelMessageRoutes } from './channels/message-routes.ts'
import { AlertEngine } from './engine/engine.ts'
import { checkLocationDatabase } from './engine/locator.ts'
import { forgettingJobs } from './forgetting.ts'
import { alertJobs, eachAlone, trackerOf } from './jobs.ts'
import { addAlertRoutes, alertsPath } from './life/alert-routes.ts'
import { addMuteRoutes } from './life/mute-routes.ts'
import { readMutes } from './mutes.ts'
import type { AlertingParts } from './parts.ts'
import { readAlerts } from './raising/alert-rows.ts'
import { raise, type RaisingParts } from './raising/raise.ts'
import { addRuleDocumentRoutes } from './rules/document-routes.ts'
import { installPack, trackersWithoutRules } from './rules/install-pack.ts'
import { addRuleRoutes, LocationParams } from './rules/rule-routes.ts'
import { readRules } from './rules/rule-rows.ts'
import { suspendCostly } from './rules/suspend-costly.ts'
import { digestJob } from './watch/digest.ts'
import { channelHeartbeatJob } from './watch/heartbeat.ts'
import { registerAlertMetrics } from './watch/metrics.ts'
import { alertingStatus } from './watch/status.ts'
import { WatchRules } from './watch/watch-rules.ts'

export interface OpenAlertingParts extends TrackerRequestParts {
  readonly identities: Identities
  readonly sealer: Sealer
  readonly outbound: Outbound
  readonly random: (bytes: number) => Uint8Array
  readonly log: Logger
  readonly registry: Registry
  /** The data folder. */
  readonly folder: string
  readonly locationDatabase: string | undefined
  readonly consoleUrl: () => string | undefined
  /** Makes bookkeeping durable, without an event. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
}

export interface Alerting {
  readonly jobs: readonly TimerJob[]
  addRoutes(app: FastifyInstance): void
  /** Begins to watch every tracker of this server. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** How often is looked at what no event tells, milliseconds. */
const watchEveryMs = 5_000

export function openAlerting(given: OpenAlertingParts): Alerting {
  const { reader, outbound, trail, clock, log, sealer, serviceName } = given
  if (given.locationDatabase !== undefined) checkLocationDatabase(given.locationDatabase)
  const rules = readRules(reader)
  const mutes = readMutes(reader)
  const base = {
    ...given,
    rules,
    mutes,
    alerts: readAlerts(reader),
    channels: readChannels(reader),
    queued: () => outbound.queued(),
  } satisfies RaisingParts & object
  const engine: AlertEngine = new AlertEngine({
    ...given,
    rules,
    mutes,
    isThere: ({ id }) => trackerOf(reader, id) !== undefined,
    commit: (tracker, seen) => raise(base, tracker, seen),
    suspend: (tracker, rule, version, why) => suspendCostly(parts, tracker, { id: rule, version }, why),
  })
  const parts: AlertingParts & OpenAlertingParts = {
    ...base,
    engine,
    hasLocations: given.locationDatabase !== undefined,
  }
  outbound.own(channelOwner(parts))
  registerAlertMetrics(given.registry, engine, reader)
  const watches = new WatchRules(parts)
  const install = async (): Promise<void> => {
    for (const tracker of trackersWithoutRules(parts)) {
      await installPack(parts, tracker)
      log.info({ location: tracker.location }, 'the rules that the product ships were installed')
    }
  }
  return {
    jobs: [
      ...alertJobs(parts),
      digestJob({ ...parts, messages: outbound.messages }),
      channelHeartbeatJob(parts, { ...given, messages: outbound.messages }),
      {
        name: 'rules of new trackers',
        nextDue: () => (trackersWithoutRules(parts).length > 0 ? 0 : undefined),
        run: install,
      },
      watchJob(parts, watches),
      ...forgettingJobs(parts),
    ],
    addRoutes: (app) => {
      const routeParts = { ...parts, targets: readTargets(reader, sealer) }
      addRuleDocumentRoutes(app, parts)
      addRuleRoutes(app, parts)
      addMuteRoutes(app, parts)
      addStatusRoute(app, parts, outbound)
      addAlertRoutes(app, parts)
      addChannelRoutes(app, routeParts)
      addChannelMessageRoutes(app, routeParts)
    },
    start: async () => {
      engine.start()
      for (const tracker of reader.all<TrackerRow>('SELECT * FROM trackers')) {
        if (trail.remotes.find(tracker) === undefined) engine.watch(tracker)
      }
      // A full disk, for one: it is tried again every second.
      await install().catch((error: unknown) =>
        log.error({ err: error, serviceName, at: clock.now() }, 'the shipped rules could not be installed yet'),
      )
    },
    stop: () => engine.stop(),
  }
}

function watchJob(parts: RaisingParts & AlertingParts & { readonly log: Logger }, watches: WatchRules): TimerJob {
  let lookedAt = Number.NEGATIVE_INFINITY
  const monotonic = (): number => parts.clock.monotonic()
  return {
    name: 'what no event tells',
    nextDue: () => (monotonic() - lookedAt >= watchEveryMs ? 0 : undefined),
    run: async () => {
      lookedAt = monotonic()
      const trackers = parts.reader.all<TrackerRow>('SELECT * FROM trackers')
      await eachAlone(trackers, parts.log, async (tracker) => {
        const fired = watches.look(tracker)
        if (fired.length > 0) await raise(parts, tracker, { fired, joined: [] })
      })
    },
  }
}

/** Counts and states only: consoles and checks ask for it every few seconds. */
function addStatusRoute(app: FastifyInstance, parts: AlertingParts, { messages }: Outbound): void {
  addUnrecordedRoute(app, parts.door, {
    url: `${alertsPath}/status`,
    action: 'activity-tracker.alert.list',
    place: placeIn(parts),
    target: targetIn(parts),
    schema: {
      summary: 'How alerting is: engine, rules, mutes, channels, and what is wrong with any of it',
      tags: ['alerts'],
      params: LocationParams,
    },
    permit: (head) => requireTracker(parts, head, 'trail.read'),
    content: (row) => ({
      body: alertingStatus(parts, messages, row),
      type: 'application/json',
    }),
  })
}
