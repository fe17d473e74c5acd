/** Sealed states open under their own seal, whole, and for the unit they name. */
import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { freshState, masterKey, type UnitState } from './registers.ts'
import { openState, sealState } from './state.ts'
import { identities, newAdministrator } from './testing/in-process-unit.ts'
import { UnitError } from './unit-error.ts'

const seal = createSecretKey(Buffer.alloc(32, 7))
const [identity] = identities
const administrator = newAdministrator('one')
const fresh = freshState(identity as UnitState, 0x0a0b0c0d, 4)
const full: UnitState = {
  ...fresh,
  administrators: [{ ski: administrator.ski, name: 'one', certificate: administrator.certificate }],
  importer: { type: 3, key: generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey },
  counter: 9n,
  revision: 5,
  signatureThreshold: 1,
  revocationSignatureThreshold: 1,
  newKey: { ...masterKey(Buffer.alloc(32, 1), ['ab'.repeat(32), 'cd'.repeat(32)]), committed: true },
  currentKey: masterKey(Buffer.alloc(32, 2), []),
}

function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return error instanceof UnitError ? error.status : 'another error'
  }
  return 'no error'
}

/** With the keys as their bytes, which is what equality means for them. */
function plain(state: UnitState): unknown {
  const bytes = (key: UnitState['currentKey']): unknown => key && { ...key, key: key.key.export().toString('hex') }
  const importer = state.importer && {
    ...state.importer,
    key: state.importer.key.export({ format: 'der', type: 'pkcs8' }).toString('hex'),
  }
  return { ...state, importer, newKey: bytes(state.newKey), currentKey: bytes(state.currentKey) }
}

test.each([
  ['fresh', fresh],
  ['full', full],
])('a %s state is the same after sealing and opening', (_, state) => {
  expect(plain(openState(sealState(state, seal), seal))).toEqual(plain(state))
})

test('the same state sealed twice is never the same bytes', () => {
  expect(sealState(full, seal).equals(sealState(full, seal))).toBe(false)
})

test('no byte of a master key is to be seen in a sealed state', () => {
  const sealed = sealState(full, seal)
  expect(sealed.includes(Buffer.alloc(16, 1)) || sealed.includes(Buffer.alloc(16, 2))).toBe(false)
})

test('a state sealed under another seal is refused', () => {
  expect(codeOf(() => openState(sealState(full, seal), createSecretKey(Buffer.alloc(32, 8))))).toBe('BROKEN_STATE')
})

test('every flipped bit is refused: header, revision, iv, ciphertext, tag', () => {
  const sealed = sealState(full, seal)
  for (const index of sealed.keys()) {
    const altered = Buffer.from(sealed)
    altered[index] = (altered[index] ?? 0) ^ 1
    expect(codeOf(() => openState(altered, seal))).toBe('BROKEN_STATE')
  }
})

test('a state cut off anywhere, a longer one and one of a later version are refused', () => {
  const sealed = sealState(full, seal)
  for (let count = 0; count < sealed.length; count++) {
    expect(codeOf(() => openState(sealed.subarray(0, count), seal))).toBe('BROKEN_STATE')
  }
  expect(codeOf(() => openState(Buffer.concat([sealed, Buffer.alloc(1)]), seal))).toBe('BROKEN_STATE')
  const later = Buffer.from(sealed)
  later[4] = 3
  expect(codeOf(() => openState(later, seal))).toBe('BROKEN_STATE')
})
