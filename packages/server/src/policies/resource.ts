/** Policies as the API shows them (reference section 6.2), in their envelope. */
import { type Instance, resourceCrn } from '../instances/instance.ts'
import { formatDate } from '../keys/date.ts'
import { policyMediaType } from './collection.ts'
import type { InstancePolicy } from './instance-policy.ts'
import { type KeyPolicy, rotationOf } from './key-policy.ts'

export function keyPolicyResource(policy: KeyPolicy, instance: Instance): object {
  return {
    id: policy.id,
    crn: resourceCrn(instance, 'policy', policy.id),
    type: policyMediaType,
    createdBy: policy.createdBy,
    creationDate: formatDate(policy.createdAt),
    updatedBy: policy.updatedBy,
    lastUpdateDate: formatDate(policy.updatedAt),
    ...(policy.kind === 'rotation'
      ? { rotation: rotationOf(policy) }
      : { dualAuthDelete: { enabled: policy.enabled === 1 } }),
  }
}

/** The name of the last date differs from that of key policies: so it was published. */
export function instancePolicyResource(policy: InstancePolicy): object {
  const { enabled, attributes } = policy
  return {
    policy_type: policy.kind,
    policy_data: { enabled, ...(Object.keys(attributes).length === 0 ? {} : { attributes }) },
    createdBy: policy.createdBy,
    creationDate: formatDate(policy.createdAt),
    updatedBy: policy.updatedBy,
    lastUpdated: formatDate(policy.updatedAt),
  }
}

export function envelopeOf(collectionType: string, resources: readonly object[]): object {
  return { metadata: { collectionType, collectionTotal: resources.length }, resources }
}
