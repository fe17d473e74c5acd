/** `tke` believes no answer that is not proved: another root, altered or missing signatures, old answers, broken connections. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateKeyPairSync } from 'node:crypto'
import {
  decodeDomainResponse,
  encodeAdminResponse,
  encodeShortError,
  functions,
} from '@keywitness/crypto-unit/tke/admin-message'
import { commands, queries } from '@keywitness/crypto-unit/tke/command-block'
import { decodeCprb, encodeCprb } from '@keywitness/crypto-unit/tke/cprb'
import { rootOf } from '@keywitness/crypto-unit/tke/device-certificate'
import { decodeHtpResponse, encodeHtpError, encodeHtpResponse, HtpError } from '@keywitness/crypto-unit/tke/htp'
import { makeSignerInfo } from '@keywitness/crypto-unit/tke/signer-info'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { administered, type Ceremony } from './ceremony.ts'
import { problem } from '../log-server.ts'
import { idOf } from './rival.ts'
import { rootKey } from './unit-server.ts'

let at: Ceremony

beforeEach(async () => {
  at = await administered()
})
afterEach(() => at.server.http.stop())

/** Another answer in place of the unit's. */
function replaced(answer: string, change: (block: Buffer, signerInfo: Buffer) => Buffer): string {
  const { payload, domainIndex } = decodeCprb(decodeHtpResponse(answer))
  const response = decodeDomainResponse(payload)
  if (response.kind !== 'admin') return answer
  return encodeHtpResponse(encodeCprb(domainIndex, change(Buffer.from(response.block), response.signerInfo)))
}

const signed = (block: Buffer, signerInfo: Buffer): Buffer => encodeAdminResponse(functions.ADMIN, 3, block, signerInfo)

test('the first contact pins the root and says which SKI to compare, once', async () => {
  const { exitCode, err } = await at.tke('cryptounit-thrhlds --unit 1')
  expect(exitCode).toBe(0)
  expect(err).toContain(`published:\n  ${at.server.root.ski}\n`)
  expect((await at.tke('cryptounit-thrhlds --unit 1')).err).toBe('')
  const { out } = await at.tke('root --output json')
  expect(JSON.parse(out)).toMatchObject({ pinned: at.server.root.ski, how: 'on first use' })
})

test('a root that the operator published is pinned from its file, in silence', async () => {
  const file = join(at.terminal.folder, 'root.json')
  writeFileSync(file, JSON.stringify(at.server.root))
  expect(await at.tke(`cryptounit-thrhlds --unit 1 --root-file ${file}`)).toMatchObject({ exitCode: 0, err: '' })
  expect((await at.tke('root')).out).toContain('from a file')
})

test('another root than the pinned one is refused loudly, whatever shows it', async () => {
  await at.tke('cryptounit-thrhlds')
  const before = at.server.requests.length
  at.server.root = rootOf(rootKey())
  const { exitCode, err } = await at.yes('cryptounit-cp-btc')
  expect(exitCode).toBe(1)
  expect(err).toMatch(/^FAILED: the device root is not the pinned one/)
  expect(at.server.requests.length).toBe(before)
  expect(await at.tke('root')).toMatchObject({ exitCode: 1 })
  const file = join(at.terminal.folder, 'root.json')
  writeFileSync(file, JSON.stringify(at.server.root))
  expect(await at.tke(`cryptounit-thrhlds --root-file ${file}`)).toMatchObject({ exitCode: 1 })
  expect(await at.tke(`root --pin ${file}`)).toMatchObject({ exitCode: 2, err: expect.stringContaining('--yes') })
  expect(await at.tke(`root --pin ${file} --yes`)).toMatchObject({ exitCode: 0 })
  const unproved = await at.tke('cryptounit-thrhlds')
  expect(unproved).toMatchObject({ exitCode: 1, err: expect.stringContaining('hangs from another root') })
})

test('a root whose SKI is not the hash of its key is none', async () => {
  const file = join(at.terminal.folder, 'root.json')
  writeFileSync(file, JSON.stringify({ ...at.server.root, ski: '0'.repeat(64) }))
  expect(await at.tke(`root --pin ${file}`)).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('not the hash'),
  })
  writeFileSync(file, '{"ski":"00"}')
  expect(await at.tke(`root --pin ${file}`)).toMatchObject({ exitCode: 2 })
})

const stranger = generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey

test.each<[string, string, (answer: string) => string]>([
  [
    'an altered answer',
    'its signature does not verify',
    (answer) =>
      replaced(answer, (block, info) => {
        block[45] = (block[45] ?? 0) ^ 1
        return signed(block, info)
      }),
  ],
  [
    'an altered signature',
    'its signature does not verify',
    (answer) =>
      replaced(answer, (block, info) => {
        info[info.length - 1] = (info.at(-1) ?? 0) ^ 1
        return signed(block, info)
      }),
  ],
  [
    'a stranger’s signature',
    'its signature does not verify',
    (answer) => replaced(answer, (block) => signed(block, makeSignerInfo(block, Buffer.alloc(32), stranger))),
  ],
  ['no signature', 'nobody signed it', (answer) => replaced(answer, (block) => signed(block, Buffer.alloc(0)))],
  [
    'a short refusal, which nobody signs',
    'nobody signed it',
    (answer) => replaced(answer, () => encodeShortError(functions.ADMIN, 3, 7)),
  ],
])('%s is refused loudly', async (_what, message, change) => {
  at.server.onAnswer = (_unit, answer) => change(answer)
  const { exitCode, err } = await at.tke('cryptounit-thrhlds')
  expect(exitCode).toBe(1)
  expect(err).toMatch(/^FAILED: what came as the answer of crypto unit .* is not proved to be its own/m)
  expect(err).toContain(message)
})

test('an answer to another question, or of another unit, is refused', async () => {
  const kept = new Map<string, string>()
  at.server.onAnswer = (_unit, answer, request) => {
    if (idOf(request) === 0x1_0006) return kept.get('administrators') ?? answer
    if (idOf(request) === 0x1_0002) kept.set('administrators', answer)
    return answer
  }
  expect(await at.tke('cryptounit-thrhlds --unit 1')).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('it answers something else'),
  })
  const first = at.server.unit(1)
  at.server.onAnswer = (unit, answer, request) => (unit === first ? answer : first.answer(request))
  expect(await at.tke('cryptounit-thrhlds --unit 2')).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('another serial number'),
  })
})

test('an old answer that is sent again is noticed by its counter, in the same run and in a later one', async () => {
  let old: string | undefined
  at.server.onAnswer = (_unit, answer, request) => {
    if (idOf(request) !== queries.NEW_PATTERN) return answer
    old ??= answer
    return old
  }
  const { exitCode, err } = await at.yes('cryptounit-mk-load --part 1 --part 2 --unit 1')
  expect({ exitCode, err }).toEqual({ exitCode: 1, err: expect.stringContaining('it is older than one seen before') })
  const later = await at.tke('cryptounit-thrhlds --unit 1')
  expect(later).toMatchObject({ exitCode: 1, err: expect.stringContaining('it is older than one seen before') })
})

test('registers that the unit did not sign are refused', async () => {
  at.server.onAnswer = (_unit, answer, request) => {
    if (idOf(request) !== undefined) return answer
    const { payload, domainIndex } = decodeCprb(decodeHtpResponse(answer))
    payload[payload.length - 80 + 71] = 2
    payload[payload.length - 80 + 4] = 0xee
    return encodeHtpResponse(encodeCprb(domainIndex, payload))
  }
  const { exitCode, err } = await at.tke('cryptounit-mk --unit 1')
  expect({ exitCode, err }).toEqual({ exitCode: 1, err: expect.stringContaining('another one than it signed') })
})

test('a connection that breaks between units: which have it, which do not, and which may', async () => {
  await at.server.http.stop()
  at = await administered([1, 2, 3])
  const [one, two] = [at.server.unit(1), at.server.unit(2)]
  at.server.onAnswer = (unit, answer, request) =>
    unit === two && idOf(request) === commands.ADD_CONTROL_POINTS ? undefined : answer
  const { exitCode, err } = await at.yes('cryptounit-cp-btc')
  expect(exitCode).toBe(3)
  expect(err).toContain(`done       ${one.place.location}`)
  expect(err).toContain(`unknown    ${two.place.location}`)
  expect(err).toContain(`untouched  ${at.server.unit(3).place.location}`)
  expect(err).toContain('run the same command again')
  at.server.onAnswer = (_unit, answer) => answer
  // The command had arrived: only the answer was lost.
  expect((await at.yes('cryptounit-cp-btc')).out).toMatch(/^already.*\nalready.*\ndone/)
})

test('a token that expires while a command works is replaced by another', async () => {
  const path = 'GET /v1/tke/1f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a/root'
  const own = at.server.http.instead.get(path)
  let asked = 0
  at.server.http.instead.set(path, (seen, response) => {
    asked += 1
    if (asked === 1) problem(response, 401, 'UNAUTHORIZED', 'Expired.')
    else own?.(seen, response)
  })
  expect(await at.tke('cryptounit-thrhlds')).toMatchObject({ exitCode: 0 })
  expect(at.server.http.seen.filter((seen) => seen.path === '/identity/token').length).toBeGreaterThan(1)
  at.server.http.instead.set(path, (_seen, response) => problem(response, 401, 'UNAUTHORIZED', 'Never.'))
  expect(await at.tke('cryptounit-thrhlds')).toMatchObject({ exitCode: 3, err: expect.stringContaining('Never') })
})

test('a refusal by a unit is told in words, with its codes', async () => {
  at.server.unit(1).refuse.set('ADD_CONTROL_POINTS', [80, 46])
  const { exitCode, err } = await at.yes('cryptounit-cp-btc --unit 1')
  expect({ exitCode, err }).toEqual({
    exitCode: 3,
    err: expect.stringContaining('Adding control points is forbidden (80/46)'),
  })
})

test('a refusal by the catcher in front of a unit is told', async () => {
  at.server.onAnswer = () => encodeHtpError(new HtpError(9, 5, 0, 'The domain index is out of range'))
  const { exitCode, err } = await at.tke('cryptounit-thrhlds --unit 1')
  expect({ exitCode, err }).toEqual({ exitCode: 3, err: expect.stringContaining('The domain index is out of range') })
})

test('a list of units in another form is refused', async () => {
  const path = 'GET /v1/tke/1f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a/hsms'
  for (const body of ['{"hsms":[{"hsm_id":"a","location":"nowhere","serial_number":"SOFT0001"}]}', '{"hsms":5}']) {
    at.server.http.instead.set(path, (_seen, response) => response.end(body))
    expect(await at.tke('cryptounits')).toMatchObject({ exitCode: 3, err: expect.stringContaining('another form') })
  }
})
