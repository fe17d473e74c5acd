/** An ordinary installation: its first start, programs, people in the console. No rule that is on has anything to say. */
import { expect, test } from 'vitest'
import { rulePack } from './pack.ts'
import { firingsAlong, ruleOf, type Scene, seen } from './testing/cases.ts'
import { ana, at, billing, from, type Happening, keyNumber, server, sync, unitCrn } from './testing/scene.ts'

const on = rulePack.filter(({ isOn }) => isOn).map(({ rule }) => ruleOf(rule.id))
const saying = (scene: Scene): string[] => {
  const moments = seen(scene)
  return on.flatMap((rule) => firingsAlong(rule, moments).map((firing) => firing.rule))
}

const location = '[us-south].[AZ1-SOFT].[00].[00]'
const unit = { target: { id: unitCrn, name: location } }
const inConsole = { ...from(ana, { agent: 'Mozilla/5.0 (X11; Linux x86_64)' }), credential: { type: 'user' } } as const

const firstStart: Scene = [
  at('08:00').did(server, 'hs-crypto.producer.start', { request: { epoch: 1, heartbeatSeconds: 900 } }),
  at('08:00:01').did(server, 'iam-identity.account.create'),
  at('08:00:01').did(server, 'iam-identity.user.create'),
  at('08:00:01').did(server, 'iam-identity.apikey.create'),
  at('08:00:01').did(server, 'iam-access.role.grant', { request: { role: 'Administrator', scope: 'account' } }),
  at('08:00:02').did(server, 'hs-crypto.instance.create'),
  at('08:00:02').did(server, 'activity-tracker.instance.create'),
  at('08:00:02').did(server, 'activity-tracker.rule.import'),
  at('08:00:03').did(server, 'hs-crypto.tke-cryptounit.reset', { ...unit, request: { location } }),
  at('08:00:03').often(2, server, 'hs-crypto.tke-cryptounit-admin.add', (n) => ({
    ...unit,
    request: { location, adminId: String(n).repeat(64) },
  })),
  at('08:00:05').did(server, 'hs-crypto.tke-cryptounit-threshold.set', {
    ...unit,
    request: { location, signatureThreshold: 2 },
    response: { signatureThreshold: 2, 'initialValue.signatureThreshold': 0 },
  }),
  at('08:00:06').did(server, 'hs-crypto.tke-cryptounit-master-key-register.add', { ...unit, request: { location } }),
  at('08:00:07').did(server, 'hs-crypto.tke-cryptounit-master-key-register.commit', { ...unit, request: { location } }),
  at('08:00:08').did(server, 'hs-crypto.tke-cryptounit-master-key-register.activate', {
    ...unit,
    request: { location },
  }),
  at('08:00:09').did(server, 'iam-identity.sign-in-link.create'),
]

/** Ana signs in and reads the trail for an hour. */
const reading: Scene = [
  at('08:05').did(inConsole, 'iam-identity.session.create', { request: { method: 'link' } }),
  at('08:05:01').did(inConsole, 'activity-tracker.events.tail'),
  at('08:05:02').often(120, inConsole, 'activity-tracker.events.search'),
  at('08:10').often(80, inConsole, 'activity-tracker.events.read'),
  at('08:15').often(30, inConsole, 'activity-tracker.receipt.read'),
  at('08:18').did(inConsole, 'activity-tracker.alert.list'),
]

/** A program begins: it gets tokens, makes keys and uses them. */
const programs: Scene = [
  at('08:20').did(ana, 'iam-identity.serviceid.create'),
  at('08:20:10').did(ana, 'iam-access.role.grant', { request: { role: 'Writer', scope: 'instance/1f6f5a0c' } }),
  at('08:21').did({ ...sync, credential: { type: 'apikey' } }, 'iam-identity.apikey.login'),
  at('08:22').often(10, sync, 'hs-crypto.secrets.create', (n) => ({ key: keyNumber(n), code: 201 })),
  at('08:22:20').often(10, sync, 'hs-crypto.secrets.list'),
  at('08:23').often(20, sync, 'hs-crypto.secrets-metadata.read', (n) => ({ key: keyNumber(n % 10) })),
  at('08:24').often(300, sync, 'hs-crypto.secrets.wrap', (n) => ({ key: keyNumber(n % 10) })),
  at('08:30').often(300, sync, 'hs-crypto.secrets.unwrap', (n) => ({ key: keyNumber(n % 10) })),
  at('08:36').did(sync, 'hs-crypto.import-token.create', {
    request: { expirationSeconds: 600 },
    response: { maxAllowedRetrievals: 1 },
  }),
  at('08:36:10').did(sync, 'hs-crypto.import-token.read', { response: { remainingRetrievals: 0 } }),
  at('08:37').did(ana, 'hs-crypto.secrets.rotate', { key: billing }),
  at('08:37:10').did(ana, 'hs-crypto.secrets.wrap', { key: billing, code: 409 }),
  at('08:37:20').often(4, sync, 'hs-crypto.secrets.unwrap', () => ({ key: billing, code: 403 })),
]

/** A quiet month: heartbeats, a checkpoint of the bytes each night, a job of the program, a key rotated by policy. */
const quietDays: readonly Happening[] = Array.from({ length: 31 }, (_, n) => n + 1).flatMap((day) => [
  at('00:00', day).did(server, 'activity-tracker.log.verify', { response: { findings: 0 } }),
  at('02:00', day).did({ ...sync, credential: { type: 'apikey' } }, 'iam-identity.apikey.login'),
  ...at('02:01', day).often(200, sync, 'hs-crypto.secrets.unwrap', (n) => ({ key: keyNumber(n % 10) })),
  at('09:00', day).did(inConsole, 'activity-tracker.events.search'),
  ...(day % 30 === 0 ? [at('12:00', day).did(server, 'hs-crypto.secrets.rotate', { key: billing })] : []),
])

const beat = (time: number): Happening => {
  const clock = new Date(time).toISOString().slice(11, 19)
  return at(clock, Math.floor((time - at('00:00').nothing.time) / 86_400_000)).did(
    server,
    'hs-crypto.producer.heartbeat',
  )
}

/** The scene with a heartbeat after each quarter of an hour without an event, as servers record them. */
function withHeartbeats(scene: Scene): Happening[] {
  const beating: Happening[] = []
  for (const happening of scene.flat()) {
    const last = beating.at(-1)?.time ?? happening.time
    for (let time = last + 900_000; time < happening.time; time += 900_000) beating.push(beat(time))
    beating.push(happening)
  }
  return beating
}

test('the first start, the console and the first programs raise nothing', () => {
  expect(saying(withHeartbeats([...firstStart, ...reading, ...programs]))).toEqual([])
})

test('a quiet month raises nothing', () => {
  const days = withHeartbeats([...firstStart, ...reading, ...programs, ...quietDays])
  expect(saying([...days, at('09:10', 31).nothing])).toEqual([])
})
