/** Scenes of the life of keys. */
import type { ResponseFields } from '@keywitness/cadf'
import type { Cases } from './cases.ts'
import { ana, at, billing, from, instance, keyNumber, marek, payroll, server, sync } from './scene.ts'

const destroy = 'hs-crypto.secrets.delete'
const authorize = 'hs-crypto.secrets.setkeyfordeletion'
const rotate = 'hs-crypto.secrets.rotate'

const authorization = (by: string, until: string): ResponseFields<typeof authorize> => ({
  'newValue.authID': by,
  'newValue.authExpiration': until,
})
const byAna = { key: billing, response: authorization(ana.id, '2026-12-02T10:00:00Z') }
const numbered = (n: number): { key: string } => ({ key: keyNumber(n) })

export const keyCases: Cases = {
  'key-deleted': {
    severity: 'critical',
    fires: [at('10:00').did(ana, destroy, { key: billing, code: 204 })],
    as: { key: billing },
    near: {
      'the deletion was refused': [at('10:00').did(ana, destroy, { key: billing, code: 409 })],
      'only an alias was deleted': [at('10:00').did(ana, 'hs-crypto.secrets-alias.delete', { key: billing })],
      'the server purges after ninety days': [at('10:00', 90).did(server, 'hs-crypto.secrets.purge', { key: billing })],
    },
  },
  'deletion-by-one-identity': {
    severity: 'critical',
    fires: [at('10:00').did(ana, authorize, byAna), at('11:00', 3).did(ana, destroy, { key: billing })],
    as: { key: billing },
    near: {
      'another person deletes': [
        at('10:00').did(ana, authorize, byAna),
        at('11:00', 3).did(marek, destroy, { key: billing }),
      ],
      'it is another key': [at('10:00').did(ana, authorize, byAna), at('11:00', 3).did(ana, destroy, { key: payroll })],
      'it was refused': [
        at('10:00').did(ana, authorize, byAna),
        at('11:00', 3).did(ana, destroy, { key: billing, code: 409 }),
      ],
    },
  },
  'deletion-from-one-address': {
    severity: 'critical',
    fires: [
      at('10:00').did(ana, authorize, byAna),
      at('10:05').did(from(marek, { address: '203.0.113.7' }), destroy, { key: billing }),
    ],
    as: { key: billing },
    near: {
      'the addresses differ': [
        at('10:00').did(ana, authorize, byAna),
        at('10:05').did(marek, destroy, { key: billing }),
      ],
      'both came over the private network, which shows no address': [
        at('10:00').did({ ...ana, host: {} }, authorize, byAna),
        at('10:05').did({ ...marek, host: {} }, destroy, { key: billing }),
      ],
    },
  },
  'deletion-window-closing': {
    severity: 'warning',
    fires: [
      at('10:00').did(ana, authorize, byAna),
      at('09:59', 6).nothing,
      at('10:01', 6).nothing,
      at('10:00', 7).nothing,
    ],
    as: { key: billing },
    near: {
      'more than a day is left': [at('10:00').did(ana, authorize, byAna), at('09:59', 6).nothing],
      'the key was deleted': [
        at('10:00').did(ana, authorize, byAna),
        at('10:00', 2).did(marek, destroy, { key: billing }),
        at('12:00', 7).nothing,
      ],
      'it was withdrawn': [
        at('10:00').did(ana, authorize, byAna),
        at('10:00', 2).did(ana, 'hs-crypto.secrets.unsetkeyfordeletion', { key: billing }),
        at('12:00', 7).nothing,
      ],
      'it was authorized anew for longer': [
        at('10:00').did(ana, authorize, byAna),
        at('10:00', 5).did(ana, authorize, { key: billing, response: authorization(ana.id, '2026-12-07T10:00:00Z') }),
        at('12:00', 7).nothing,
      ],
    },
  },
  'bulk-destruction': {
    severity: 'critical',
    fires: [
      at('10:00').did(ana, destroy, numbered(1)),
      at('10:04').did(ana, 'hs-crypto.secrets.disable', numbered(2)),
      at('10:09').did(ana, 'hs-crypto.secrets.purge', numbered(3)),
    ],
    as: { 'initiator.id': ana.id },
    near: {
      'it took longer than ten minutes': [
        at('10:00').did(ana, destroy, numbered(1)),
        at('10:04').did(ana, destroy, numbered(2)),
        at('10:11').did(ana, destroy, numbered(3)),
      ],
      'it was two keys, one of them disabled before': [
        at('10:00').did(ana, 'hs-crypto.secrets.disable', numbered(1)),
        at('10:01').did(ana, destroy, numbered(1)),
        at('10:02').did(ana, destroy, numbered(2)),
      ],
      'two people did it': [
        at('10:00').often(2, ana, destroy, numbered),
        at('10:01').often(2, marek, destroy, (n) => numbered(n + 2)),
      ],
      'they were enabled': [at('10:00').often(5, ana, 'hs-crypto.secrets.enable', numbered)],
      'the server purges what is due': [at('10:00').often(5, server, 'hs-crypto.secrets.purge', numbered)],
    },
  },
  'bulk-destruction-share': {
    severity: 'critical',
    fires: [
      at('10:00').often(30, sync, 'hs-crypto.secrets.wrap', numbered),
      at('08:00', 2).did(ana, destroy, numbered(1)),
      at('14:00', 2).did(marek, destroy, numbered(2)),
      at('20:00', 2).did(ana, 'hs-crypto.secrets.disable', numbered(3)),
    ],
    as: { instance },
    near: {
      'it is less than a tenth': [
        at('10:00').often(31, sync, 'hs-crypto.secrets.wrap', numbered),
        at('08:00', 2).often(3, ana, destroy, numbered),
      ],
      'the instance has few keys': [
        at('10:00').often(19, sync, 'hs-crypto.secrets.wrap', numbered),
        at('08:00', 2).often(5, ana, destroy, numbered),
      ],
      'the days between are more': [
        at('10:00').often(30, sync, 'hs-crypto.secrets.wrap', numbered),
        at('08:00', 2).often(2, ana, destroy, numbered),
        at('09:00', 3).did(ana, destroy, numbered(3)),
      ],
      'the same key was deleted, restored and deleted': [
        at('10:00').often(30, sync, 'hs-crypto.secrets.wrap', numbered),
        at('08:00', 2).often(5, ana, destroy, () => numbered(1)),
      ],
    },
  },
  'root-key-state-changed': {
    severity: 'warning',
    fires: [
      at('10:00').did(ana, 'hs-crypto.secrets.restore', { key: billing, code: 201, request: { keyType: 'root' } }),
    ],
    as: { key: billing },
    near: {
      'it is a standard key': [
        at('10:00').did(ana, 'hs-crypto.secrets.disable', { key: billing, request: { keyType: 'standard' } }),
      ],
      'it was refused': [
        at('10:00').did(ana, 'hs-crypto.secrets.enable', { key: billing, code: 409, request: { keyType: 'root' } }),
      ],
    },
  },
  'rotation-overdue': {
    severity: 'warning',
    fires: [
      at('10:00').did(ana, 'hs-crypto.policies.write', {
        key: billing,
        request: { 'newValue.policyRotationEnabled': true, 'newValue.policyRotationIntervalMonth': 1 },
        response: { rotationDueDate: '2026-12-26T10:00:00Z' },
      }),
      at('10:00', 30).did(server, rotate, { key: billing, response: { rotationDueDate: '2027-01-25T10:00:00Z' } }),
      at('09:59', 61).nothing,
      at('10:01', 61).nothing,
    ],
    as: { key: billing },
    near: {
      'it was rotated in time, twice': [
        at('10:00').did(ana, 'hs-crypto.secrets.create', {
          key: billing,
          response: { rotationDueDate: '2026-12-26T10:00:00Z' },
        }),
        at('10:00', 30).did(server, rotate, { key: billing, response: { rotationDueDate: '2027-01-25T10:00:00Z' } }),
        at('10:00', 60).did(server, rotate, { key: billing, response: { rotationDueDate: '2027-02-24T10:00:00Z' } }),
        at('10:00', 90).nothing,
      ],
      'the policy was switched off': [
        at('10:00').did(server, rotate, { key: billing, response: { rotationDueDate: '2026-12-26T10:00:00Z' } }),
        at('11:00').did(ana, 'hs-crypto.policies.write', {
          key: billing,
          request: { 'initialValue.policyRotationEnabled': true, 'newValue.policyRotationEnabled': false },
        }),
        at('10:00', 90).nothing,
      ],
      'the key was disabled': [
        at('10:00').did(server, rotate, { key: billing, response: { rotationDueDate: '2026-12-26T10:00:00Z' } }),
        at('11:00').did(ana, 'hs-crypto.secrets.disable', { key: billing }),
        at('10:00', 90).nothing,
      ],
      'the key has no policy': [at('10:00').did(ana, rotate, { key: billing }), at('10:00', 400).nothing],
    },
  },
  'rotation-storm': {
    severity: 'warning',
    fires: [at('10:00').often(21, sync, rotate, numbered)],
    as: { 'initiator.id': sync.id },
    near: {
      'twenty are no storm': [at('10:00').often(20, sync, rotate, numbered)],
      'the server rotates what is due': [at('10:00').often(100, server, rotate, numbered)],
      'they lie further apart': [
        at('10:00').often(15, sync, rotate, numbered),
        at('11:01').often(15, sync, rotate, (n) => numbered(n + 15)),
      ],
    },
  },
  'adopter-did-not-acknowledge': {
    severity: 'warning',
    fires: [
      at('14:00').did(server, 'hs-crypto.secrets.ack-delete', {
        key: billing,
        code: 408,
        response: { 'eventAckData.eventType': 'delete', reasonForFailure: 'No acknowledgement within 4 hours.' },
      }),
    ],
    as: { key: billing },
    near: {
      'all acknowledged': [at('11:00').did(server, 'hs-crypto.secrets.ack-delete', { key: billing })],
      'the key may not be deleted at all': [at('10:00').did(ana, destroy, { key: billing, code: 409 })],
    },
  },
  'adopter-unreachable': {
    severity: 'warning',
    fires: [at('10:00').did(server, 'hs-crypto.notification.deliver', { code: 502, request: { attempts: 12 } })],
    as: {
      'target.id':
        'crn:v1:keywitness:public:hs-crypto:us-south:a/0123456789abcdef0123456789abcdef:1f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a::',
    },
    near: {
      'a person has it sent again': [at('10:00').did(ana, 'hs-crypto.notification.resend', { code: 404 })],
    },
  },
}
