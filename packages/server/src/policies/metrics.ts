/** The metrics policy: requests and latency of the instances that want them, under HPCS' names (reference section 7.7). */
import type { FastifyInstance } from 'fastify'
import { Gauge, type Registry } from 'prom-client'
import type { Instance } from '../instances/instance.ts'
import type { Reader } from '../store/store.ts'

const labelNames = [
  'ibm_resource_type',
  'ibm_hpcs_response_code',
  'ibm_scope',
  'ibm_ctype',
  'ibm_location',
  'ibm_service_name',
  'ibm_resource',
  'ibm_hpcs_api',
  'ibm_resource_group_name',
  'ibm_service_instance_name',
  'ibm_service_instance',
] as const

export interface InstanceMetrics {
  /** One answered call of the key API. `api`: its action. */
  answered(instance: Instance, api: string, status: number, milliseconds: number): void
}

/** Each series belongs to an instance whose manager asked for it, and goes when the policy does. */
export function instanceMetrics(registry: Registry, reader: Reader): InstanceMetrics {
  const requests = new Gauge({
    name: 'ibm_hpcs_api_request_gauge',
    help: 'Requests of an instance, by API and response code, since the start.',
    labelNames,
    registers: [registry],
  })
  const latency = new Gauge({
    name: 'ibm_hpcs_api_latency_gauge',
    help: 'Milliseconds to the last answer of an instance, by API and response code.',
    labelNames,
    registers: [registry],
  })
  /** By instance: the label sets that its series have. */
  const shown = new Map<string, Map<string, Record<string, string>>>()

  function forget(instance: string): void {
    for (const labels of shown.get(instance)?.values() ?? []) {
      requests.remove(labels)
      latency.remove(labels)
    }
    shown.delete(instance)
  }

  return {
    answered(instance, api, status, milliseconds) {
      const isOn = reader.get(
        "SELECT 1 AS found FROM instance_policies WHERE instance = ? AND kind = 'metrics' AND enabled = 1",
        instance.guid,
      )
      if (isOn === undefined) {
        forget(instance.guid)
        return
      }
      const labels = labelsOf(instance, api, status)
      const sets = shown.get(instance.guid) ?? new Map<string, Record<string, string>>()
      shown.set(instance.guid, sets.set(`${api} ${status}`, labels))
      requests.inc(labels)
      latency.set(labels, milliseconds)
    },
  }
}

function labelsOf(instance: Instance, api: string, status: number): Record<(typeof labelNames)[number], string> {
  return {
    ibm_resource_type: 'instance',
    ibm_hpcs_response_code: String(status),
    ibm_scope: `a/${instance.account}`,
    ibm_ctype: 'public',
    ibm_location: instance.location,
    ibm_service_name: 'kms',
    ibm_resource: instance.guid,
    ibm_hpcs_api: api,
    ibm_resource_group_name: instance.resourceGroup,
    ibm_service_instance_name: instance.name,
    ibm_service_instance: instance.guid,
  }
}

/** Tells the metrics of each answered call of the key API on this listener. */
export function meterInstances(app: FastifyInstance, metrics: InstanceMetrics): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { instance, action } = request
    if (instance !== undefined && action !== undefined) {
      metrics.answered(instance, action, reply.statusCode, reply.elapsedTime)
    }
    done()
  })
}
