/** EP11 put together: the services behind its listeners, and the one door that all their calls pass. */
import type { Registry } from 'prom-client'
import type { OpenCertificates } from '../certificates/certificates.ts'
import type { Ep11Bounds } from '../ep11-settings.ts'
import { limits } from '../limits.ts'
import { Rates } from '../listening/rates.ts'
import type { Ep11Client } from '../units/ep11-client.ts'
import { ClientCertificates, type ClientCertificateParts } from './client-certificates.ts'
import { cryptoMethods } from './crypto/crypto.ts'
import { createEp11Door, type DoorParts, type Ep11Door } from './door.ts'
import type { Ep11Method } from './method.ts'
import { type CallMetrics, callMetrics } from './metrics.ts'

export interface Ep11Composition extends Omit<DoorParts, 'rates' | 'metrics' | 'certificates' | 'instances'> {
  readonly instances: DoorParts['instances'] & ClientCertificateParts['instances']
  /** By which certificates clients are known. */
  readonly certificates: Pick<OpenCertificates, 'accepted' | 'whenChanged'>
  readonly unit: Pick<Ep11Client, 'call'>
  readonly bounds: Pick<Ep11Bounds, 'callsPerSecond' | 'callBurst'>
  /** Of other services on the same listeners. */
  readonly methods: readonly Ep11Method[]
  readonly registry: Registry
}

export interface Ep11 {
  readonly door: Ep11Door
  readonly metrics: CallMetrics
  readonly certificates: ClientCertificates
  /** From now on `told` hears of each instance whose accepted certificates have changed. */
  readonly whenChanged: OpenCertificates['whenChanged']
}

export function createEp11(parts: Ep11Composition): Ep11 {
  const { clock, bounds, instances } = parts
  const rateBounds = {
    perSecond: bounds.callsPerSecond,
    burst: bounds.callBurst,
    tellMs: limits.ep11OverloadMs,
    sources: limits.ep11Sources,
  }
  const rates = new Rates(rateBounds, () => clock.monotonic())
  const metrics = callMetrics(parts.registry)
  const methods = [...cryptoMethods(parts.unit), ...parts.methods]
  const { accepted, whenChanged } = parts.certificates
  const certificates = new ClientCertificates({ accepted, instances, clock })
  return {
    door: createEp11Door({ ...parts, certificates, rates, metrics }, methods),
    metrics,
    certificates,
    whenChanged,
  }
}
