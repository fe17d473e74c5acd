/** What a unit offers to an instance, by its control points, and random numbers. */
import { expect, test } from 'vitest'
import { controlPoints } from '../../tke/attributes.ts'
import { mechanisms, type Mechanism, type MechanismName } from '../mechanisms.ts'
import { Ep11Unit, none, template, use } from '../testing/ep11-unit.ts'

const unit = new Ep11Unit()

test('all mechanisms are listed in the order of the device, CKM_RSA_PKCS first, and each says what it is', async () => {
  const outcome = await unit.outcome('GetMechanismList', {})
  const listed = 'answer' in outcome ? outcome.answer.mechanisms : []
  expect(listed).toEqual(Object.values(mechanisms).map(({ value }) => value))
  expect(listed[0]).toBe(1)
  expect(outcome.facts.response.mechanismCount).toBe(listed.length)
  expect(await unit.call('GetMechanismInfo', { mechanism: 1 })).toEqual({ sizeMin: 512, sizeMax: 4096, flags: 404224 })
  expect(await unit.call('GetMechanismInfo', { mechanism: 0x1080 })).toEqual({ sizeMin: 16, sizeMax: 32, flags: 32768 })
  expect(await unit.refusal('GetMechanismInfo', { mechanism: 0x1087 })).toBe('CKR_MECHANISM_INVALID')
})

test('what a control point switches off is neither listed nor known, and its curves are not made', async () => {
  const { privateKey } = await unit.ec('ed25519')
  const data = Buffer.from('data')
  const signing = { mechanism: use('CKM_IBM_ED25519_SHA512'), key: privateKey, data }
  expect(await unit.refusal('SignSingle', signing)).toBe('CKR_OK')
  const all: readonly (readonly [string, Mechanism])[] = Object.entries(mechanisms)
  for (const [off, point] of Object.entries(controlPoints)) {
    unit.setControlPoints(...Object.values(controlPoints).filter((other) => other !== point))
    const { mechanisms: listed } = await unit.call('GetMechanismList', {})
    const missing = all.filter(([, { value }]) => !listed.includes(value))
    expect(missing.map(([, { controlPoint }]) => controlPoint)).toEqual(missing.map(() => off))
    expect(missing.length).toBeGreaterThan(0)
    for (const [, { value }] of missing) {
      expect(await unit.refusal('GetMechanismInfo', { mechanism: value })).toBe('CKR_MECHANISM_INVALID')
    }
  }
  unit.setControlPoints()
  expect(await unit.refusal('SignSingle', signing)).toBe('CKR_MECHANISM_INVALID')
  const publicTemplate = template({ CKA_EC_PARAMS: Buffer.from('ed25519') })
  const making = { mechanism: use('CKM_EC_KEY_PAIR_GEN'), publicTemplate, privateTemplate: template({}) }
  expect(await unit.refusal('GenerateKeyPair', making)).toBe('CKR_CURVE_NOT_SUPPORTED')
  unit.setControlPoints(...Object.values(controlPoints))
})

test('random numbers are as many as asked for, within bounds, and never the same', async () => {
  const one = await unit.outcome('GenerateRandom', { length: 4096 })
  expect(one.facts.request).toEqual({ length: 4096 })
  const bytes = 'answer' in one ? one.answer.random : none
  expect(bytes.length).toBe(4096)
  expect((await unit.call('GenerateRandom', { length: 4096 })).random.equals(bytes)).toBe(false)
  expect((await unit.call('GenerateRandom', { length: 1_000_000 })).random.length).toBe(1_000_000)
  for (const length of [0, 1_000_001, 0xffff_ffff]) {
    expect(await unit.refusal('GenerateRandom', { length })).toBe('CKR_ARGUMENTS_BAD')
  }
})

test.each(Object.keys(mechanisms) as MechanismName[])('%s does nothing that it has no flag for', async (name) => {
  const { flags }: Mechanism = mechanisms[name]
  const key = await unit.aes()
  const mechanism = use(name)
  const signature = none
  const data = Buffer.alloc(16)
  const refusals = {
    0x100: await unit.refusal('EncryptInit', { mechanism, key }),
    0x200: await unit.refusal('DecryptSingle', { mechanism, key, ciphered: data }),
    0x400: await unit.refusal('DigestInit', { mechanism }),
    0x800: await unit.refusal('SignInit', { mechanism, key }),
    0x2000: await unit.refusal('VerifySingle', { mechanism, key, data, signature }),
    0x2_0000: await unit.refusal('WrapKey', { mechanism, key, kek: key, macKey: none }),
    0x4_0000: await unit.refusal('UnwrapKey', {
      mechanism,
      wrapped: data,
      kek: key,
      macKey: none,
      template: template({}),
    }),
    0x8_0000: await unit.refusal('DeriveKey', { mechanism, baseKey: key, data, template: template({}) }),
  }
  const unflagged = Object.entries(refusals).filter(([flag]) => (flags & Number(flag)) === 0)
  expect(unflagged.length).toBeGreaterThan(0)
  expect(new Set(unflagged.map(([, refusal]) => refusal))).toEqual(new Set(['CKR_MECHANISM_INVALID']))
})
