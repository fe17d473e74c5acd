/** Policies in events: before and after, under the exact names that the seed prints (capital P in the KCIA names). */
import { createHash } from 'node:crypto'
import { type ListDigest, listBytesMax, listDigest } from '@keywitness/cadf'
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

type FieldValue = boolean | number | string | readonly string[] | ListDigest
/** Fields of an event's request data, by dotted name. */
export type PolicyFields = Readonly<Record<string, FieldValue>>

/** Both sides of one policy's change. The whole of a list that is cut short stands in an event before, or can be read. */
export function changeFields(kind: PolicyKind, before: PolicyValue, after: PolicyValue): PolicyFields {
  const newValue = sideOf('newValue', kind, after, listBytesMax)
  const initialValue = sideOf('initialValue', kind, before, listBytesMax - bytesOfLists(after))
  return { ...initialValue, ...newValue }
}

function sideOf(side: 'initialValue' | 'newValue', kind: PolicyKind, value: PolicyValue, room: number): PolicyFields {
  const { enabled, attributes } = names[kind]
  const fields: Record<string, FieldValue> = { [`${side}.${enabled}`]: value.enabled }
  for (const [attribute, given] of Object.entries(value.attributes) as [string, FieldValue | undefined][]) {
    const name = attributes[attribute]
    if (name === undefined || given === undefined) continue
    fields[`${side}.${name}`] = Array.isArray(given) ? fitted(given as readonly string[], room) : given
  }
  return fields
}

/** A list, or what stands for it where an entry of the log would not hold it. */
function fitted(list: readonly string[], room: number): readonly string[] | ListDigest {
  return bytesOf(list) <= room ? list : listDigest(list, (data) => createHash('sha256').update(data).digest())
}

function bytesOfLists(value: PolicyValue): number {
  const lists = Object.values(value.attributes).filter((given) => Array.isArray(given)) as (readonly string[])[]
  return lists.reduce((sum, list) => sum + bytesOf(list), 0)
}

/** As JSON: quotes and a comma around each. */
function bytesOf(list: readonly string[]): number {
  return list.reduce((sum, item) => sum + item.length + 3, 0)
}
