/** Scenes of crypto units, certificates, KMIP and EP11. */
import type { Cases } from './cases.ts'
import { ana, at, instance, server, unitCrn, vcenter } from './scene.ts'

const location = '[us-south].[AZ1].[00].[02]'
const target = { id: unitCrn, name: location }
const admin = 'a'.repeat(64)
const step = { target, request: { location } }
const thresholds = (before: number, after: number) => ({
  target,
  request: { location, signatureThreshold: after },
  response: { signatureThreshold: after, 'initialValue.signatureThreshold': before },
})
const setThreshold = 'hs-crypto.tke-cryptounit-threshold.set'
const ofInstance = { instance }
const ofClient = { instance, 'initiator.id': vcenter.id }

export const unitCases: Cases = {
  'unit-administrator-changed': {
    severity: 'critical',
    fires: [
      at('10:00').did(ana, 'hs-crypto.tke-cryptounit-admin.remove', { target, request: { location, adminId: admin } }),
    ],
    as: ofInstance,
    near: {
      'the server makes the units of a new instance': [
        at('10:00').did(server, 'hs-crypto.tke-cryptounit-admin.add', {
          target,
          request: { location, adminId: admin },
        }),
      ],
      'thresholds are set': [at('10:00').did(ana, setThreshold, thresholds(2, 3))],
    },
  },
  'unit-threshold-lowered': {
    severity: 'critical',
    fires: [at('10:00').did(ana, setThreshold, thresholds(3, 2))],
    as: ofInstance,
    near: {
      'it is higher': [at('10:00').did(ana, setThreshold, thresholds(2, 3))],
      'it was refused': [at('10:00').did(ana, setThreshold, { ...thresholds(3, 1), code: 500 })],
      'the server makes the units of a new instance': [at('10:00').did(server, setThreshold, thresholds(0, 1))],
    },
  },
  'unit-threshold-set': {
    severity: 'warning',
    fires: [at('10:00').did(ana, setThreshold, thresholds(2, 2))],
    as: ofInstance,
    near: {
      'it is lower, which another rule tells': [at('10:00').did(ana, setThreshold, thresholds(3, 2))],
      'the server makes the units of a new instance': [at('10:00').did(server, setThreshold, thresholds(0, 2))],
    },
  },
  'master-key-ceremony': {
    severity: 'critical',
    fires: [at('10:00').did(ana, 'hs-crypto.tke-cryptounit-current-master-key-register.clear', step)],
    as: ofInstance,
    near: {
      'the server makes the units of a new instance': [
        at('10:00').did(server, 'hs-crypto.tke-cryptounit-master-key-register.add', step),
        at('10:01').did(server, 'hs-crypto.tke-cryptounit-master-key-register.activate', step),
      ],
    },
  },
  'unit-zeroized': {
    severity: 'critical',
    fires: [at('10:00').did(ana, 'hs-crypto.tke-cryptounit.reset', step)],
    as: ofInstance,
    near: {
      'the server makes the units of a new instance': [at('10:00').did(server, 'hs-crypto.tke-cryptounit.reset', step)],
      'failover units are added, which are new': [
        at('10:00').did(ana, 'hs-crypto.tke-cryptounit.reset', { ...step, response: { unitRevision: 1 } }),
        at('10:00').did(ana, 'hs-crypto.tke-cryptounit-failover.enable', {
          request: { backupRegion: 'us-east', failoverUnits: 2 },
        }),
      ],
    },
  },
  'unit-set-back': {
    severity: 'critical',
    fires: [at('10:00').did(server, 'hs-crypto.tke-cryptounit.hold', step)],
    as: ofInstance,
    near: {
      'its administrators confirm a state': [at('10:00').did(ana, setThreshold, thresholds(2, 2))],
    },
  },
  'unit-process-restarted': {
    severity: 'critical',
    fires: [at('10:00').did(server, 'hs-crypto.tke-cryptounit-process.restart')],
    as: {},
    near: {
      'the whole service starts': [at('10:00').did(server, 'hs-crypto.producer.start')],
    },
  },
  'master-key-exported': {
    severity: 'critical',
    fires: [at('10:00').did(ana, 'hs-crypto.tke-cryptounit-master-key.export', step)],
    as: ofInstance,
    near: {
      'an importer is made': [at('10:00').did(ana, 'hs-crypto.tke-cryptounit-importer.create', step)],
    },
  },
  'certificate-recovery-proposed': {
    severity: 'critical',
    fires: [at('10:00').did(ana, 'hs-crypto.mtlscert-recovery.create', { request: { removes: 'admin-key' } })],
    as: ofInstance,
    near: {
      'it was refused': [
        at('10:00').did(ana, 'hs-crypto.mtlscert-recovery.create', { code: 409 }),
        at('10:01').did(ana, 'hs-crypto.mtlscert-recovery.approve', { code: 403 }),
      ],
      'they are listed, and one is withdrawn': [
        at('10:00').did(ana, 'hs-crypto.mtlscert-recovery.list'),
        at('10:01').did(ana, 'hs-crypto.mtlscert-recovery.withdraw'),
      ],
      'nobody approved it': [at('10:00').did(server, 'hs-crypto.mtlscert-recovery.lapse')],
    },
  },
  'client-certificates-changed': {
    severity: 'critical',
    fires: [at('10:00').did(ana, 'hs-crypto.mtlscert-cert.set', { request: { certificateId: 'web' } })],
    as: ofInstance,
    near: {
      'they are read': [
        at('10:00').did(ana, 'hs-crypto.mtlscert-cert.list'),
        at('10:01').did(ana, 'hs-crypto.mtlscert-admin-key.read'),
      ],
    },
  },
  'client-certificate-ending': {
    severity: 'warning',
    fires: [at('10:00').did(server, 'hs-crypto.mtlscert-cert.expiring', { request: { certificateId: 'web' } })],
    as: ofInstance,
    near: {
      'the next certificate is set': [
        at('10:00').did(ana, 'hs-crypto.mtlscert-cert.set', { request: { certificateId: 'web' } }),
      ],
      'it has ended': [at('10:00').did(server, 'hs-crypto.mtlscert-cert.expired')],
    },
  },
  'client-certificate-ended': {
    severity: 'critical',
    fires: [
      at('10:00').did(server, 'hs-crypto.mtlscert-cert.expired', {
        request: { certificateId: 'web' },
        response: { remainingCertificates: 0 },
      }),
    ],
    as: ofInstance,
    near: {
      'it ends soon': [at('10:00').did(server, 'hs-crypto.mtlscert-cert.expiring')],
      'it is deleted': [at('10:00').did(ana, 'hs-crypto.mtlscert-cert.delete', { request: { certificateId: 'web' } })],
    },
  },
  'kmip-key-destroyed': {
    severity: 'critical',
    fires: [at('10:00').did(vcenter, 'hs-crypto.kmip-key.destroy')],
    as: ofClient,
    near: {
      'nothing was destroyed': [
        at('10:00').did(vcenter, 'hs-crypto.kmip-key.destroy', { code: 409 }),
        at('10:01').did(ana, 'hs-crypto.kmip-management.delete', { code: 409, request: { objectKind: 'object' } }),
      ],
      'a client certificate is taken away': [
        at('10:00').did(ana, 'hs-crypto.kmip-management.delete', { request: { objectKind: 'certificate' } }),
      ],
      'keys are made and read': [
        at('10:00').did(vcenter, 'hs-crypto.kmip-key.create'),
        at('10:01').did(vcenter, 'hs-crypto.kmip-key.read'),
      ],
      'a date that was set long ago comes': [at('10:00').did(server, 'hs-crypto.kmip-key.revoke')],
    },
  },
  'kmip-key-destruction-refused': {
    severity: 'warning',
    fires: [at('10:00').did(vcenter, 'hs-crypto.kmip-key.destroy', { code: 409 })],
    as: ofClient,
    near: {
      'it was done': [
        at('10:00').did(vcenter, 'hs-crypto.kmip-key.destroy'),
        at('10:01').did(ana, 'hs-crypto.kmip-management.delete', { request: { objectKind: 'adapter' } }),
      ],
      'something else was refused': [at('10:00').did(vcenter, 'hs-crypto.kmip-key.read', { code: 403 })],
    },
  },
  'kmip-adapter-deleted': {
    severity: 'critical',
    fires: [at('10:00').did(ana, 'hs-crypto.kmip-management.delete', { request: { objectKind: 'adapter' } })],
    as: { instance, 'initiator.id': ana.id },
    near: {
      'keys are kept behind it still': [
        at('10:00').did(ana, 'hs-crypto.kmip-management.delete', { code: 409, request: { objectKind: 'adapter' } }),
      ],
      'an object of it is destroyed': [
        at('10:00').did(ana, 'hs-crypto.kmip-management.delete', { request: { objectKind: 'object' } }),
      ],
    },
  },
  'kmip-client-unknown': {
    severity: 'warning',
    fires: [at('10:00').did(vcenter, 'hs-crypto.kmip-key.default', { code: 401 })],
    as: { 'initiator.id': vcenter.id },
    near: {
      'a client that is known sends what cannot be read': [
        at('10:00').did(vcenter, 'hs-crypto.kmip-key.default', { code: 400 }),
      ],
    },
  },
  'ep11-key-changed': {
    severity: 'critical',
    fires: [at('10:00').did(ana, 'hs-crypto.keystore.deletekeystore')],
    as: { instance, 'initiator.id': ana.id },
    near: {
      'keys are stored and used': [
        at('10:00').did(ana, 'hs-crypto.keystore.storenewkey'),
        at('10:01').did(ana, 'hs-crypto.ep11.use', { request: { method: 'Sign' } }),
      ],
    },
  },
}
