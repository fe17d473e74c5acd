/** Scenes of how keys and import tokens are used. */
import type { Cases } from './cases.ts'
import { ana, at, billing, from, instance, keyNumber, nobody, payroll, server, sync, type Happening } from './scene.ts'

const unwrap = 'hs-crypto.secrets.unwrap'
const useKey = { key: billing }

/** The same number of unwraps in one hour of every day. */
const daily = (days: number, times: number): Happening[] =>
  Array.from({ length: days }, (_, day) => at('10:00', day).often(times, sync, unwrap, () => useKey)).flat()

export const usageCases: Cases = {
  'unwrap-volume': {
    severity: 'critical',
    fires: [daily(9, 150), at('10:00', 9).often(400, sync, unwrap, () => useKey)],
    as: { 'initiator.id': sync.id },
    near: {
      'it is the nightly job': [daily(9, 150), at('10:00', 9).often(150, sync, unwrap, () => useKey)],
      'it is still learning': [daily(5, 150), at('10:00', 5).often(400, sync, unwrap, () => useKey)],
      'a hundred an hour are not much': [daily(9, 10), at('10:00', 9).often(99, sync, unwrap, () => useKey)],
      'they were refused': [daily(9, 150), at('10:00', 9).often(400, sync, unwrap, () => ({ ...useKey, code: 403 }))],
    },
  },
  'unwrap-of-unused-key': {
    severity: 'warning',
    fires: [daily(8, 1), at('11:00', 8).often(20, sync, unwrap, () => ({ key: payroll }))],
    as: { 'initiator.id': sync.id },
    near: {
      'a few times only': [daily(8, 1), at('11:00', 8).often(19, sync, unwrap, () => ({ key: payroll }))],
      'it wraps with it': [
        daily(8, 1),
        at('11:00', 8).often(40, sync, 'hs-crypto.secrets.wrap', () => ({ key: payroll })),
      ],
      'it used it eight weeks ago': [
        at('09:00').did(sync, unwrap, { key: payroll }),
        daily(8, 1),
        at('11:00', 56).often(40, sync, unwrap, () => ({ key: payroll })),
      ],
    },
  },
  'keys-looked-through': {
    severity: 'warning',
    fires: [at('10:00').often(21, ana, 'hs-crypto.secrets-metadata.read', (n) => ({ key: keyNumber(n) }))],
    as: { 'initiator.id': ana.id },
    near: {
      'it is one key, again and again': [at('10:00').often(60, ana, 'hs-crypto.secrets-metadata.read', () => useKey)],
      'it is twenty keys': [at('10:00').often(20, ana, 'hs-crypto.policies.read', (n) => ({ key: keyNumber(n) }))],
      'keys are used, not looked at': [at('10:00').often(60, sync, unwrap, (n) => ({ key: keyNumber(n) }))],
    },
  },
  'keys-listed-often': {
    severity: 'warning',
    fires: [at('10:00').often(21, sync, 'hs-crypto.secrets.list')],
    as: { 'initiator.id': sync.id },
    near: {
      'it asks every quarter of a minute': [
        Array.from({ length: 60 }, (_, n) =>
          at(`10:${String(Math.floor(n / 4)).padStart(2, '0')}:${(n % 4) * 15}`).did(sync, 'hs-crypto.secrets.list'),
        ).filter((_, n) => n % 2 === 0),
      ],
      'two programs do': [
        at('10:00').often(15, sync, 'hs-crypto.secrets.list'),
        at('10:01').often(15, ana, 'hs-crypto.secrets.head'),
      ],
      'the trail is searched': [at('10:00').often(60, ana, 'activity-tracker.events.search')],
    },
  },
  'missing-looked-for': {
    severity: 'warning',
    fires: [at('10:00').often(21, sync, 'hs-crypto.secrets-metadata.read', (n) => ({ key: keyNumber(n), code: 404 }))],
    as: { 'initiator.id': sync.id },
    near: {
      'it is one that was deleted': [at('10:00').often(60, sync, unwrap, () => ({ ...useKey, code: 404 }))],
      'nobody knows who it is': [
        at('10:00').often(60, nobody, 'hs-crypto.secrets-metadata.read', (n) => ({ key: keyNumber(n), code: 404 })),
      ],
    },
  },
  'import-token-spent': {
    severity: 'warning',
    fires: [at('10:00').did(ana, 'hs-crypto.import-token.read', { code: 409 })],
    as: { instance },
    near: {
      'it is the one retrieval that was allowed': [
        at('10:00').did(ana, 'hs-crypto.import-token.read', {
          response: { maxAllowedRetrievals: 1, remainingRetrievals: 0 },
        }),
      ],
    },
  },
  'import-token-for-many': {
    severity: 'warning',
    fires: [
      at('10:00').did(ana, 'hs-crypto.import-token.create', {
        request: { expirationSeconds: 600 },
        response: { maxAllowedRetrievals: 11 },
      }),
    ],
    as: { instance },
    near: {
      'ten are allowed': [
        at('10:00').did(ana, 'hs-crypto.import-token.create', { response: { maxAllowedRetrievals: 10 } }),
      ],
      'it is retrieved': [
        at('10:00').did(ana, 'hs-crypto.import-token.read', { response: { maxAllowedRetrievals: 500 } }),
      ],
    },
  },
  'import-token-for-long': {
    severity: 'warning',
    fires: [at('10:00').did(ana, 'hs-crypto.import-token.create', { request: { expirationSeconds: 86_400 } })],
    as: { instance },
    near: {
      'it is an hour': [
        at('10:00').did(ana, 'hs-crypto.import-token.create', { request: { expirationSeconds: 3_600 } }),
      ],
      'it was refused': [
        at('10:00').did(ana, 'hs-crypto.import-token.create', { code: 403, request: { expirationSeconds: 86_400 } }),
      ],
    },
  },
  'canary-touched': {
    severity: 'critical',
    lists: { canaries: [payroll] },
    fires: [at('10:00').did(from(sync, {}), 'hs-crypto.secrets-metadata.read', { key: payroll, code: 403 })],
    as: { key: payroll, 'initiator.id': sync.id },
    near: {
      'it is another key': [at('10:00').did(sync, unwrap, useKey)],
      'all keys are listed': [at('10:00').did(sync, 'hs-crypto.secrets.list')],
      'the server rotates it by its policy': [at('10:00').did(server, 'hs-crypto.secrets.rotate', { key: payroll })],
    },
  },
}
