/** Before and after values of policies, with the exact spelling of the seed (a capital P in the KCIA names). */
import type { FieldSpec } from './entry.ts'

const networks = ['public-and-private', 'private-only', 'public-only'] as const

export const allowedNetwork = [
  {
    name: 'initialValue.policyAllowedNetworkEnabled',
    type: 'boolean',
    meaning: 'Whether the allowed network policy was previously enabled.',
    when: 'the allowed network policy is set',
    source: 'seed',
  },
  {
    name: 'initialValue.policyAllowedNetworkAttribute',
    type: 'enum',
    values: networks,
    meaning: 'The networks that were previously allowed.',
    when: 'the allowed network policy is set',
    source: 'seed',
  },
  {
    name: 'newValue.policyAllowedNetworkEnabled',
    type: 'boolean',
    meaning: 'Whether the allowed network policy is enabled.',
    when: 'the allowed network policy is set',
    source: 'seed',
  },
  {
    name: 'newValue.policyAllowedNetworkAttribute',
    type: 'enum',
    values: networks,
    meaning: 'The networks that are allowed.',
    when: 'the allowed network policy is set',
    source: 'seed',
  },
] as const satisfies readonly FieldSpec[]

export const dualAuthDelete = [
  {
    name: 'initialValue.policyDualAuthDeleteEnabled',
    type: 'boolean',
    meaning: 'Whether the dual auth delete policy was previously enabled.',
    when: 'the dual auth delete policy is set',
    source: 'seed',
  },
  {
    name: 'newValue.policyDualAuthDeleteEnabled',
    type: 'boolean',
    meaning: 'Whether the dual auth delete policy is enabled.',
    when: 'the dual auth delete policy is set',
    source: 'seed',
  },
] as const satisfies readonly FieldSpec[]

/** One value of the key creation and importation access policy, before or after. */
interface KciaField<N extends string> {
  readonly name: N
  readonly type: 'boolean'
  readonly meaning: string
  readonly when: string
  readonly source: 'seed'
}

function kcia<const N extends string>(name: N, meaning: string): KciaField<N> {
  return {
    name,
    type: 'boolean',
    meaning,
    when: 'the key creation and importation access policy is set',
    source: 'seed',
  }
}

export const keyCreateImportAccess = [
  kcia('initialValue.PolicyKCIAEnabled', 'Whether the key creation and importation policy was previously enabled.'),
  kcia('newValue.PolicyKCIAEnabled', 'Whether the key creation and importation policy is enabled.'),
  kcia('initialValue.PolicyKCIAAttrCRK', 'Whether root keys could previously be created.'),
  kcia('newValue.PolicyKCIAAttrCRK', 'Whether root keys can be created.'),
  kcia('initialValue.PolicyKCIAAttrCSK', 'Whether standard keys could previously be created.'),
  kcia('newValue.PolicyKCIAAttrCSK', 'Whether standard keys can be created.'),
  kcia('initialValue.PolicyKCIAAttrIRK', 'Whether root keys could previously be imported.'),
  kcia('newValue.PolicyKCIAAttrIRK', 'Whether root keys can be imported.'),
  kcia('initialValue.PolicyKCIAAttrISK', 'Whether standard keys could previously be imported.'),
  kcia('newValue.PolicyKCIAAttrISK', 'Whether standard keys can be imported.'),
  kcia('initialValue.PolicyKCIAAttrET', 'Whether keys previously had to be imported through an import token.'),
  kcia('newValue.PolicyKCIAAttrET', 'Whether keys have to be imported through an import token.'),
] as const satisfies readonly FieldSpec[]

/** Allowed addresses: the attribute is Key Protect's, whether it is enabled is ours. */
export const allowedIP = [
  {
    name: 'initialValue.policyAllowedIPEnabled',
    type: 'boolean',
    meaning: 'Whether the allowed IP policy was previously enabled.',
    when: 'the allowed IP policy is set',
    source: 'extension',
  },
  {
    name: 'initialValue.policyAllowedIPAttribute',
    type: 'identifier[]',
    meaning: 'The addresses that were previously allowed, as CIDR blocks.',
    when: 'the allowed IP policy is set',
    source: 'key-protect',
  },
  {
    name: 'newValue.policyAllowedIPEnabled',
    type: 'boolean',
    meaning: 'Whether the allowed IP policy is enabled.',
    when: 'the allowed IP policy is set',
    source: 'extension',
  },
  {
    name: 'newValue.policyAllowedIPAttribute',
    type: 'identifier[]',
    meaning: 'The addresses that are allowed, as CIDR blocks.',
    when: 'the allowed IP policy is set',
    source: 'key-protect',
  },
] as const satisfies readonly FieldSpec[]

export const metrics = [
  {
    name: 'initialValue.policyMetricsEnabled',
    type: 'boolean',
    meaning: 'Whether the metrics policy was previously enabled.',
    when: 'the metrics policy is set',
    source: 'extension',
  },
  {
    name: 'newValue.policyMetricsEnabled',
    type: 'boolean',
    meaning: 'Whether the metrics policy is enabled.',
    when: 'the metrics policy is set',
    source: 'extension',
  },
] as const satisfies readonly FieldSpec[]

export const rotation = [
  {
    name: 'initialValue.policyRotationEnabled',
    type: 'boolean',
    meaning: 'Whether the rotation policy was previously enabled.',
    when: 'the rotation policy is set',
    source: 'extension',
  },
  {
    name: 'initialValue.policyRotationIntervalMonth',
    type: 'integer',
    meaning: 'The previous rotation interval in months.',
    when: 'the rotation policy is set',
    source: 'extension',
  },
  {
    name: 'newValue.policyRotationEnabled',
    type: 'boolean',
    meaning: 'Whether the rotation policy is enabled.',
    when: 'the rotation policy is set',
    source: 'extension',
  },
  {
    name: 'newValue.policyRotationIntervalMonth',
    type: 'integer',
    meaning: 'The rotation interval in months.',
    when: 'the rotation policy is set',
    source: 'extension',
  },
] as const satisfies readonly FieldSpec[]

/** Policies given together with a new key. */
export const createdPolicies = [
  {
    name: 'newValue.policyDualAuthDeleteEnabled',
    type: 'boolean',
    meaning: 'Whether the key is created with a dual auth delete policy.',
    when: 'the key is created with policy overrides',
    source: 'extension',
  },
  {
    name: 'newValue.policyRotationEnabled',
    type: 'boolean',
    meaning: 'Whether the key is created with a rotation policy.',
    when: 'the key is created with policy overrides',
    source: 'extension',
  },
  {
    name: 'newValue.policyRotationIntervalMonth',
    type: 'integer',
    meaning: 'The rotation interval in months.',
    when: 'the key is created with policy overrides',
    source: 'extension',
  },
] as const satisfies readonly FieldSpec[]

/** Words for the policies that an event sets, in sentences. */
export const policyChanges = [
  'allowed network {request.newValue.policyAllowedNetworkEnabled}[ ({request.newValue.policyAllowedNetworkAttribute})]',
  'dual authorization of deletion {request.newValue.policyDualAuthDeleteEnabled}',
  'key creation and import access {request.newValue.PolicyKCIAEnabled}',
  'allowed IP {request.newValue.policyAllowedIPEnabled}[ ({request.newValue.policyAllowedIPAttribute})]',
  'metrics {request.newValue.policyMetricsEnabled}',
  'rotation {request.newValue.policyRotationEnabled}[ (every {request.newValue.policyRotationIntervalMonth} months)]',
] as const
