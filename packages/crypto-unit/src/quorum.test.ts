/** Who signed: P-521 and RSA administrators, each form of signature, and what does not count as one. */
import { constants, sign } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import type { UnitIdentity } from './messages.ts'
import {
  InProcessUnit,
  identities,
  newAdministrator,
  signedBy,
  thresholds,
  type CommandAnswer,
  type TestAdministrator,
} from './testing/in-process-unit.ts'
import { encodeSignerInfo } from './tke/signer-info.ts'
import { x931Sign } from './tke/x931.ts'

const identity = identities[0] as UnitIdentity
const ec = newAdministrator('with P-521')
const rsa = newAdministrator('with RSA', 'rsa')
const otherRsa = newAdministrator('with RSA too', 'rsa')
const empty = Buffer.alloc(0)
let unit: InProcessUnit

beforeEach(() => {
  unit = new InProcessUnit()
  unit.adopt(unit.create(identity))
  for (const { certificate } of [ec, rsa, otherRsa]) unit.carryOut(identity, 'ADD_ADMINISTRATOR', certificate)
  unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(2, 2), [rsa, otherRsa])
})

type Form = (block: Uint8Array) => Buffer

const forms = {
  ecdsa: (block) => signedBy(ec, block),
  x931: (block) => signedBy(rsa, block),
  pkcs1: (block) => encodeSignerInfo(skiOf(rsa), 'pkcs1', pkcs1(rsa, block)),
} as const satisfies Record<string, Form>

function skiOf({ ski }: TestAdministrator): Buffer {
  return Buffer.from(ski, 'hex')
}

function pkcs1({ key }: TestAdministrator, block: Uint8Array): Buffer {
  return sign('sha256', block, { key, padding: constants.RSA_PKCS1_PADDING })
}

/** A zeroize, which needs two, signed in these forms. */
function send(...signing: readonly Form[]): CommandAnswer {
  const block = unit.blockOf(identity, 'ZEROIZE', empty)
  return unit.sendCommand(
    identity,
    block,
    signing.map((form) => form(block)),
  )
}

test.each([
  ['P-521 and X9.31', [forms.ecdsa, forms.x931]],
  ['P-521 and PKCS #1', [forms.ecdsa, forms.pkcs1]],
  ['two RSA administrators, one in each form', [forms.pkcs1, (block: Uint8Array) => signedBy(otherRsa, block)]],
] as const)('signatures of %s count together', (_, signing) => {
  expect(send(...signing)).toHaveProperty('sealed')
})

test('an RSA administrator who signs in both forms counts once', () => {
  const answer = send(forms.x931, forms.pkcs1)
  expect(answer).toMatchObject({ refused: '208/21', facts: { signerIds: [rsa.ski] } })
})

test('administrators of either kind come back from the unit by the identifiers of their keys', () => {
  expect(unit.report(identity).administrators.map(({ ski, name }) => [ski, name])).toEqual([
    [ec.ski, 'with P-521'],
    [rsa.ski, 'with RSA'],
    [otherRsa.ski, 'with RSA too'],
  ])
})

describe('a signature does not verify', () => {
  test.each([
    ['of another RSA key', (block) => encodeSignerInfo(skiOf(rsa), 'x931', x931Sign(block, otherRsa.key))],
    [
      'of another P-521 key',
      (block) => encodeSignerInfo(skiOf(ec), 'ecdsa', sign('sha512', block, newAdministrator('x').key)),
    ],
    ['that says X9.31 and is PKCS #1', (block) => encodeSignerInfo(skiOf(rsa), 'x931', pkcs1(rsa, block))],
    ['that says PKCS #1 and is X9.31', (block) => encodeSignerInfo(skiOf(rsa), 'pkcs1', x931Sign(block, rsa.key))],
    [
      'of an RSA key in the name of a P-521 one',
      (block) => encodeSignerInfo(skiOf(ec), 'x931', x931Sign(block, rsa.key)),
    ],
    [
      'of a P-521 key in the name of an RSA one',
      (block) => encodeSignerInfo(skiOf(rsa), 'ecdsa', sign('sha512', block, ec.key)),
    ],
    ['over another hash', (block) => encodeSignerInfo(skiOf(ec), 'ecdsa', sign('sha256', block, ec.key))],
    ['cut by a byte', (block) => encodeSignerInfo(skiOf(rsa), 'x931', x931Sign(block, rsa.key).subarray(1))],
    ['of zeros', () => encodeSignerInfo(skiOf(rsa), 'x931', Buffer.alloc(256))],
    ['of ones', () => encodeSignerInfo(skiOf(rsa), 'x931', Buffer.alloc(256, 0xff))],
    ['that is no DER', () => encodeSignerInfo(skiOf(ec), 'ecdsa', Buffer.alloc(70, 1))],
  ] as const satisfies readonly (readonly [string, Form])[])('%s', (_, form) => {
    const others = [forms.ecdsa, (block: Uint8Array) => signedBy(otherRsa, block)]
    const answer = send(...others, form)
    expect(answer).toMatchObject({ refused: '192/22' })
    expect(answer).not.toHaveProperty('used')
  })
})

test('one wrong signature spoils a command that enough others signed well, in whatever order', () => {
  const wrong: Form = (block) => encodeSignerInfo(skiOf(rsa), 'x931', x931Sign(block, otherRsa.key))
  const good: Form = (block) => signedBy(otherRsa, block)
  expect(send(wrong, forms.ecdsa, good)).toMatchObject({ refused: '192/22' })
  expect(send(forms.ecdsa, good, wrong)).toMatchObject({ refused: '192/22' })
})

test('a signature is over the exact bytes: the same command in another encoding is another one', () => {
  const block = unit.blockOf(identity, 'ZEROIZE', empty)
  const signerInfos = [signedBy(ec, block), signedBy(rsa, block)]
  // The length in two bytes where one is enough: real modules write so.
  const longer = Buffer.concat([Buffer.from([0x30, 0x81, block[1] ?? 0]), block.subarray(2)])
  expect(unit.sendCommand(identity, longer, signerInfos)).toMatchObject({ refused: '192/22' })
  expect(unit.sendCommand(identity, longer, [signedBy(ec, longer), signedBy(rsa, longer)])).toHaveProperty('sealed')
})

test('in imprint mode signatures are not needed, but those that are there must be good', () => {
  const fresh = new InProcessUnit()
  fresh.adopt(fresh.create(identity))
  fresh.carryOut(identity, 'ADD_ADMINISTRATOR', ec.certificate)
  const stranger = newAdministrator('stranger')
  expect(fresh.command(identity, 'ADD_ADMINISTRATOR', rsa.certificate, [stranger])).toMatchObject({ refused: '257/0' })
  expect(fresh.command(identity, 'ADD_ADMINISTRATOR', rsa.certificate, [ec])).toHaveProperty('sealed')
})

test('an administrator without a good self-signature is taken: authority comes from the command', () => {
  const signed = Buffer.from(newAdministrator('newcomer').certificate)
  signed[signed.length - 1] = (signed.at(-1) ?? 0) ^ 1
  const answer = unit.command(identity, 'ADD_ADMINISTRATOR', signed, [ec, rsa])
  expect(unit.adopted(answer).administrators.at(-1)?.name).toBe('newcomer')
})
