/** Scenes of the trail itself. */
import type { Cases } from './cases.ts'
import { ana, at, billing, otherProducer, producer, server, sync } from './scene.ts'

const heartbeat = 'hs-crypto.producer.heartbeat'
const started = { request: { producer, epoch: 1, heartbeatSeconds: 900 } }
const search = 'activity-tracker.events.search'
const by = (id: string): { 'initiator.id': string } => ({ 'initiator.id': id })

export const trailCases: Cases = {
  'audit-silence': {
    severity: 'critical',
    fires: [
      at('10:00').did(server, 'hs-crypto.producer.start', started),
      at('10:00', 0, otherProducer).did(server, 'hs-crypto.producer.start', {
        request: { producer: otherProducer, epoch: 1, heartbeatSeconds: 900 },
      }),
      at('10:15', 0, otherProducer).did(server, heartbeat),
      at('10:19').nothing,
      at('10:21').nothing,
      at('10:30', 0, otherProducer).did(server, heartbeat),
      at('10:49').nothing,
    ],
    as: { producer },
    near: {
      'each has its heartbeats': [
        at('10:00').did(server, 'hs-crypto.producer.start', started),
        at('10:15').did(server, heartbeat),
        at('10:30').did(server, heartbeat),
        at('10:40').did(ana, 'hs-crypto.secrets.wrap', { key: billing }),
        at('10:55').did(server, heartbeat),
        at('11:14').nothing,
      ],
      'a tracker said something of its log, and is silent again': [
        at('10:00', 0, otherProducer).did(server, 'hs-crypto.producer.start', {
          request: { producer: otherProducer, epoch: 1 },
        }),
        at('10:00', 0, otherProducer).did(server, 'activity-tracker.events.late-dated', { request: { producer } }),
        at('10:00', 9).nothing,
      ],
    },
  },
  'numbers-missing-or-reused': {
    severity: 'critical',
    fires: [at('10:00').did(server, 'activity-tracker.numbers.missing', { request: { producer, first: 7, last: 9 } })],
    as: { 'requestData.producer': producer },
    near: {
      'somebody has it examined': [at('10:00').did(ana, 'activity-tracker.continuity.read')],
      'missing ones come': [at('10:00').did(server, 'activity-tracker.numbers.late', { request: { producer } })],
    },
  },
  'late-or-future-events': {
    severity: 'warning',
    fires: [at('10:00').did(server, 'activity-tracker.events.future-dated', { request: { producer, count: 3 } })],
    as: { 'requestData.producer': producer },
    near: {
      'the clock was set, and all is in order': [
        at('10:00').did(server, 'hs-crypto.clock.step', { request: { stepMs: 3_000 } }),
      ],
    },
  },
  'integrity-check-failed': {
    severity: 'critical',
    fires: [
      at('10:00').did(server, 'activity-tracker.log.verify', {
        code: 500,
        response: { findings: 1, firstFinding: 'Entry 7' },
      }),
    ],
    as: {},
    near: {
      'all is well': [at('10:00').did(server, 'activity-tracker.log.verify', { response: { findings: 0 } })],
      'one verification at a time': [at('10:00').did(ana, 'activity-tracker.verification.create', { code: 409 })],
    },
  },
  'audit-configuration-changed': {
    severity: 'critical',
    fires: [
      at('10:00').did(ana, 'iam-access.role.grant', { request: { role: 'Administrator', scope: 'tracker/us-south' } }),
    ],
    as: { ...by(ana.id), action: 'iam-access.role.grant' },
    near: {
      'a role for keys was given': [
        at('10:00').did(ana, 'iam-access.role.grant', { request: { role: 'Writer', scope: 'instance/1f6f5a0c' } }),
      ],
      'it was refused': [at('10:00').did(ana, 'activity-tracker.rule.delete', { code: 403 })],
      'the server makes what the first start needs': [
        at('10:00').did(server, 'activity-tracker.instance.create'),
        at('10:00').did(server, 'iam-access.role.grant', { request: { role: 'Administrator', scope: 'account' } }),
        at('10:00').did(server, 'activity-tracker.rule.import'),
      ],
      'rules are read and tested': [
        at('10:00').did(ana, 'activity-tracker.rule.list'),
        at('10:01').did(ana, 'activity-tracker.rule.test'),
      ],
    },
  },
  'trail-exported': {
    severity: 'warning',
    fires: [at('10:00').did(ana, 'activity-tracker.events.export', { outcome: 'pending', request: { format: 'csv' } })],
    as: by(ana.id),
    near: {
      'it was refused': [at('10:00').did(ana, 'activity-tracker.events.export', { code: 403 })],
      'rules were exported': [at('10:00').did(ana, 'activity-tracker.rule.export')],
    },
  },
  'trail-read-much': {
    severity: 'warning',
    fires: [at('10:00').often(500, sync, 'activity-tracker.receipt.read')],
    as: by(sync.id),
    near: {
      'a person looks around': [
        at('10:00').often(200, ana, search),
        at('10:30').often(200, ana, 'activity-tracker.events.read'),
      ],
      'it took two hours': [at('10:00').often(400, ana, search), at('11:30').often(400, ana, search)],
    },
  },
  'alerts-silenced': {
    severity: 'warning',
    fires: [
      at('10:00').did(ana, 'activity-tracker.mute.create', {
        request: { rule: 'key-deleted', reason: 'Migration', expirationDate: '2026-11-26T10:00:00Z' },
      }),
    ],
    as: { ...by(ana.id), action: 'activity-tracker.mute.create' },
    near: {
      'a mute ends': [at('10:00').did(server, 'activity-tracker.mute.lapse')],
      'a rule is turned on': [
        at('10:00').did(ana, 'activity-tracker.rule.enable', { request: { rule: 'key-deleted' } }),
      ],
      'it was refused': [at('10:00').did(ana, 'activity-tracker.rule.disable', { code: 403 })],
    },
  },
}
