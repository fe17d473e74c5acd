/** Tokens: fetched with the API key, renewed before they expire, fetched anew when they are not taken; the key is told to nobody. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectEp11, type Ep11, type Ep11Error } from './index.ts'
import { OddIdentity, OddServer, tokenAnswer } from './testing/odd-server.ts'
import { apiKeyTokens, givenToken, type Tokens } from './tokens.ts'

let identity: OddIdentity
let server: OddServer
let now: number
beforeEach(async () => {
  identity = await new OddIdentity().listen()
  server = await new OddServer().listen()
  now = 1_000
})
afterEach(() => {
  identity.stop()
  server.stop()
})

const apiKey = 'a-secret_API.key'
const idle = new AbortController().signal
const tokens = (): Tokens => apiKeyTokens({ apiKey, identityUrl: identity.url, now: () => now })

async function failure(promise: Promise<unknown>): Promise<Ep11Error> {
  return promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => error as Ep11Error,
  )
}

test('one request serves all who ask at once, in the form of IAM', async () => {
  const mine = tokens()
  expect(await Promise.all([1, 2, 3].map(() => mine.current(idle)))).toEqual(['token-1', 'token-1', 'token-1'])
  expect(identity.paths).toEqual(['/identity/token'])
  expect(Object.fromEntries(new URLSearchParams(identity.bodies[0]))).toEqual({
    grant_type: 'urn:ibm:params:oauth:grant-type:apikey',
    apikey: apiKey,
  })
})

test.each(['', '/', '/identity/token', '/?apikey=x#y'])('an address that ends with "%s" is the same', async (end) => {
  const mine = apiKeyTokens({ apiKey, identityUrl: `${identity.url}${end}`, now: () => now })
  await mine.current(idle)
  expect(identity.paths).toEqual(['/identity/token'])
})

test('a token is renewed before it expires, and used meanwhile', async () => {
  const mine = tokens()
  await mine.current(idle)
  now += 3_299_000
  expect(await mine.current(idle)).toBe('token-1')
  expect(identity.bodies).toHaveLength(1)
  let answer = (): void => undefined
  identity.respond = (count) =>
    new Promise((resolve) => (answer = () => resolve({ body: tokenAnswer(`token-${count}`) })))
  now += 2_000
  expect(await mine.current(idle)).toBe('token-1')
  await expect.poll(() => identity.bodies.length).toBe(2)
  expect(await mine.current(idle)).toBe('token-1')
  answer()
  await expect.poll(() => mine.current(idle)).toBe('token-2')
  expect(identity.bodies).toHaveLength(2)
})

test('a renewal that fails ends nothing while the token lasts, and is not tried at each call', async () => {
  const mine = tokens()
  await mine.current(idle)
  identity.respond = () => ({ code: 503 })
  now += 3_400_000
  expect(await mine.current(idle)).toBe('token-1')
  await expect.poll(() => identity.bodies.length).toBe(2)
  // Answered when the next one that is asked for has failed too.
  now += 3_000_000
  expect(await failure(mine.current(idle))).toMatchObject({ returnValue: 'CKR_IBM_TRANSPORT_ERROR', retry: true })
  identity.respond = () => ({ body: tokenAnswer('late') })
  expect(await mine.current(idle)).toBe('late')
})

test('an API key that is refused is not sent again for a while', async () => {
  identity.respond = () => ({ code: 400, body: JSON.stringify({ errorMessage: `${apiKey} not found` }) })
  const mine = tokens()
  const error = await failure(mine.current(idle))
  expect(error.message).toBe(
    'identity/token: CKR_GREP11_NOT_AUTHENTICATED: The identity service refused the API key (400).',
  )
  expect(error.retry).toBe(false)
  expect(await failure(mine.current(idle))).toBe(error)
  expect(identity.bodies).toHaveLength(1)
  now += 5_001
  await failure(mine.current(idle))
  expect(identity.bodies).toHaveLength(2)
})

test.each([
  ['no JSON', 'token'],
  ['no token', '{}'],
  ['a token that would break a header', tokenAnswer('a\r\nb: c')],
  ['no time', JSON.stringify({ access_token: 'a' })],
  ['a time without end', tokenAnswer('a', 1e12)],
  ['a time that is over', tokenAnswer('a', 0)],
  ['null', 'null'],
])('an answer with %s is no token', async (_, body) => {
  identity.respond = () => ({ body })
  expect(await failure(tokens().current(idle))).toMatchObject({ returnValue: 'CKR_GENERAL_ERROR', retry: false })
})

test('an answer without end is not read to its end', async () => {
  identity.respond = () => ({ body: 'x'.repeat(1_000_000) })
  expect(await failure(tokens().current(idle))).toMatchObject({ returnValue: 'CKR_IBM_TRANSPORT_ERROR', retry: true })
})

test('an identity service that is not there is told with the reason of Node', async () => {
  const { url } = identity
  identity.stop()
  const error = await failure(apiKeyTokens({ apiKey, identityUrl: url, now: () => now }).current(idle))
  expect(error.message).toContain('(ECONNREFUSED)')
})

test('who does not want to wait any more does not end the request of others', async () => {
  let answer = (): void => undefined
  identity.respond = () => new Promise((resolve) => (answer = () => resolve({ body: tokenAnswer('shared') })))
  const mine = tokens()
  const controller = new AbortController()
  const [left, stays] = [mine.current(controller.signal), mine.current(idle)]
  controller.abort(new Error('enough'))
  await expect(left).rejects.toThrow('enough')
  await expect.poll(() => identity.bodies.length).toBe(1)
  answer()
  expect(await stays).toBe('shared')
})

test.each([
  ['http to another machine', { identityUrl: 'http://iam.example.com' }],
  ['an address with a password', { identityUrl: 'https://me:secret@iam.example.com' }],
  ['no address', { identityUrl: 'secret' }],
  ['an API key with a line break', { apiKey: 'secret\n' }],
])('%s is refused, and not repeated', (_, more) => {
  const make = () => apiKeyTokens({ apiKey, identityUrl: identity.url, now: () => now, ...more })
  expect(make).toThrow(TypeError)
  expect(make).not.toThrow('secret')
})

test('a token may come from a function, with its prefix or without', async () => {
  const given = ['Bearer a.b', 'c.d', 'e f']
  const mine = givenToken(() => Promise.resolve(given.shift() ?? ''))
  expect([await mine.current(idle), await mine.current(idle)]).toEqual(['a.b', 'c.d'])
  await expect(mine.current(idle)).rejects.toThrow(TypeError)
})

/** Told to the service under the connection of a program. */
async function used(respond: OddServer['respond'], use: (ep11: Ep11) => Promise<unknown>): Promise<string[]> {
  server.respond = respond
  const { address, ca } = server
  const ep11 = connectEp11({ address, ca, apiKey, identityUrl: identity.url })
  try {
    await use(ep11)
  } finally {
    ep11.close()
  }
  return server.asked.map(({ metadata }) => metadata.get('authorization').join())
}

test('a token that is not taken is replaced once, and the call made again', async () => {
  const sent = await used(
    ({ metadata }) => (metadata.get('authorization')[0] === 'Bearer token-1' ? { code: 16 } : {}),
    (ep11) => ep11.mechanisms(),
  )
  expect(sent).toEqual(['Bearer token-1', 'Bearer token-2'])
})

test('when no token is taken, the second refusal is told', async () => {
  const sent = await used(
    () => ({ code: 16 }),
    async (ep11) => {
      expect(await failure(ep11.mechanisms())).toMatchObject({ returnValue: 'CKR_GREP11_NOT_AUTHENTICATED' })
    },
  )
  expect(sent).toEqual(['Bearer token-1', 'Bearer token-2'])
})

test('an identity service that is busy is asked again', async () => {
  identity.respond = (count) => (count < 3 ? { code: 503 } : { body: tokenAnswer('third') })
  expect(
    await used(
      () => ({}),
      (ep11) => ep11.mechanisms(),
    ),
  ).toEqual(['Bearer third'])
})
