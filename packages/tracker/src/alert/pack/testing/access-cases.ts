/** Scenes of who comes, from where, and when. */
import type { Location } from '../../alert-subject.ts'
import type { Cases } from './cases.ts'
import { ana, at, billing, from, instance, keyNumber, marek, nobody, payroll, server, sync, vcenter } from './scene.ts'

const unwrap = 'hs-crypto.secrets.unwrap'
const login = 'iam-identity.apikey.login'
const useKey = { key: billing }

/** A database of locations of three addresses. */
const places: { readonly [address: string]: Location } = {
  '203.0.113.7': { country: 'DE', network: 'AS64500', latitude: 52.5, longitude: 13.4 },
  '203.0.113.8': { country: 'DE', network: 'AS64501', latitude: 53.6, longitude: 10 },
  '198.51.100.20': { country: 'BR', network: 'AS64502', latitude: -23.5, longitude: -46.6 },
}
const locate = (address: string): Location | undefined => places[address]
const inHamburg = from(ana, { address: '203.0.113.8' })
const inBrazil = from(ana, { address: '198.51.100.20' })
/** Seven days in which somebody is about. */
const week = Array.from({ length: 8 }, (_, day) => at('10:00', day).did(ana, unwrap, useKey))

export const accessCases: Cases = {
  'denied-then-let-in': {
    severity: 'critical',
    fires: [
      at('10:00').often(5, sync, unwrap, (n) => ({
        key: keyNumber(n),
        code: 403,
        because: 'The caller may not do this here. (UNAUTHORIZED_ERR)',
      })),
      at('10:04').did(sync, unwrap, useKey),
    ],
    as: { 'initiator.id': sync.id },
    near: {
      'four refusals are few': [
        at('10:00').often(4, sync, unwrap, (n) => ({ key: keyNumber(n), code: 403 })),
        at('10:04').did(sync, unwrap, useKey),
      ],
      'nothing succeeded in time': [
        at('10:00').often(5, sync, unwrap, (n) => ({ key: keyNumber(n), code: 401 })),
        at('10:06').did(sync, unwrap, useKey),
      ],
      'somebody else was let in': [
        at('10:00').often(5, sync, unwrap, (n) => ({ key: keyNumber(n), code: 403 })),
        at('10:04').did(ana, unwrap, useKey),
      ],
      'the root key of its adapter was disabled': [
        at('10:00').often(9, vcenter, 'hs-crypto.kmip-key.read', () => ({
          code: 403,
          because: 'The root key of the KMIP adapter is not active. (KMIP_ROOT_KEY_UNAVAILABLE)',
        })),
        at('10:04').did(vcenter, 'hs-crypto.kmip-key.list'),
      ],
      'the keys leave for nobody': [
        at('10:00').often(9, vcenter, 'hs-crypto.kmip-key.read', (n) => ({
          code: 403,
          because:
            n % 2 === 0
              ? 'The key is sensitive: it leaves wrapped only. (KMIP_SENSITIVE)'
              : 'The key is not extractable. (KMIP_NOT_EXTRACTABLE)',
        })),
        at('10:04').did(vcenter, 'hs-crypto.kmip-key.list'),
      ],
      'what was asked for is not there': [
        at('10:00').often(9, sync, unwrap, (n) => ({ key: keyNumber(n), code: 404 })),
        at('10:04').did(sync, unwrap, useKey),
      ],
    },
  },
  'guessed-then-signed-in': {
    severity: 'critical',
    fires: [
      at('10:00').often(5, nobody, login, () => ({ code: 400 })),
      at('10:02').did(from(ana, { address: '203.0.113.99' }), login),
    ],
    as: { address: '203.0.113.99' },
    near: {
      'who signed in came from elsewhere': [
        at('10:00').often(5, nobody, login, () => ({ code: 400 })),
        at('10:02').did(ana, login),
      ],
      'one typing error': [
        at('10:00').did(from(nobody, { address: '203.0.113.7' }), login, { code: 400 }),
        at('10:01').did(ana, login),
      ],
    },
  },
  'authentication-flood': {
    severity: 'critical',
    fires: [
      at('10:00').did(nobody, 'iam-identity.authentication.flood', { request: { count: 900, windowSeconds: 60 } }),
    ],
    as: { address: '203.0.113.99' },
    near: { 'a few failures': [at('10:00').often(19, nobody, login, () => ({ code: 400 }))] },
  },
  'new-principal': {
    severity: 'warning',
    fires: [week, at('11:00', 8).did(marek, login), at('12:00', 8).did(marek, unwrap, useKey)],
    as: {},
    near: {
      'it is still learning': [week.slice(0, 5), at('11:00', 5).did(marek, login)],
      'it is the server, or nobody that is known': [
        week,
        at('11:00', 8).did(server, 'hs-crypto.producer.heartbeat'),
        at('12:00', 8).did(nobody, login, { code: 400 }),
      ],
      'it was seen 29 days ago': [at('11:00', 0).did(marek, login), week, at('11:00', 29).did(marek, login)],
    },
  },
  'new-agent': {
    severity: 'warning',
    fires: [
      at('10:00').did(sync, unwrap, useKey),
      at('10:00', 8).did(from(sync, { agent: 'python-requests/2.31' }), unwrap, useKey),
    ],
    as: { 'initiator.id': sync.id },
    near: {
      'a browser was updated': [
        at('10:00').did(ana, unwrap, useKey),
        at('10:00', 8).did(from(ana, { agent: 'Mozilla/5.0 Firefox/150' }), unwrap, useKey),
      ],
      'the service is new': [
        week,
        at('10:00', 8).did(sync, unwrap, useKey),
        at('10:00', 9).did(from(sync, { agent: 'x/1' }), unwrap, useKey),
      ],
    },
  },
  'new-country': {
    severity: 'warning',
    locate,
    fires: [week, at('11:00', 8).did(inBrazil, unwrap, useKey)],
    as: { 'initiator.id': ana.id },
    near: {
      'another city': [week, at('11:00', 8).did(inHamburg, unwrap, useKey)],
      'nobody knows where': [week, at('11:00', 8).did(from(ana, { address: '192.0.2.1' }), unwrap, useKey)],
    },
  },
  'new-network': {
    severity: 'warning',
    locate,
    fires: [week, at('11:00', 8).did(inHamburg, unwrap, useKey)],
    as: { 'initiator.id': ana.id },
    near: { 'the same one': [week, at('11:00', 8).did(ana, unwrap, useKey)] },
  },
  'new-key': {
    severity: 'warning',
    fires: [week, at('11:00', 8).did(ana, unwrap, { key: payroll })],
    as: { instance },
    near: {
      'it was only looked at': [week, at('11:00', 8).did(ana, 'hs-crypto.secrets-metadata.read', { key: payroll })],
      'it was used before': [week, at('11:00', 20).did(marek, unwrap, useKey)],
    },
  },
  'impossible-travel': {
    severity: 'warning',
    locate,
    fires: [at('10:00').did(ana, unwrap, useKey), at('11:00').did(inBrazil, unwrap, useKey)],
    as: { 'initiator.id': ana.id },
    near: {
      'a flight lies between': [at('10:00').did(ana, unwrap, useKey), at('23:00').did(inBrazil, unwrap, useKey)],
      'the places are near': [at('10:00').did(ana, unwrap, useKey), at('10:10').did(inHamburg, unwrap, useKey)],
      'they are two people': [at('10:00').did(ana, unwrap, useKey), at('11:00').did(marek, unwrap, useKey)],
    },
  },
  'off-hours-administration': {
    severity: 'warning',
    // Saturday.
    fires: [at('10:00', 3).did(ana, 'hs-crypto.secrets.rotate', useKey)],
    as: { 'initiator.id': ana.id },
    near: {
      'it is a working day': [at('10:00', 2).did(ana, 'hs-crypto.secrets.rotate', useKey)],
      'a program did it': [at('23:00').did(sync, 'hs-crypto.secrets.rotate', useKey)],
      'it was only read': [at('23:00').did(ana, 'hs-crypto.secrets-metadata.read', useKey)],
    },
  },
  'service-id-in-browser': {
    severity: 'warning',
    fires: [
      at('10:00').did(from(sync, { agent: 'Mozilla/5.0 (X11; Linux x86_64)' }), 'activity-tracker.events.search'),
    ],
    as: { 'initiator.id': sync.id },
    near: {
      'it is a person': [at('10:00').did(from(ana, { agent: 'Mozilla/5.0' }), 'activity-tracker.events.search')],
      'it is a program': [at('10:00').did(sync, 'activity-tracker.events.search')],
    },
  },
  'credential-mismatch': {
    severity: 'warning',
    fires: [at('10:00').did({ ...ana, credential: { type: 'certificate' } }, unwrap, useKey)],
    as: { 'initiator.id': ana.id },
    near: {
      'a person has a session': [at('10:00').did({ ...ana, credential: { type: 'user' } }, unwrap, useKey)],
      'a program has a token': [
        at('10:00').did(sync, unwrap, useKey),
        at('10:01').did(server, 'hs-crypto.producer.start'),
      ],
      'a machine has its certificate': [at('10:00').did(vcenter, 'hs-crypto.kmip-key.read')],
      'somebody gets a token with an API key': [at('10:00').did({ ...ana, credential: { type: 'apikey' } }, login)],
    },
  },
  'refused-public-network': {
    severity: 'warning',
    fires: [
      at('10:00').did(ana, unwrap, {
        ...useKey,
        code: 401,
        because: 'This instance takes requests from its private network only. (UNAUTHORIZED_ERR)',
      }),
    ],
    as: { 'initiator.id': ana.id, instance },
    near: {
      'a role is missing': [
        at('10:00').did(ana, unwrap, {
          ...useKey,
          code: 401,
          because: 'The caller may not do this here. (UNAUTHORIZED_ERR)',
        }),
      ],
    },
  },
  'public-endpoint-used': {
    severity: 'warning',
    lists: { instances: [instance] },
    fires: [at('10:00').did(ana, unwrap, useKey)],
    as: { instance, 'initiator.id': ana.id },
    near: {
      'it came over the private network': [at('10:00').did({ ...ana, host: { agent: 'curl/8' } }, unwrap, useKey)],
      'it is about no instance': [at('10:00').did(ana, login)],
    },
  },
  'break-glass-used': {
    severity: 'critical',
    lists: { accounts: [ana.id, 'Emergency 2'] },
    fires: [at('10:00').did(ana, login, { code: 400 })],
    as: { 'initiator.id': ana.id },
    near: { 'it is another account': [at('10:00').did({ ...marek, name: 'Emergency 21' }, login)] },
  },
}
