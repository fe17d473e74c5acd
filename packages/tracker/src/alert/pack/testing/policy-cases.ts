/** Scenes of policies that change. */
import type { Cases } from './cases.ts'
import { ana, at, billing, instance, marek } from './scene.ts'

const write = 'hs-crypto.instance-policies.write'

export const policyCases: Cases = {
  'policy-weakened': {
    severity: 'critical',
    fires: [
      at('10:00').did(ana, write, {
        code: 204,
        request: {
          'initialValue.policyAllowedIPEnabled': true,
          'initialValue.policyAllowedIPAttribute': ['192.0.2.0/24'],
          'newValue.policyAllowedIPEnabled': true,
          'newValue.policyAllowedIPAttribute': ['192.0.2.0/24', '0.0.0.0/1'],
        },
      }),
    ],
    as: { instance, 'initiator.id': ana.id },
    near: {
      'it became stricter': [
        at('10:00').did(ana, write, {
          request: {
            'initialValue.policyAllowedNetworkEnabled': false,
            'initialValue.policyAllowedNetworkAttribute': 'public-and-private',
            'newValue.policyAllowedNetworkEnabled': true,
            'newValue.policyAllowedNetworkAttribute': 'private-only',
          },
        }),
      ],
      'it was set to what it was': [
        at('10:00').did(ana, write, {
          request: { 'initialValue.policyDualAuthDeleteEnabled': true, 'newValue.policyDualAuthDeleteEnabled': true },
        }),
      ],
      'it was refused': [
        at('10:00').did(ana, write, {
          code: 403,
          request: { 'initialValue.policyDualAuthDeleteEnabled': true, 'newValue.policyDualAuthDeleteEnabled': false },
        }),
      ],
      'only rotation became looser': [
        at('10:00').did(ana, write, {
          request: { 'initialValue.policyRotationEnabled': true, 'newValue.policyRotationEnabled': false },
        }),
      ],
    },
  },
  'rotation-policy-weakened': {
    severity: 'warning',
    fires: [
      at('10:00').did(marek, 'hs-crypto.policies.write', {
        key: billing,
        request: {
          'initialValue.policyRotationEnabled': true,
          'initialValue.policyRotationIntervalMonth': 3,
          'newValue.policyRotationEnabled': true,
          'newValue.policyRotationIntervalMonth': 12,
        },
      }),
    ],
    as: { instance, 'initiator.id': marek.id },
    near: {
      'it is to be rotated more often': [
        at('10:00').did(marek, 'hs-crypto.policies.write', {
          key: billing,
          request: {
            'initialValue.policyRotationEnabled': true,
            'initialValue.policyRotationIntervalMonth': 12,
            'newValue.policyRotationEnabled': true,
            'newValue.policyRotationIntervalMonth': 3,
          },
        }),
      ],
      'deletion by two was given up': [
        at('10:00').did(marek, write, {
          request: { 'initialValue.policyDualAuthDeleteEnabled': true, 'newValue.policyDualAuthDeleteEnabled': false },
        }),
      ],
    },
  },
}
