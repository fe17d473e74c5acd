/** `tke` signs for what people saw and for nothing else: commands of others in between, old answers, refusals that prove little. */
import { commands, queries } from '@keywitness/crypto-unit/tke/command-block'
import { afterEach, expect, test } from 'vitest'
import { administered, type Ceremony, ceremony, keyed } from './ceremony.ts'
import { blockOf, idOf, stranger, unsigned, unsignedRequest } from './rival.ts'
import type { SimulatedUnit } from './simulated-unit.ts'

let at: Ceremony
afterEach(() => at.server.http.stop())

const autoInit = 'auto-init --signature 2 --revocation 2 --admin 1 --admin 2 --admin 3'
const mallory = stranger('Mallory')

function add(unit: SimulatedUnit): void {
  const returnCode = unsigned(unit, 'ADD_ADMINISTRATOR', mallory.certificate)
  if (returnCode !== 0) throw new Error(`the unit refused Mallory: ${returnCode}`)
}

/** Adds Mallory to each unit, once, where `when` says so. */
function slipIn(when: (unit: SimulatedUnit, request: string) => boolean): void {
  const done = new Set<SimulatedUnit>()
  at.server.onAnswer = (unit, answer, request) => {
    if (done.has(unit) || !when(unit, request)) return answer
    done.add(unit)
    add(unit)
    return answer
  }
}

function holdsNothing(): void {
  for (const unit of at.server.units) expect(unit).toMatchObject({ threshold: 0, current: undefined })
}

test('an administrator who is slipped in after the last one stops an initialisation before anybody signs', async () => {
  at = await ceremony([])
  slipIn((unit, request) => idOf(request) === commands.ADD_ADMINISTRATOR && unit.administrators.size === 3)
  const { exitCode, err } = await at.yes(autoInit)
  expect({ exitCode, err }).toEqual({ exitCode: 3, err: expect.stringContaining('somebody else changed crypto unit') })
  holdsNothing()
})

test('one who is slipped in just before the thresholds are set makes their signatures useless', async () => {
  at = await ceremony([])
  const before = at.server.unit(1)
  at.server.onRequest = (unit, request) => {
    if (unit === before && idOf(request) === commands.SET_ATTRIBUTES && unit.administrators.size === 3) add(unit)
    return request
  }
  const { exitCode, err } = await at.yes(autoInit)
  expect({ exitCode, err }).toEqual({ exitCode: 3, err: expect.stringContaining('somebody else changed') })
  expect(err).toContain('163')
  holdsNothing()
})

test('an unsigned command that is exchanged for another under the same counter is noticed before anybody signs', async () => {
  at = await ceremony([])
  at.server.onRequest = (unit, request) =>
    idOf(request) === commands.ADD_ADMINISTRATOR && unit.administrators.size === 2
      ? unsignedRequest(unit, 'ADD_ADMINISTRATOR', mallory.certificate)
      : request
  const { exitCode, err } = await at.yes(autoInit)
  expect({ exitCode, err }).toEqual({ exitCode: 1, err: expect.stringContaining('other administrators are installed') })
  holdsNothing()
})

test('an administrator who was exchanged for another on the way is not told as installed', async () => {
  at = await ceremony([1])
  at.server.onRequest = (unit, request) =>
    idOf(request) === commands.ADD_ADMINISTRATOR
      ? unsignedRequest(unit, 'ADD_ADMINISTRATOR', mallory.certificate)
      : request
  const { exitCode, out, err } = await at.yes('cryptounit-admin-add --admin 1')
  expect({ exitCode, out, err }).toEqual({ exitCode: 1, out: '', err: expect.stringContaining('than were sent') })
})

test('thresholds are signed for the administrators that were shown, whoever else is added meanwhile', async () => {
  at = await ceremony([1])
  for (const number of [1, 2, 3]) await at.yes(`cryptounit-admin-add --admin ${number}`)
  at.server.onRequest = (unit, request) => {
    if (idOf(request) === commands.SET_ATTRIBUTES) add(unit)
    return request
  }
  const { exitCode, err } = await at.yes('cryptounit-thrhld-set --signature 2 --revocation 2')
  expect({ exitCode, err }).toEqual({ exitCode: 3, err: expect.stringContaining('somebody else changed') })
  for (const ski of at.skis) expect(err).toContain(`administrator ${ski}`)
  expect(err).not.toContain(mallory.ski)
  expect(at.server.unit(1).threshold).toBe(0)
  at.server.onRequest = (_unit, request) => request
  const again = await at.yes('cryptounit-thrhld-set --signature 2 --revocation 2')
  expect(again.err).toContain(`administrator ${mallory.ski}  Mallory`)
})

test('a master key is given to no unit that has other administrators than the one it comes from', async () => {
  at = await keyed([1, 2, 3])
  at.server.unit(2).current = undefined
  at.server.unit(2).administrators.set(mallory.ski, mallory.certificate)
  const { exitCode, err } = await at.yes('auto-recover --unit 2')
  expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining('other administrators') })
  expect(err).toContain(mallory.ski)
  const rotated = await at.yes('auto-mk-rotate')
  expect(rotated).toMatchObject({ exitCode: 2 })
  expect(at.server.unit(2).carried).toEqual([])
})

test('a master key goes to no unit that asks for fewer signatures than the others', async () => {
  at = await keyed([1, 2, 3])
  at.server.unit(2).values.set(1, 1)
  const { exitCode, err } = await at.yes('auto-mk-rotate')
  expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining('different signature thresholds') })
  expect(at.server.unit(3).carried).toEqual([])
})

test('an initialisation that is gone on with does not pass over permissions that it would not have set', async () => {
  at = await administered([1, 2, 3])
  at.server.unit(1).values.set(3, 0x01ff_2057)
  const { exitCode, err } = await at.yes(autoInit)
  expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining('--accept unusual-permissions') })
  expect(err).toContain('EXPORT')
  expect(at.server.unit(3).carried).toEqual([])
})

test('a unit that is changed between two phases of an initialisation gets no master key', async () => {
  at = await ceremony([])
  const [one, two] = [at.server.unit(1), at.server.unit(2)]
  at.server.onRequest = (unit, request) => {
    // As many administrators as it takes do something else with a unit that is ready already.
    if (unit === two && idOf(request) === commands.SET_ATTRIBUTES) one.advance(1)
    return request
  }
  const { exitCode, err } = await at.yes(autoInit)
  expect({ exitCode, err }).toEqual({ exitCode: 3, err: expect.stringContaining('somebody else changed crypto unit') })
  expect(at.server.unit(3).carried).not.toContain('RANDOM')
})

/** Answers to a question about attributes, from before the thresholds were changed. */
async function withOldAttributes(times: number): Promise<void> {
  at = await administered([1])
  const unit = at.server.unit(1)
  let old = ''
  unit.values.set(2, 1)
  at.server.onAnswer = (_unit, answer, request) => {
    if (idOf(request) === queries.ATTRIBUTES) old = answer
    return answer
  }
  await at.tke('cryptounit-thrhlds')
  unit.values.set(2, 2)
  at.server.onAnswer = (_unit, answer) => answer
  // Another machine works with the unit: this one has not seen its newer counters.
  await at.yes('cryptounit-mk-clrnew --key 1')
  unit.advance(3)
  unit.state = 'stale'
  let left = times
  at.server.onAnswer = (_unit, answer, request) => {
    if (idOf(request) !== queries.ATTRIBUTES || left === 0) return answer
    left -= 1
    return old
  }
}

test('an old answer among newer ones makes nobody sign it: the unit is read again, and refused when it stays so', async () => {
  await withOldAttributes(1)
  const { exitCode, err } = await at.yes('cryptounit-confirm')
  expect({ exitCode, err }).toEqual({
    exitCode: 0,
    err: expect.stringContaining('signature threshold 2, revocation threshold 2'),
  })
  expect(at.server.unit(1).values.get(2)).toBe(2)
  await at.server.http.stop()
  await withOldAttributes(9)
  expect(await at.yes('cryptounit-confirm')).toMatchObject({ exitCode: 1 })
  expect(at.server.unit(1).values.get(2)).toBe(2)
})

test('a unit that somebody changes while it is read is read once more, and refused when that goes on', async () => {
  at = await administered([1])
  let left = 1
  at.server.onAnswer = (unit, answer, request) => {
    if (idOf(request) === queries.CURRENT_PATTERN && left-- > 0) unit.advance(1)
    return answer
  }
  expect(await at.tke('cryptounit-compare')).toMatchObject({ exitCode: 0 })
  expect(left).toBeLessThan(0)
  at.server.onAnswer = (unit, answer) => {
    unit.advance(1)
    return answer
  }
  expect(await at.tke('cryptounit-compare')).toMatchObject({
    exitCode: 3,
    err: expect.stringContaining('somebody else changed crypto unit'),
  })
})

test('a unit older than this machine has seen is vouched for only where that danger is accepted, stale or not', async () => {
  at = await administered([1])
  const unit = at.server.unit(1)
  unit.advance(5)
  await at.tke('cryptounit-compare')
  for (const state of ['stale', undefined]) {
    unit.advance(-2)
    unit.state = state
    const refused = await at.yes('cryptounit-confirm')
    expect(refused).toMatchObject({ exitCode: 1, err: expect.stringContaining('--accept older-than-seen') })
    expect(await at.yes('cryptounit-confirm --accept older-than-seen')).toMatchObject({ exitCode: 0 })
    expect(await at.tke('cryptounit-compare')).toMatchObject({ exitCode: 0 })
  }
  // Looking at an older state makes it nobody's newest.
  unit.advance(-1)
  expect(await at.tke('cryptounit-compare --accept older-than-seen')).toMatchObject({ exitCode: 0 })
  expect(await at.tke('cryptounit-compare')).toMatchObject({ exitCode: 1 })
})

test('a refusal that has not used the command’s counter does not prove that the command is dead', async () => {
  at = await administered([1])
  const unit = at.server.unit(1)
  at.server.onRequest = (_unit, request) => {
    if (idOf(request) === commands.ADD_CONTROL_POINTS) unit.advance(1)
    return request
  }
  const unknown = await at.yes('cryptounit-cp-btc --json')
  expect(unknown).toMatchObject({ exitCode: 3, err: expect.stringContaining('163') })
  expect(unknown.out).toContain('"outcome": "unknown"')
  at.server.onRequest = (_unit, request) => request
  unit.refuse.set('ADD_CONTROL_POINTS', [80, 46])
  expect((await at.yes('cryptounit-cp-btc --json')).out).toContain('"outcome": "failed"')
})

test('commands are signed over the counter that was read, and the one after it', async () => {
  at = await ceremony([1])
  const counters: bigint[] = []
  at.server.onAnswer = (_unit, answer, request) => {
    if ((idOf(request) ?? 0x1_0000) < 0x1_0000) counters.push(blockOf(answer).counter)
    return answer
  }
  at.server.unit(1).advance(7)
  await at.yes('cryptounit-admin-add --admin 1')
  await at.yes('cryptounit-admin-add --admin 2')
  expect(counters).toEqual([8n, 9n])
})
