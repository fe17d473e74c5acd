/** Device keys: derived from the seal, so that a restart has the same ones and another seal has others. */
import { createHash, createSecretKey, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { DeviceKeys } from './device-keys.ts'
import type { UnitIdentity } from './messages.ts'
import { keysOfSeal } from './state.ts'
import { ask, rootOf } from './testing/answers.ts'
import { InProcessUnit, identities } from './testing/in-process-unit.ts'
import { queries } from './tke/command-block.ts'
import { wordBytes } from './tke/der.ts'
import { decodeDeviceCertificate, verifyDeviceCertificate } from './tke/device-certificate.ts'
import { decodeSignerInfos, verifySignerInfo } from './tke/signer-info.ts'

const keysOf = (fill: number): DeviceKeys => new DeviceKeys(createSecretKey(Buffer.alloc(32, fill)))
const pointOf = (keys: DeviceKeys, module: string): string =>
  decodeDeviceCertificate(keys.certificate(module)).point.toString('hex')
const message = Buffer.from('what a module says')

test('the same secret has the same root and the same module keys, another secret has others', () => {
  expect(keysOf(1).root).toEqual(keysOf(1).root)
  expect(pointOf(keysOf(1), 'a')).toBe(pointOf(keysOf(1), 'a'))
  expect(keysOf(2).root).not.toEqual(keysOf(1).root)
  expect(pointOf(keysOf(2), 'a')).not.toBe(pointOf(keysOf(1), 'a'))
})

test('modules have keys of their own, and none has the root’s', () => {
  const keys = keysOf(1)
  const points = ['a', 'b', 'root', 'module a', ''].map((module) => pointOf(keys, module))
  expect(new Set([...points, `04${keys.root.x}${keys.root.y}`]).size).toBe(6)
})

test('a certificate made before a restart verifies what is signed after it', () => {
  const before = keysOf(1)
  const after = keysOf(1)
  const key = verifyDeviceCertificate(before.certificate('a'), after.root)
  const [info] = decodeSignerInfos(after.sign('a', message))
  if (info === undefined) throw new Error('no signature')
  expect(info.ski).toBe(decodeDeviceCertificate(before.certificate('a')).subjectSki)
  expect(verifySignerInfo(message, info, key)).toBe(true)
  expect(verifySignerInfo(Buffer.from('something else'), info, key)).toBe(false)
  expect(verify('sha512', message, key, info.signature)).toBe(true)
})

test('what one module signs does not verify under another one', () => {
  const keys = keysOf(1)
  const [info] = decodeSignerInfos(keys.sign('a', message))
  if (info === undefined) throw new Error('no signature')
  expect(verifySignerInfo(message, info, verifyDeviceCertificate(keys.certificate('b'), keys.root))).toBe(false)
})

test('a certificate does not verify under the root of another seal', () => {
  expect(() => verifyDeviceCertificate(keysOf(1).certificate('a'), keysOf(2).root)).toThrow('another root')
})

test('the root’s identifier is the hash of its point, and its coordinates are of full length', () => {
  const { ski, x, y } = keysOf(1).root
  expect([x.length, y.length]).toEqual([132, 132])
  const point = Buffer.from(`04${x}${y}`, 'hex')
  expect(createHash('sha256').update(point).digest('hex')).toBe(ski)
})

test('a certificate is made once, and is the same for as long as the process lives', () => {
  const keys = keysOf(1)
  const first = keys.certificate('a')
  expect(first.length).toBe(584)
  for (let module = 0; module < 20; module++) keys.certificate(`other ${module}`)
  expect(keys.certificate('a')).toEqual(first)
})

test('the device secret is not the key that seals states, and the seal is gone after both are made', () => {
  const seal = Buffer.alloc(32, 5)
  const { states, devices } = keysOfSeal(seal)
  expect(states.export()).toEqual(Buffer.alloc(32, 5))
  expect(devices.export()).not.toEqual(states.export())
  expect(seal).toEqual(Buffer.alloc(32))
})

test('units restarted with the same seal have the same root and key, with another seal others', () => {
  const [first, second] = identities as [UnitIdentity, UnitIdentity]
  const started = (seal: number): InProcessUnit => {
    const unit = new InProcessUnit(Buffer.alloc(32, seal))
    for (const identity of [first, second]) unit.adopt(unit.create(identity))
    return unit
  }
  const point = (unit: InProcessUnit, identity: UnitIdentity): string => {
    const { payload } = ask(unit, identity, queries.DEVICE_CERTIFICATE, wordBytes(0))
    return decodeDeviceCertificate(payload).point.toString('hex')
  }
  const [before, after, other] = [started(7), started(7), started(8)]
  expect(rootOf(after)).toEqual(rootOf(before))
  expect(point(after, first)).toBe(point(before, first))
  expect(rootOf(other)).not.toEqual(rootOf(before))
  expect(point(other, first)).not.toBe(point(before, first))
  expect(point(before, first)).not.toBe(point(before, second))
})

test('units of one module answer with one key: clients ask only the first of them for its certificate', () => {
  const [first] = identities as [UnitIdentity]
  const neighbour = { ...first, unit: 'neighbour', location: '[us-south].[AZ1].[01].[04]' }
  const unit = new InProcessUnit()
  for (const identity of [first, neighbour]) unit.adopt(unit.create(identity))
  const [one, other] = [first, neighbour].map(
    (identity) => ask(unit, identity, queries.DEVICE_CERTIFICATE, wordBytes(0)).payload,
  )
  expect(other).toEqual(one)
})
