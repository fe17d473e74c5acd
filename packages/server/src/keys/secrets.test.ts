/** Marked secrets go in through every request; they are in no event, refusal, log line or stored row. */
import { expect, test } from 'vitest'
import { openHouse } from './testing/house.ts'
import { openListener } from './testing/listener.ts'
import { createBody } from './testing/wishes.ts'

const mark = 'MARKED-SECRET-0123456789-ABCDEFG'
const marked = Buffer.from(mark).toString('base64')

/** The mark as text, base64, hexadecimal and bytes. */
function finds(haystack: string | Uint8Array): boolean {
  const text = typeof haystack === 'string' ? haystack : Buffer.from(haystack).toString('latin1')
  return [mark, marked.slice(0, 40), Buffer.from(mark).toString('hex')].some((needle) => text.includes(needle))
}

test('no secret of a request leaves a trace but its answer', async () => {
  const house = openHouse()
  const api = openListener(house)
  const create = async (key: object) => (await api.ask('POST', '/keys', { body: createBody(key) })).json()
  const root = String((await create({ name: 'root', extractable: false, payload: marked })).resources[0]?.['id'])
  const standard = String((await create({ name: 'standard', payload: marked })).resources[0]?.['id'])
  const wrapped = await api.ask('POST', `/keys/${root}/actions/wrap`, { body: { plaintext: marked, aad: [mark] } })
  const { ciphertext } = wrapped.json()
  const read = await api.ask('GET', `/keys/${standard}`)
  const unwrapped = await api.ask('POST', `/keys/${root}/actions/unwrap`, { body: { ciphertext, aad: [mark] } })
  const answers = [
    await api.ask('POST', `/keys/${root}/actions/rotate`, { body: { payload: marked } }),
    await api.ask('POST', '/keys', { body: createBody({ name: mark.repeat(9), payload: marked }) }),
    await api.ask('POST', '/keys', { body: createBody({ name: 'x', [mark]: marked }) }),
    await api.ask('POST', '/keys', { body: createBody({ name: 'xy', tags: [`<${mark}`], payload: `${mark}!` }) }),
    await api.ask('POST', '/keys', { body: createBody({ name: 'xy', encryptedNonce: marked, iv: marked }) }),
    await api.ask('POST', '/keys', { body: `{"${mark}": ` }),
    await api.ask('POST', `/keys/${root}/actions/wrap`, { body: { plaintext: mark, aad: [mark] } }),
    await api.ask('POST', `/keys/${root}/actions/wrap`, { body: { plaintext: marked, aad: [mark.repeat(9)] } }),
    await api.ask('POST', `/keys/${root}/actions/unwrap`, { body: { ciphertext: marked } }),
    await api.ask('POST', `/keys/${root}/actions/unwrap`, { body: { ciphertext, aad: [`${mark}?`] } }),
    await api.ask('POST', `/keys/${root}?action=wrap`, { body: { plaintext: mark } }),
    await api.ask('POST', `/keys/${root}?action=shred`, { body: { plaintext: marked } }),
    await api.ask('POST', `/keys/${standard}/actions/wrap`, { body: { plaintext: marked } }),
    await api.ask('GET', `/keys?search=${mark}&filter=${mark}`),
    await api.ask('GET', `/keys/${root}/metadata`, { headers: { 'x-kms-key-ring': `<${mark}` } }),
  ]
  house.unit.fault = 'BROKEN_BLOB'
  answers.push(await api.ask('POST', `/keys/${root}/actions/wrap`, { body: { plaintext: marked } }))

  expect(read.json().resources).toMatchObject([{ payload: marked }])
  expect(unwrapped.json()).toMatchObject({ plaintext: marked })
  for (const answer of answers) expect(finds(answer.body ?? '')).toBe(false)
  expect(house.logged.filter(finds)).toEqual([])
  expect(house.events().filter((event) => finds(JSON.stringify(event)))).toEqual([])
  const tables = house.store.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'")
  expect(tables.length).toBeGreaterThan(4)
  for (const { name } of tables) {
    for (const row of house.store.all<Record<string, unknown>>(`SELECT * FROM "${name}"`)) {
      for (const value of Object.values(row)) {
        expect(finds(value instanceof Uint8Array ? value : String(value))).toBe(false)
      }
    }
  }
})
