/** The metrics policy: what is metered, for whom, and that it ends with the policy. */
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { openHouse } from '../keys/testing/house.ts'
import { instanceMetrics } from './metrics.ts'
import { openListeners, policy } from './testing/listeners.ts'

test('only calls on an instance with the policy are metered, and its series end with the policy', async () => {
  const house = openHouse()
  const { ask, setInstance } = openListeners(house)
  const registry = new Registry()
  const metrics = instanceMetrics(registry, house.store)
  const series = async () => (await registry.metrics()).split('\n').filter((line) => line.startsWith('ibm_'))
  metrics.answered(house.instance, 'hs-crypto.secrets.list', 200, 5)
  expect(await series()).toEqual([])
  await setInstance(policy('metrics', true))
  metrics.answered(house.instance, 'hs-crypto.secrets.list', 200, 5)
  metrics.answered(house.instance, 'hs-crypto.secrets.list', 200, 7)
  metrics.answered(house.foreign, 'hs-crypto.secrets.list', 200, 9)
  const labels = `ibm_resource_type="instance",ibm_hpcs_response_code="200",ibm_scope="a/${house.instance.account}",ibm_ctype="public",ibm_location="us-south",ibm_service_name="kms",ibm_resource="${house.instance.guid}",ibm_hpcs_api="hs-crypto.secrets.list",ibm_resource_group_name="${house.instance.resourceGroup}",ibm_service_instance_name="${house.instance.name}",ibm_service_instance="${house.instance.guid}"`
  expect(await series()).toEqual([`ibm_hpcs_api_request_gauge{${labels}} 2`, `ibm_hpcs_api_latency_gauge{${labels}} 7`])
  await setInstance(policy('metrics', false))
  metrics.answered(house.instance, 'hs-crypto.secrets.list', 200, 5)
  expect(await series()).toEqual([])
  expect((await ask('GET', '/keys')).status).toBe(200)
})
