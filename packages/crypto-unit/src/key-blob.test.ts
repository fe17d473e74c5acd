/** Key blobs open for their own name under their own master key, and for nothing else. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { BLOB_OVERHEAD_BYTES } from './key-blob.ts'
import type { UnitIdentity } from './messages.ts'
import { MATERIAL_BYTES_MAX, PLAINTEXT_BYTES_MAX, operations, type Status } from './protocol.ts'
import {
  INSTANCE,
  InProcessUnit,
  identities,
  newAdministrator,
  putName,
  putStored,
  testParts,
  workingUnit,
  type TestName,
} from './testing/in-process-unit.ts'

const rootName: TestName = { instance: INSTANCE, kind: 'root-key', id: 'key-1' }
const standardName: TestName = { instance: INSTANCE, kind: 'standard-key', id: 'key-2' }
const { unit } = workingUnit()

function generate(name: TestName, count: number, from = unit): { status: Status; blob: Buffer } {
  const { status, fields } = from.call(operations.GENERATE, (request) => {
    putName(request, name)
    request.u32(count)
  })
  return { status, blob: fields.bytesAll }
}

function importMaterial(name: TestName, material: Uint8Array): { status: Status; blob: Buffer } {
  const { status, fields } = unit.call(operations.IMPORT, (request) => {
    putName(request, name)
    request.bytes(material)
  })
  return { status, blob: fields.bytesAll }
}

function exported(name: TestName, blob: Uint8Array, from = unit): { status: Status; material: Buffer } {
  const { status, fields } = from.call(operations.EXPORT, (request) => putStored(request, name, blob))
  return { status, material: fields.bytesAll }
}

function wrap(
  name: TestName,
  blob: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array,
  from = unit,
): { status: Status; iv: Buffer; sealed: Buffer } {
  const { status, fields } = from.call(operations.WRAP, (request) => {
    putStored(request, name, blob)
    request.bytes(aad)
    request.u8(1)
    request.bytes(plaintext)
  })
  if (status !== 'OK') return { status, iv: Buffer.alloc(0), sealed: Buffer.alloc(0) }
  return { status, iv: fields.raw(12), sealed: fields.bytes(PLAINTEXT_BYTES_MAX + 16) }
}

function unwrap(
  name: TestName,
  blob: Uint8Array,
  iv: Uint8Array,
  sealed: Uint8Array,
  aad: Uint8Array,
): { status: Status; plaintext: Buffer } {
  const { status, fields } = unit.call(operations.UNWRAP, (request) => {
    putStored(request, name, blob)
    request.bytes(aad)
    request.u8(iv.length)
    request.raw(iv)
    request.bytes(sealed)
  })
  return { status, plaintext: fields.bytesAll }
}

function flipped(bytes: Buffer, index: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[index] = (copy[index] ?? 0) ^ 1
  return copy
}

test('unwrapping what was wrapped gives the plaintext back', () => {
  const keys = [16, 24, 32].map((count) => generate(rootName, count).blob)
  fc.assert(
    fc.property(
      fc.constantFrom(...keys),
      fc.uint8Array({ maxLength: 600 }),
      fc.uint8Array({ maxLength: 300 }),
      (blob, plaintext, aad) => {
        const { iv, sealed } = wrap(rootName, blob, plaintext, aad)
        expect(unwrap(rootName, blob, iv, sealed, aad)).toEqual({ status: 'OK', plaintext: Buffer.from(plaintext) })
      },
    ),
  )
})

test('exporting what was imported gives the material back, for standard keys of any size', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 900 }), (material) => {
      const { blob } = importMaterial(standardName, material)
      expect(blob.length).toBe(material.length + BLOB_OVERHEAD_BYTES)
      expect(exported(standardName, blob)).toEqual({ status: 'OK', material: Buffer.from(material) })
    }),
  )
})

test('wrapping without a plaintext answers 32 fresh bytes, and they are what was wrapped', () => {
  const { blob } = generate(rootName, 32)
  const { fields } = unit.call(operations.WRAP, (request) => {
    putStored(request, rootName, blob)
    request.bytes(Buffer.alloc(0))
    request.u8(0)
  })
  const iv = fields.raw(12)
  const sealed = fields.bytes(100)
  const fresh = fields.raw(32)
  fields.end()
  expect(unwrap(rootName, blob, iv, sealed, Buffer.alloc(0)).plaintext).toEqual(fresh)
})

test('rewrapping moves a ciphertext from one key to another without answering the plaintext', () => {
  const other: TestName = { ...rootName, id: 'key-3' }
  const [from, to] = [generate(rootName, 32).blob, generate(other, 16).blob]
  const aad = Buffer.from('context')
  const secret = Buffer.from('a plaintext that must not be answered')
  const { iv, sealed } = wrap(rootName, from, secret, aad)
  const { fields } = unit.call(operations.REWRAP, (request) => {
    putStored(request, rootName, from)
    putStored(request, other, to)
    request.bytes(aad)
    request.u8(iv.length)
    request.raw(iv)
    request.bytes(sealed)
  })
  const newIv = fields.raw(12)
  const newSealed = fields.bytes(200)
  fields.end()
  expect(fields.bytesAll.includes(secret)).toBe(false)
  expect(unwrap(other, to, newIv, newSealed, aad).plaintext).toEqual(secret)
  expect(unwrap(rootName, from, newIv, newSealed, aad).status).toBe('TAMPERED')
})

test('a root key never leaves, whether asked openly or under another kind', () => {
  const { blob } = generate(rootName, 32)
  expect(exported(rootName, blob).status).toBe('KIND')
  expect(exported({ ...rootName, kind: 'standard-key' }, blob).status).toBe('BROKEN_BLOB')
})

test('a standard key wraps nothing', () => {
  const { blob } = generate(standardName, 32)
  expect(wrap(standardName, blob, Buffer.alloc(1), Buffer.alloc(0)).status).toBe('KIND')
  expect(wrap({ ...standardName, kind: 'root-key' }, blob, Buffer.alloc(1), Buffer.alloc(0)).status).toBe('BROKEN_BLOB')
})

test('every flipped bit of a blob is refused, also while its key is in the cache', () => {
  const { blob } = generate(rootName, 32)
  expect(wrap(rootName, blob, Buffer.alloc(1), Buffer.alloc(0)).status).toBe('OK')
  for (const index of blob.keys()) {
    // Where the blob names its master key, it names one that nobody holds then.
    const namesAnother = index >= 4 && index < 36
    const { status } = wrap(rootName, flipped(blob, index), Buffer.alloc(1), Buffer.alloc(0))
    expect(status).toBe(namesAnother ? 'NOT_READY' : 'BROKEN_BLOB')
  }
  expect(wrap(rootName, blob.subarray(0, 60), Buffer.alloc(1), Buffer.alloc(0)).status).toBe('BROKEN_BLOB')
})

test('a blob of another id is refused, also while its key is in the cache', () => {
  const { blob } = generate(rootName, 32)
  expect(wrap(rootName, blob, Buffer.alloc(1), Buffer.alloc(0)).status).toBe('OK')
  expect(wrap({ ...rootName, id: 'key-9' }, blob, Buffer.alloc(1), Buffer.alloc(0)).status).toBe('BROKEN_BLOB')
})

test('a blob of another instance with the same master key is refused', () => {
  const other = '7a1b1f52-91d7-4f36-9b0e-4f3c2b1a0d11'
  const two = new InProcessUnit()
  const administrators = [newAdministrator('one'), newAdministrator('two')]
  for (const identity of identities) two.activate(identity, administrators, testParts)
  for (const identity of identities)
    two.activate({ ...identity, instance: other, unit: `${identity.unit}b` }, administrators, testParts)
  const pattern = two.report(identities[0] as UnitIdentity).currentRegister.pattern ?? ''
  for (const instance of [rootName.instance, other]) two.direct(instance, pattern)
  const { blob } = generate(rootName, 32, two)
  expect(wrap(rootName, blob, Buffer.alloc(1), Buffer.alloc(0), two).status).toBe('OK')
  expect(wrap({ ...rootName, instance: other }, blob, Buffer.alloc(1), Buffer.alloc(0), two).status).toBe('BROKEN_BLOB')
})

test('a blob made under another master key is refused', () => {
  const { unit: another } = workingUnit()
  const administrators = [newAdministrator('three'), newAdministrator('four')]
  const third = new InProcessUnit()
  for (const identity of identities)
    third.activate(identity, administrators, [testParts[0] as Uint8Array, Buffer.alloc(32, 1)])
  third.direct(rootName.instance, third.report(identities[0] as UnitIdentity).currentRegister.pattern ?? '')
  const { blob } = generate(standardName, 32, another)
  expect(exported(standardName, blob).status).toBe('OK')
  expect(exported(standardName, blob, third).status).toBe('NOT_READY')
})

test('a ciphertext opens with its own additional data only', () => {
  const { blob } = generate(rootName, 32)
  const { iv, sealed } = wrap(rootName, blob, Buffer.from('text'), Buffer.from('a'))
  expect(unwrap(rootName, blob, iv, sealed, Buffer.from('b')).status).toBe('TAMPERED')
  expect(unwrap(rootName, blob, flipped(iv, 3), sealed, Buffer.from('a')).status).toBe('TAMPERED')
  expect(unwrap(rootName, blob, iv.subarray(1), sealed, Buffer.from('a')).status).toBe('TAMPERED')
})

test('sizes that a kind does not have are refused', () => {
  expect([15, 0, 33, 64].map((count) => generate(rootName, count).status)).toEqual(['LIMIT', 'LIMIT', 'LIMIT', 'LIMIT'])
  expect([0, MATERIAL_BYTES_MAX + 1].map((count) => generate(standardName, count).status)).toEqual(['LIMIT', 'LIMIT'])
  expect(generate(standardName, MATERIAL_BYTES_MAX).status).toBe('OK')
  expect(importMaterial(rootName, Buffer.alloc(20)).status).toBe('LIMIT')
})

test('a cache smaller than the keys in use changes nothing but speed', () => {
  const { unit: small } = workingUnit(2)
  const names = ['a', 'b', 'c', 'd'].map((id): TestName => ({ ...rootName, id }))
  const blobs = names.map((name) => generate(name, 32, small).blob)
  for (let round = 0; round < 3; round++) {
    for (const [index, name] of names.entries()) {
      expect(wrap(name, blobs[index] as Buffer, Buffer.alloc(4), Buffer.alloc(0), small).status).toBe('OK')
    }
  }
})
