/** What the event of a search tells of it, and what it must not. */
import { expect, test } from 'vitest'
import { maskSecrets } from './mask.ts'
import { parseSearch } from './query.ts'

const asked = (query: string): string => parseSearch(new URLSearchParams(query), 0).asked
const id = '01993b5f-aaaa-7bbb-8ccc-0123456789ab'

test.each([
  ['a service ID', `initiator=iam-ServiceId-${id}`],
  ['a person', `initiator=KWid-${id}`],
  ['a correlation id', `correlationId=${id}`],
  ['a key', `keyId=${id}`],
  [
    'a resource name',
    `target=crn%3Av1%3Akeywitness%3Apublic%3Ahs-crypto%3Aus-south%3Aa%2F${'0a'.repeat(16)}%3A${id}%3A%3A`,
  ],
  ['a hash', `text=${'0f'.repeat(32)}`],
  ['a sentence', 'text=deleted+the+root+key+billing+of+the+production+customer'],
])('the event of a search tells that it was for %s', (_what, query) => {
  const [[name, value] = []] = new URLSearchParams(query)
  expect(asked(query)).toBe(`${name}:${value}`)
})

test.each([
  ['an API key', 'TAwtvyUu_pb7_tApunBzD8j1QjfOzfuZovwuJIbsh_9X'],
  ['a token', 'eyJhbGciOiJSUzI1NiJ9.eyJpYW1faWQiOiJLV2lkIn0.c2lnbmF0dXJl'],
  ['a base64 payload', 'q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k='],
  ['an API key beside an id', `TAwtvyUu_pb7_tApunBzD8j1QjfOzfuZovwuJIbsh_9X${id}`],
])('%s in a search does not reach its event', (_what, secret) => {
  expect(maskSecrets(`before ${secret} after`)).toBe('before (masked) after')
  const query = asked(new URLSearchParams({ text: `x ${secret}`, target: secret }).toString())
  expect(query).not.toContain(secret.slice(0, 30))
})

test('a secret at the place where a long query is cut does not reach its event in part', () => {
  const secret = 'TAwtvyUu_pb7_tApunBzD8j1QjfOzfuZovwuJIbsh_9X'
  for (let before = 20; before < 140; before++) {
    const query = new URLSearchParams({ text: 'x. '.repeat(150), correlationId: 'a.'.repeat(200) })
    query.append('initiator', 'b.'.repeat(before / 2))
    query.append('target', secret)
    expect(asked(query.toString())).not.toContain(secret.slice(0, 8))
  }
})
