/** Severity, table by table. */
import { expect, test } from 'vitest'
import { emitted } from '../test/facts.ts'
import { catalogue } from './catalogue.ts'
import type { Outcome, Severity } from './event.ts'
import { moreSevere, severityOf } from './severity.ts'

const order = ['normal', 'warning', 'critical'] as const

test('the more severe of two', () => {
  for (const a of order)
    for (const b of order) expect(moreSevere(a, b)).toBe(order[Math.max(order.indexOf(a), order.indexOf(b))])
})

test('a success weighs what the action weighs', () => {
  for (const { action, severity } of emitted) {
    expect([action, severityOf(action, undefined, 'success', 200)]).toEqual([action, severity])
  }
})

/** A normal action, a warning one, a critical one; each with every code of the table and some that are not in it. */
test.each<[number, Severity, Severity, Severity]>([
  [400, 'warning', 'warning', 'critical'],
  [401, 'critical', 'critical', 'critical'],
  [403, 'critical', 'critical', 'critical'],
  [404, 'warning', 'warning', 'critical'],
  [408, 'warning', 'warning', 'critical'],
  [409, 'warning', 'warning', 'critical'],
  [410, 'warning', 'warning', 'critical'],
  [422, 'warning', 'warning', 'critical'],
  [424, 'warning', 'warning', 'critical'],
  [429, 'warning', 'warning', 'critical'],
  [500, 'critical', 'critical', 'critical'],
  [502, 'warning', 'warning', 'critical'],
  [503, 'critical', 'critical', 'critical'],
  [504, 'warning', 'warning', 'critical'],
  [505, 'warning', 'warning', 'critical'],
  [507, 'critical', 'critical', 'critical'],
])('a failure with %i is %s, %s, %s', (code, normal, warning, critical) => {
  expect(severityOf('hs-crypto.secrets.create', undefined, 'failure', code)).toBe(normal)
  expect(severityOf('hs-crypto.secrets.rotate', undefined, 'failure', code)).toBe(warning)
  expect(severityOf('hs-crypto.secrets.delete', undefined, 'failure', code)).toBe(critical)
})

test('a failure is never less than a warning, whatever its code', () => {
  for (const { action } of emitted) expect(severityOf(action, undefined, 'failure', 418)).not.toBe('normal')
})

test('Trusted Key Entry is critical, whatever the outcome', () => {
  const outcomes: readonly Outcome[] = ['success', 'failure', 'pending', 'unknown']
  for (const { action } of emitted.filter(({ family }) => family === 'tke'))
    for (const outcome of outcomes) expect(severityOf(action, undefined, outcome, 200)).toBe('critical')
})

test('invalid requests weigh what their code weighs', () => {
  const invalid = emitted.filter(({ action }) => /\.(?:default|request)$/.test(action))
  expect(invalid).toHaveLength(10)
  for (const { action, family } of invalid) {
    expect(severityOf(action, undefined, 'failure', 400)).toBe(family === 'tke' ? 'critical' : 'warning')
    expect(severityOf(action, undefined, 'failure', 401)).toBe('critical')
  }
})

/** Values that no table documents: what each of the references recommends, the higher where two differ. */
test.each<[string, Severity]>([
  ['hs-crypto.secrets.patch', 'warning'],
  ['hs-crypto.secrets.purge', 'critical'],
  ['hs-crypto.secrets.expire', 'warning'],
  ['hs-crypto.secrets.sync', 'normal'],
  ['hs-crypto.secrets-alias.create', 'normal'],
  ['hs-crypto.secrets-alias.delete', 'warning'],
  ['hs-crypto.key-rings.create', 'normal'],
  ['hs-crypto.key-rings.list', 'normal'],
  ['hs-crypto.key-rings.delete', 'warning'],
  ['hs-crypto.mtlscert-cert.delete', 'critical'],
  ['hs-crypto.kmip-key.create', 'normal'],
  ['hs-crypto.kmip-key.read', 'normal'],
  ['hs-crypto.kmip-key-attributes.retrieve', 'normal'],
  ['hs-crypto.kmip-key.activate', 'normal'],
  ['hs-crypto.kmip-key.revoke', 'warning'],
  ['hs-crypto.kmip-key.destroy', 'critical'],
  ['hs-crypto.kmip-management.create', 'warning'],
  ['hs-crypto.kmip-management.list', 'normal'],
  ['hs-crypto.kmip-management.read', 'normal'],
  ['hs-crypto.instance-allowed-ip-port.read', 'normal'],
  ['hs-crypto.governance-config.read', 'normal'],
])('%s is assigned %s', (action, severity) => {
  expect(catalogue.entry(action)).toMatchObject({ severity, severitySource: 'assigned' })
})

test.each([
  ['hs-crypto.kmip-key.revoke', 'compromise', 'critical'],
  ['hs-crypto.kmip-management.delete', 'object', 'critical'],
  ['hs-crypto.kmip-management.delete', 'adapter', 'critical'],
  ['hs-crypto.kmip-management.delete', 'certificate', 'warning'],
])('%s of variant %s is %s', (action, variant, severity) => {
  expect(severityOf(action, variant, 'success', 200)).toBe(severity)
})

test('a refused sign-in is critical even with a code that is not', () => {
  expect(severityOf('iam-identity.apikey.login', undefined, 'failure', 400)).toBe('critical')
  expect(severityOf('iam-identity.session.create', undefined, 'failure', 400)).toBe('critical')
  expect(severityOf('iam-identity.apikey.login', undefined, 'success', 200)).toBe('normal')
})

test('a former name weighs what the current one weighs', () => {
  expect(severityOf('hs-crypto.instancepolicies.write', undefined, 'success', 204)).toBe('warning')
})

test('an unknown action or variant is an error', () => {
  expect(() => severityOf('hs-crypto.secrets.steal', undefined, 'success', 200)).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_ACTION' }),
  )
  expect(() => severityOf('hs-crypto.secrets.list', 'x', 'success', 200)).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_VARIANT' }),
  )
})
