/** Rules about policies that become looser. */
import { actions, type PackRule } from './pack-rule.ts'

const written = actions('hs-crypto.instance-policies.write', 'hs-crypto.policies.write')
const guarding = [
  'newValue.policyDualAuthDeleteEnabled:*',
  'newValue.policyAllowedNetworkEnabled:*',
  'newValue.policyAllowedIPEnabled:*',
  'newValue.policyAllowedIPAttribute:*',
  'newValue.PolicyKCIAEnabled:*',
].join(' OR ')

export const policyRules: readonly PackRule[] = [
  {
    number: [6],
    isOn: true,
    rule: {
      id: 'policy-weakened',
      name: 'A policy that protects keys became looser',
      description:
        'Dual authorization of deletions was switched off, more networks or addresses are let in, or more kinds of keys may be created or imported than before. The event has both values.',
      remedy: 'If nobody announced the change, set the old values again, and ask who made it.',
      severity: 'critical',
      when: { kind: 'match', query: `${written} change:looser (${guarding})` },
      groupBy: ['instance', 'initiator.id'],
    },
  },
  {
    number: [6],
    isOn: true,
    rule: {
      id: 'rotation-policy-weakened',
      name: 'Keys are to be rotated less often',
      description: 'A rotation policy was switched off, or its interval became longer.',
      remedy: 'Compare with what your rules ask for. If it is too seldom, set the old interval again.',
      severity: 'warning',
      when: {
        kind: 'match',
        query: `${written} change:looser newValue.policyRotationEnabled:* -(${guarding})`,
      },
      groupBy: ['instance', 'initiator.id'],
    },
  },
]
