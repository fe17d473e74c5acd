/** `tke`: master keys from parts and from recovery units, rotation that is resumed wherever it stopped, recovery. */
import { verificationPattern } from '@keywitness/crypto-unit/tke/verification-pattern'
import { afterEach, expect, test } from 'vitest'
import { administered, type Ceremony, ceremony, keyed } from './ceremony.ts'

let at: Ceremony
afterEach(() => at.server.http.stop())

function xor(...parts: readonly Buffer[]): string {
  const key = Buffer.alloc(32)
  for (const part of parts) for (const [i, byte] of part.entries()) key[i] = (key[i] ?? 0) ^ byte
  return verificationPattern(key)
}

function currentOf(number: number): string | undefined {
  const bytes = at.server.unit(number).current?.bytes
  return bytes === undefined ? undefined : verificationPattern(bytes)
}

test('three parts, each signed for by its holder, become the current master key of all units', async () => {
  at = await administered()
  const pattern = xor(...at.parts)
  const load = await at.yes('cryptounit-mk-load --part 1 --part 2 --part 3')
  expect(load).toMatchObject({ exitCode: 0, out: expect.stringContaining(pattern) })
  expect(load.err).toMatch(/1\.mkpart {2}part 1 .* signed for by key 1\n.*signed for by key 2\n.*signed for by key 3/)
  expect((await at.yes('cryptounit-mk-load --part 3 --part 1 --part 2')).out.match(/^already/gm)).toHaveLength(2)
  expect(await at.yes('cryptounit-mk-setimm')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('not committed'),
  })
  expect(await at.yes('cryptounit-mk-commit')).toMatchObject({ exitCode: 0 })
  expect((await at.yes('cryptounit-mk-commit')).out.match(/^already/gm)).toHaveLength(2)
  expect(await at.yes('cryptounit-mk-setimm')).toMatchObject({ exitCode: 0 })
  expect([currentOf(1), currentOf(2)]).toEqual([pattern, pattern])
  const shown = await at.tke('cryptounit-mks')
  expect(shown.out).toContain(`Valid\t${pattern.slice(0, 32)}`)
})

test('a master key is loaded in two or three different parts, once imprint mode is left', async () => {
  at = await ceremony()
  expect(await at.yes('cryptounit-mk-load --part 1 --part 2')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('in imprint mode'),
  })
  await at.server.http.stop()
  at = await administered([1])
  for (const parts of ['--part 1', '--part 1 --part 1', '--part 1 --part 2 --part 3 --part 3', '--part 1 --part 9']) {
    expect(await at.yes(`cryptounit-mk-load ${parts}`), parts).toMatchObject({ exitCode: 2 })
  }
  expect(at.server.unit(1).carried).not.toContain('LOAD')
  for (const [words, missing] of [
    ['cryptounit-mk-commit', 'empty; load them first'],
    ['cryptounit-mk-setimm', 'empty; load and commit a master key first'],
  ] as const) {
    expect(await at.yes(words)).toMatchObject({ exitCode: 2, err: expect.stringContaining(missing) })
  }
  await at.yes('cryptounit-mk-load --part 1 --part 2')
  const early = await at.yes('cryptounit-mk-setimm')
  expect(early).toMatchObject({ exitCode: 2, err: expect.stringContaining('not committed; commit them first') })
})

test('different keys in the new registers are not committed', async () => {
  at = await administered()
  await at.yes('cryptounit-mk-load --part 1 --part 2 --unit 1')
  await at.yes('cryptounit-mk-load --part 1 --part 3 --unit 2')
  const { exitCode, err } = await at.yes('cryptounit-mk-commit')
  expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining('hold different keys') })
  expect(err).toContain(at.server.unit(2).place.location)
})

test('another master key takes the place of the current one only where that danger is accepted', async () => {
  at = await keyed()
  await at.yes('cryptounit-mk-load --part 1 --part 2')
  await at.yes('cryptounit-mk-commit')
  const refused = await at.yes('cryptounit-mk-setimm')
  expect(refused).toMatchObject({ exitCode: 2, err: expect.stringContaining('--accept keys-become-unusable') })
  expect(currentOf(1)).toBe(xor(...at.parts))
  expect(await at.yes('cryptounit-mk-setimm --accept keys-become-unusable')).toMatchObject({ exitCode: 0 })
  expect(currentOf(1)).toBe(xor(...at.parts.slice(0, 2)))
})

test('registers are cleared, the current one only where that danger is accepted', async () => {
  at = await keyed([1])
  await at.yes('cryptounit-mk-load --part 1 --part 2')
  expect(await at.yes('cryptounit-mk-clrnew')).toMatchObject({ exitCode: 0 })
  expect((await at.yes('cryptounit-mk-clrnew')).out).toMatch(/^already/)
  expect(await at.yes('cryptounit-mk-clrcur')).toMatchObject({ exitCode: 2 })
  expect(await at.yes('cryptounit-mk-clrcur --accept keys-become-unusable')).toMatchObject({ exitCode: 0 })
  expect(at.server.unit(1)).toMatchObject({ current: undefined, next: undefined })
})

/** All three units keyed, a new key committed, and a server that takes two looks to re-wrap. */
async function readyToRotate(): Promise<{ from: string; to: string }> {
  at = await keyed([1, 2, 3])
  await at.yes('cryptounit-mk-load --part 1 --part 2')
  await at.yes('cryptounit-mk-commit')
  const from = xor(...at.parts)
  const to = xor(...at.parts.slice(0, 2))
  at.server.onRoll = () => {
    at.server.rolls = [
      roll('started', from, to, 0),
      roll('started', from, to, 60),
      roll('rewrapped', from, to, 100),
      roll('finished', from, to, 100),
    ]
  }
  return { from, to }
}

function roll(status: string, from: string, to: string, rewrapped: number): Record<string, string> {
  return { status, message: `it is ${status}`, rewrapped: String(rewrapped), total: '100', from, to }
}

test('a rotation re-wraps first and changes the units over afterwards', async () => {
  const { to } = await readyToRotate()
  let waited = 0
  at.terminal.onWait = (ms) => {
    waited += ms
    expect(at.server.unit(1).carried.includes('ACTIVATE')).toBe(false)
  }
  const { exitCode, err } = await at.yes('cryptounit-mk-rotate')
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: expect.stringContaining(`the master key is ${to}`) })
  expect(waited).toBeGreaterThan(0)
  expect([currentOf(1), currentOf(2), currentOf(3)]).toEqual([to, to, to])
})

test('a rotation that fails while re-wrapping changes no unit over, says that keys stay usable, and can be begun again', async () => {
  const { from, to } = await readyToRotate()
  at.server.onRoll = () => (at.server.rolls = [roll('started', from, to, 0), roll('failed', from, to, 3)])
  const { exitCode, err } = await at.yes('cryptounit-mk-rotate')
  expect(exitCode).toBe(3)
  expect(err).toContain('it is failed')
  expect(err).toContain('stays usable, and no crypto unit has changed over')
  expect(currentOf(1)).toBe(from)
  at.server.rolls = [roll('failed', from, to, 3)]
  at.server.onRoll = () => {
    at.server.rolls = ['started', 'failed', 'started', 'rewrapped', 'finished'].map((status) =>
      roll(status, from, to, 9),
    )
  }
  expect(await at.yes('cryptounit-mk-rotate')).toMatchObject({ exitCode: 0 })
  expect(currentOf(1)).toBe(to)
})

test('a rotation that stops between two units is resumed where it stopped, without re-wrapping again', async () => {
  const { from, to } = await readyToRotate()
  at.server.unit(2).refuse.set('ACTIVATE', [49, 0])
  const stopped = await at.yes('cryptounit-mk-rotate')
  expect(stopped.exitCode).toBe(3)
  expect(stopped.err).toContain(`done       ${at.server.unit(1).place.location}`)
  expect(stopped.err).toContain(`failed     ${at.server.unit(2).place.location}`)
  expect(stopped.err).toContain(`untouched  ${at.server.unit(3).place.location}`)
  at.server.onRoll = () => {
    throw new Error('a second re-wrapping')
  }
  at.server.rolls = [
    roll('rewrapped', from, to, 100),
    roll('rewrapped', from, to, 100),
    roll('finished', from, to, 100),
  ]
  const resumed = await at.yes('cryptounit-mk-rotate')
  expect(resumed).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^already.*\ndone.*\ndone/) })
  expect([currentOf(1), currentOf(2), currentOf(3)]).toEqual([to, to, to])
})

test('registers that a rotation needs are neither replaced nor cleared', async () => {
  const { from, to } = await readyToRotate()
  for (const status of ['started', 'rewrapped']) {
    at.server.rolls = [roll(status, from, to, 50)]
    for (const words of ['mk-load --part 1 --part 3', 'mk-clrnew', 'mk-clrcur --accept keys-become-unusable']) {
      const { exitCode, err } = await at.yes(`cryptounit-${words}`)
      expect({ words, exitCode, err }).toEqual({ words, exitCode: 2, err: expect.stringContaining('is under way') })
    }
  }
})

test('after re-wrapping the units may be changed over by setimm, which then is no danger', async () => {
  const { from, to } = await readyToRotate()
  at.server.rolls = [roll('rewrapped', from, to, 100)]
  expect(await at.yes('cryptounit-mk-setimm')).toMatchObject({ exitCode: 0 })
  expect(currentOf(3)).toBe(to)
})

test.each<[string, string, () => Promise<unknown>]>([
  ['not all units are chosen', 'not all are chosen', () => at.tke('cryptounit-rm --unit 3')],
  ['a new register is empty', 'not full and committed', () => at.yes('cryptounit-mk-clrnew --unit 2')],
  [
    'thresholds differ',
    'different signature thresholds',
    () => at.yes('cryptounit-thrhld-set --signature 3 --revocation 3 --accept lost-key-locks-out --unit 2'),
  ],
  [
    'a current register is empty',
    'have no current master key',
    () => at.yes('cryptounit-mk-clrcur --unit 2 --accept keys-become-unusable'),
  ],
])('a rotation is refused before it begins when %s', async (_what, message, spoil) => {
  await readyToRotate()
  await spoil()
  const { exitCode, err } = await at.yes('cryptounit-mk-rotate')
  expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining(message) })
})

test('all units are initialised by a recovery unit, and doing it again finds everything done', async () => {
  at = await ceremony([1])
  const words = 'auto-init --signature 2 --revocation 2 --admin 1 --admin 2 --admin 3'
  const { exitCode, out, err } = await at.yes(words)
  expect(exitCode).toBe(0)
  expect(err).toContain('makes a random master key')
  expect(out.match(/^done/gm)).toHaveLength(5)
  expect(currentOf(3)).toBeDefined()
  expect([currentOf(1), currentOf(2)]).toEqual([currentOf(3), currentOf(3)])
  const again = await at.yes(words)
  expect(again.out.match(/^already/gm)).toHaveLength(6)
  expect(again.err).toContain(`then all get the master key ${currentOf(3)} of ${at.server.unit(3).place.location}`)
  expect(again.err).not.toContain('makes a random master key')
  expect(await at.tke('cryptounit-compare --unit 1 --unit 2 --unit 3')).toMatchObject({ exitCode: 0 })
  const other = await at.yes('auto-init --signature 1 --revocation 1 --admin 1 --admin 2')
  expect(other).toMatchObject({ exitCode: 2, err: expect.stringContaining('configured already') })
})

test('an initialisation that stops is gone on with', async () => {
  at = await ceremony([1])
  const words = 'auto-init --signature 2 --revocation 2 --admin 1 --admin 2 --admin 3'
  at.server.unit(2).refuse.set('SET_ATTRIBUTES', [49, 0])
  expect(await at.yes(words)).toMatchObject({ exitCode: 3 })
  at.server.unit(1).refuse.set('COMMIT', [49, 0])
  expect(await at.yes(words)).toMatchObject({ exitCode: 3 })
  expect(await at.yes(words)).toMatchObject({ exitCode: 0 })
  expect([currentOf(1), currentOf(2)]).toEqual([currentOf(3), currentOf(3)])
})

test('administrators of an initialisation are made on the spot when a person says so', async () => {
  at = await ceremony([1])
  at.terminal.onQuestion = (question) => {
    if (question.startsWith('Number of')) return '3'
    if (question.startsWith('Administrator 3')) return 'Dia'
    if (question.startsWith('Administrator')) return question.charAt(14)
    if (/threshold/.test(question)) return '2'
    return question.startsWith('Do it') ? 'yes' : 'correct horse battery'
  }
  expect(await at.tke('auto-init')).toMatchObject({ exitCode: 0 })
  expect((await at.tke('sigkeys')).out).toContain('4\tno\tDia')
  expect(at.server.unit(2).administrators.size).toBe(3)
})

test('a recovery unit makes the next master key, all units get it, and what is stored is re-wrapped', async () => {
  at = await ceremony([1, 2, 3])
  await at.yes('auto-init --signature 2 --revocation 2 --admin 1 --admin 2 --admin 3')
  const from = currentOf(1) ?? ''
  at.server.onRoll = () => {
    const { next } = at.server.unit(3)
    const to = verificationPattern(next?.bytes ?? Buffer.alloc(32))
    at.server.rolls = [roll('started', from, to, 0), roll('rewrapped', from, to, 100), roll('finished', from, to, 100)]
  }
  at.server.unit(2).refuse.set('COMMIT', [49, 0])
  expect(await at.yes('auto-mk-rotate')).toMatchObject({ exitCode: 3 })
  expect(await at.yes('auto-mk-rotate')).toMatchObject({ exitCode: 0 })
  expect(currentOf(1)).not.toBe(from)
  expect([currentOf(1), currentOf(2)]).toEqual([currentOf(3), currentOf(3)])
})

test('a unit that lost its master key gets it from a recovery unit', async () => {
  at = await keyed([1, 2, 3])
  const pattern = currentOf(3)
  await at.yes('cryptounit-mk-clrcur --unit 2 --accept keys-become-unusable')
  const { exitCode, err } = await at.yes('auto-recover')
  expect(exitCode).toBe(0)
  expect(err).toContain(`Copies master key ${pattern} of ${at.server.unit(3).place.location} into:\n  2  `)
  expect(currentOf(2)).toBe(pattern)
  expect(await at.yes('auto-mk-recover')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('no other crypto unit'),
  })
  expect(await at.yes('auto-recover --source 1')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('no recovery unit'),
  })
})

test('a recovery unit whose permissions do not let it give its master key away is asked nothing, and how to permit it is said', async () => {
  at = await keyed([1, 2, 3])
  await at.yes('cryptounit-mk-clrcur --unit 2 --accept keys-become-unusable')
  at.server.unit(3).values.set(3, 0x81ff_0011)
  const sent = at.server.unit(3).carried.length
  for (const [words, missing] of [
    ['auto-recover', 'EXPORT'],
    ['auto-mk-rotate', 'EXPORT, MAKE RANDOM KEYS'],
  ] as const) {
    if (words === 'auto-mk-rotate') at.server.unit(2).hold(at.parts)
    const { exitCode, err } = await at.yes(words)
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining(`lacks permissions: ${missing}; `) })
    expect(err).toContain('cryptounit-thrhld-set --unit 3 --signature 2 --revocation 2')
  }
  expect(at.server.unit(3).carried.length).toBe(sent)
})
