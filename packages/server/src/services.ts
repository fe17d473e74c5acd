/** The services on the recording door, and the listeners in front of them: who serves what, on which network. */
import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { openAlerting } from './alerts/alerting.ts'
import { channelCarriers } from './alerts/channels/carriers.ts'
import type { Audit } from './audit.ts'
import { openCertificates } from './certificates/certificates.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { createEp11, type Ep11 } from './ep11/ep11.ts'
import { addGovernanceRoute } from './governance/routes.ts'
import { httpCertificate } from './http-certificate.ts'
import { addConsole } from './http/console.ts'
import { watchFloods } from './http/flood-events.ts'
import { addHealthRoutes, type Readiness } from './http/health.ts'
import { addIdentityApi, openIdentity } from './http/identity-api.ts'
import { addKeyRoutes } from './http/key-routes.ts'
import { createListener } from './http/listener.ts'
import { addLocationRoute, type Endpoints } from './http/routes/locations.ts'
import { addMetricsRoute, type Metrics } from './http/metrics.ts'
import { describeApi } from './http/openapi.ts'
import { ringGrants } from './iam/role-grants-of-ring.ts'
import { readTrackerAccess } from './iam/tracker-access.ts'
import { importTokenRoutes } from './import-token/routes.ts'
import type { ImportTokenParts } from './import-token/parts.ts'
import { secureImports } from './import-token/secure-import.ts'
import { keyPairs } from './import-token/key-pairs.ts'
import { knownLocations } from './instances/locations.ts'
import type { PrepareInstance } from './instances/new-instance.ts'
import { openKeeping } from './keeping/keeping.ts'
import { addInventoryRoutes } from './keys/inventory/routes.ts'
import { keyJobs } from './keys/jobs.ts'
import { type KeyLimits, keyLimits } from './keys/limits.ts'
import type { KeyParts } from './keys/parts.ts'
import { keyRoutes } from './keys/routes.ts'
import { keyStore } from './keys/store.ts'
import { keystoreMethods } from './keystore/methods.ts'
import { addKeystoreRoutes } from './keystore/routes.ts'
import { openKeystores } from './keystore/keystores.ts'
import { createKmip, type Kmip } from './kmip/kmip.ts'
import { readAdapterUse } from './kmip/management/adapters.ts'
import { kmipManagementRoutes } from './kmip/management/routes.ts'
import { messageMetrics } from './kmip/metrics.ts'
import { openAdopting } from './lifecycle/adopting.ts'
import { createLifecycle } from './lifecycle/lifecycle.ts'
import { policiesInForce } from './policies/in-force.ts'
import { readInstancePolicies } from './policies/instance-policy.ts'
import { instanceMetrics, meterInstances } from './policies/metrics.ts'
import type { PolicyParts } from './policies/parts.ts'
import { rotationJob } from './policies/rotation-job.ts'
import { policyRoutes } from './policies/routes.ts'
import { readRegistrations } from './registrations/registrations.ts'
import { programFiles } from './program-files.ts'
import type { Committer } from './record/committer.ts'
import { registrationStore } from './registrations/registration-row.ts'
import { registrationRoutes } from './registrations/routes.ts'
import type { Sealer } from './seal.ts'
import type { Forgetting } from './store/forget.ts'
import type { Reader } from './store/store.ts'
import { createTimers } from './timers/timers.ts'
import { addTkeRoutes } from './tke/routes.ts'
import { Continuities } from './trail/continuity/continuity.ts'
import { limits } from './limits.ts'
import { portOf } from './listener-address.ts'
import { addressRule } from './outbound/addresses.ts'
import { systemResolver } from './outbound/attempt.ts'
import { openOutbound } from './outbound/outbound.ts'
import { deliveringProducers } from './trail/intake/delivering-producers.ts'
import { Exports } from './trail/export/export.ts'
import { Receipts } from './trail/proof/receipt.ts'
import { addTrailRoutes } from './trail/routes.ts'
import { Tails } from './trail/search/tail.ts'
import { registerVerificationMetrics } from './trail/proof/verification-metrics.ts'
import { Verifications } from './trail/proof/verifications.ts'
import { trackerNames } from './trail/trackers.ts'
import type { Trail } from './trail/trail.ts'
import type { Rotations } from './units/rotation.ts'
import type { Units } from './units/units.ts'

export interface ServiceParts {
  readonly config: Config
  readonly cname: string
  readonly store: Reader
  readonly audit: Audit
  readonly trail: Trail
  readonly units: Units
  readonly rotations: Rotations
  readonly prepareInstance: PrepareInstance
  readonly sealer: Sealer
  /** Takes what a purge has erased out of the rest of the data folder. */
  readonly forgetting: Forgetting
  /** Makes bookkeeping durable, without an event. */
  readonly carry: Committer['carry']
  readonly undelivered: Committer['undelivered']
  /** Name of the service as an initiator, for what it does by itself. */
  readonly serviceName: string
  /** Bounds and waiting times that a test sets otherwise. */
  readonly keyLimits?: Partial<KeyLimits>
  readonly clock: Clock
  readonly metrics: Metrics
  readonly readiness: Readiness
  readonly log: Logger
  /** Issuer named in tokens. */
  readonly issuer: string
}

export interface Services {
  readonly publicListener: FastifyInstance
  readonly privateListener: FastifyInstance
  readonly kmip: Pick<Kmip, 'service' | 'attach'>
  readonly ep11: Ep11
  /** From now on clients are told of these listeners. */
  announce(endpoints: Endpoints): void
  /** Records what flood control has counted so far, and ends the open tails. Call before the listeners close. */
  drain(): Promise<void>
}

export async function createServices(parts: ServiceParts): Promise<Services> {
  const { config, cname, store, audit, trail, clock, log, sealer, metrics, issuer, serviceName } = parts
  const random = (count: number): Uint8Array => randomBytes(count)
  const identity = openIdentity({
    reader: store,
    audit,
    sealer,
    clock,
    random,
    cname,
    issuer,
    authenticationFailed: (isRecorded) => metrics.authenticationFailed(isRecorded),
  })
  const { door, access, accounts, identities, instances, flood } = identity
  const locations = [...new Set([...knownLocations, config.location])]
  const hasTracker = (account: string, location: string): boolean => trail.tracker(account, location) !== undefined
  const tails = new Tails(trail)
  const receipts = new Receipts(trail, clock)
  const verifications = new Verifications({
    reader: store,
    audit,
    trail,
    names: trackerNames(cname),
    clock,
    log,
    serviceName: parts.serviceName,
    everyMs: config.verifyEveryHours * 3_600_000,
  })
  registerVerificationMetrics(metrics.registry, store, clock)
  const exports = new Exports(trail, log)
  const continuities = new Continuities({ store, trail, clock })
  const keeping = openKeeping({
    door,
    access,
    audit,
    reader: store,
    trail,
    names: trackerNames(cname),
    clock,
    serviceName: parts.serviceName,
    log,
    folder: config.data,
    carry: parts.carry,
    everyMs: config.pruneEveryHours * 3_600_000,
    verifications,
    undelivered: parts.undelivered,
  })
  const stopFloods = watchFloods({ audit, flood, accounts, cname, log })
  const policies = policiesInForce(store, random)
  const keyParts: KeyParts = {
    keys: keyStore(store),
    unit: parts.units.client,
    access,
    clock,
    random,
    limits: { ...keyLimits, ...parts.keyLimits },
    policies,
    registrations: readRegistrations(store),
    lifecycle: createLifecycle({ reader: store, random }),
    adapters: readAdapterUse(store),
    ringGrants: ringGrants(store, cname),
    imports: secureImports(store, sealer),
    forget: () => parts.forgetting.forget(),
  }
  const timers = createTimers({ clock, log })
  timers.add(verifications.job())
  for (const job of keeping.jobs) timers.add(job)
  const isForgetting = (): boolean => parts.forgetting.isPending()
  const jobParts = { reader: store, audit, instances, keys: keyParts, clock, serviceName, isForgetting }
  for (const job of [...keyJobs(jobParts), rotationJob(jobParts)]) timers.add(job)

  const outbound = openOutbound({
    reader: store,
    sealer,
    clock,
    random,
    log,
    registry: metrics.registry,
    privateRanges: config.outboundPrivate,
    carriers: channelCarriers({ clock, serviceName, cname }),
    carry: parts.carry,
  })
  const adopting = openAdopting({
    ...identity,
    outbound,
    reader: store,
    audit,
    keys: keyParts.keys,
    sealer,
    clock,
    random,
    log,
    cname,
    serviceName,
    carry: parts.carry,
  })
  for (const job of adopting.jobs) timers.add(job)
  const alerting = openAlerting({
    ...identity,
    audit,
    reader: store,
    trail,
    names: trackerNames(cname),
    clock,
    serviceName,
    sealer,
    outbound,
    random,
    log,
    registry: metrics.registry,
    folder: config.data,
    locationDatabase: config.locationDatabase,
    consoleUrl: () => config.consoleUrl,
    carry: parts.carry,
  })
  for (const job of alerting.jobs) timers.add(job)
  const kmip = createKmip({
    ...identity,
    ...keyParts,
    reader: store,
    carry: parts.carry,
    metrics: messageMetrics(metrics.registry),
    audit,
    forgetting: parts.forgetting,
    policies,
    clock,
    cname,
    location: config.location,
    serviceName,
    log,
  })
  const keystores = openKeystores({
    reader: store,
    ep11: parts.units.ep11,
    access,
    sealer,
    clock,
    random,
    forgetting: parts.forgetting,
    carry: parts.carry,
  })
  for (const job of [...kmip.jobs, ...keystores.jobs]) timers.add(job)

  const { registry } = metrics
  const certificates = openCertificates({
    ...identity,
    reader: store,
    audit,
    clock,
    random,
    registry,
    serviceName,
    recoveryHours: config.certRecoveryHours,
  })
  for (const job of certificates.jobs) timers.add(job)

  const ep11 = createEp11({
    ...identity,
    ...identity.door,
    unit: parts.units.ep11,
    policies,
    certificates,
    authenticationFailed: (isRecorded) => metrics.authenticationFailed(isRecorded),
    clock,
    bounds: config.ep11.bounds,
    methods: keystoreMethods(keystores.parts),
    registry,
  })

  const governanceParts = {
    access,
    instances,
    keys: keyParts.keys,
    instancePolicies: readInstancePolicies(store),
    policies,
    clock,
  }

  const policyParts: PolicyParts = {
    ...keyParts,
    reader: store,
    policies: readInstancePolicies(store),
    privatePort: () => portOf(privateListener.server.address()),
  }
  const tokenParts: ImportTokenParts = { ...keyParts, reader: store, sealer, makeKeyPair: keyPairs(4_096) }

  const kmsRoutes = [
    ...keyRoutes(keyParts),
    ...policyRoutes(policyParts),
    ...importTokenRoutes(tokenParts),
    ...kmipManagementRoutes(kmip.management),
    ...registrationRoutes({ ...keyParts, registrations: registrationStore(store) }),
    ...adopting.keyRoutes,
  ]

  const delivering = deliveringProducers(store)
  const network = {
    addresses: addressRule(config.outboundPrivate),
    resolve: systemResolver(),
    attemptMs: limits.deliverAttemptMs,
  }
  const meters = instanceMetrics(metrics.registry, store)
  let endpoints: Endpoints = {}
  const addRoutes = (app: FastifyInstance): void => {
    addIdentityApi(app, { identity, clock, random, issuer, locations, hasTracker, prepare: parts.prepareInstance })
    addLocationRoute(app, { door, locations, endpoints: () => endpoints, clock })
    meterInstances(app, meters)
    addKeyRoutes(app, door, instances, kmsRoutes, policies)
    addGovernanceRoute(app, door, governanceParts)
    addInventoryRoutes(app, { door, instances, policies }, { ...keyParts, reader: store, identities })
    addKeystoreRoutes(app, { door, instances, policies, identities, accepted: certificates.accepted }, keystores.parts)
    certificates.addRoutes(app, { door, instances, policies })
    addTkeRoutes(app, { ...parts, door, access, instances, policies, locations })
    adopting.addRoutes(app)
    addTrailRoutes(app, {
      ...identity,
      trail,
      tails,
      receipts,
      verifications,
      exports,
      continuities,
      store,
      clock,
      names: trackerNames(cname),
      delivering,
      network,
      trackerAccess: readTrackerAccess(store),
    })
    keeping.addRoutes(app)
    alerting.addRoutes(app)
    addHealthRoutes(app, parts.readiness)
  }

  const certificate = httpCertificate(config.tls, { clock, log, registry })
  const listen = async (isPrivate: boolean): Promise<FastifyInstance> => {
    const app = createListener({
      isPrivate,
      log,
      trustedProxies: config.trustedProxies,
      observer: metrics,
      ...certificate.options,
    })
    await describeApi(app, '0.1.0')
    addRoutes(app)
    if (isPrivate) addMetricsRoute(app, metrics.registry)
    await addConsole(app, programFiles.console)
    return app
  }

  const publicListener = await listen(false)
  const privateListener = await listen(true)
  const stopWatching = certificate.watch([publicListener, privateListener])
  keeping.start()
  outbound.start()
  await alerting.start()
  // Last: no job does what a start does.
  timers.start()
  return {
    publicListener,
    privateListener,
    kmip,
    ep11,
    announce: (open) => (endpoints = open),
    drain: async () => {
      stopWatching()
      tails.stop()
      receipts.stop()
      await verifications.stop()
      await exports.stop()
      continuities.stop()
      await timers.stop()
      await keeping.stop()
      await alerting.stop()
      await outbound.stop()
      await stopFloods()
    },
  }
}
