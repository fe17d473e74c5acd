/** Policies in events: before and after, under the exact names that the seed prints (capital P in the KCIA names). */
import type { PolicyKind, PolicyValue } from './instance-policy.ts'

interface Names {
  readonly enabled: string
  /** Of each attribute. */
  readonly attributes: Readonly<Record<string, string>>
}

const names: { readonly [K in PolicyKind]: Names } = {
  allowedNetwork: {
    enabled: 'policyAllowedNetworkEnabled',
    attributes: { allowed_network: 'policyAllowedNetworkAttribute' },
  },
  allowedIP: { enabled: 'policyAllowedIPEnabled', attributes: { allowed_ip: 'policyAllowedIPAttribute' } },
  dualAuthDelete: { enabled: 'policyDualAuthDeleteEnabled', attributes: {} },
  keyCreateImportAccess: {
    enabled: 'PolicyKCIAEnabled',
    attributes: {
      create_root_key: 'PolicyKCIAAttrCRK',
      create_standard_key: 'PolicyKCIAAttrCSK',
      import_root_key: 'PolicyKCIAAttrIRK',
      import_standard_key: 'PolicyKCIAAttrISK',
      enforce_token: 'PolicyKCIAAttrET',
    },
  },
  metrics: { enabled: 'policyMetricsEnabled', attributes: {} },
  rotation: { enabled: 'policyRotationEnabled', attributes: { interval_month: 'policyRotationIntervalMonth' } },
}

type FieldValue = boolean | number | string | readonly string[]
/** Fields of an event's request data, by dotted name. */
export type PolicyFields = Readonly<Record<string, FieldValue>>

/** Both sides of one policy's change. */
export function changeFields(kind: PolicyKind, before: PolicyValue, after: PolicyValue): PolicyFields {
  return { ...sideOf('initialValue', kind, before), ...sideOf('newValue', kind, after) }
}

function sideOf(side: 'initialValue' | 'newValue', kind: PolicyKind, value: PolicyValue): PolicyFields {
  const { enabled, attributes } = names[kind]
  const fields: Record<string, FieldValue> = { [`${side}.${enabled}`]: value.enabled }
  for (const [attribute, given] of Object.entries(value.attributes) as [string, FieldValue | undefined][]) {
    const name = attributes[attribute]
    if (name !== undefined && given !== undefined) fields[`${side}.${name}`] = given
  }
  return fields
}
