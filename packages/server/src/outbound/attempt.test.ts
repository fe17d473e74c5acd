/** One attempt over TLS: the certificate must be the name's, though the connection goes to a checked address. */
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { selfSigned } from '../testing/self-signed.ts'
import { addressRule } from './addresses.ts'
import { attempt, systemResolver } from './attempt.ts'

const own = selfSigned('hook.test')
const names: (string | undefined)[] = []
const server = createServer(own, (request, response) => {
  names.push((request.socket as { servername?: string }).servername)
  request.resume()
  request.on('end', () => response.writeHead(204).end())
})
let port = 0
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())))

const send = (name: string, ca?: string) =>
  attempt(
    { url: new URL(`https://${name}:${port}/hook`), headers: {}, body: '{}' },
    { addresses: addressRule(['127.0.0.1']), resolve: async () => ['127.0.0.1'], attemptMs: 5_000, ca },
    new AbortController().signal,
  )

test('the certificate of the name is accepted when its authority is trusted', async () => {
  expect(await send('hook.test', own.cert)).toEqual({ delivered: true })
  expect(names).toEqual(['hook.test'])
})

test('an authority that is not trusted, and a certificate of another name, are refused', async () => {
  expect(await send('hook.test')).toEqual({ delivered: false, problem: 'TLS' })
  expect(await send('other.test', own.cert)).toEqual({ delivered: false, problem: 'TLS' })
})

test('a name nobody knows, and a look-up that hangs, end the attempt', async () => {
  const parts = { addresses: addressRule([]), attemptMs: 50 }
  const parcel = { url: new URL('https://nobody.invalid/'), headers: {}, body: '{}' }
  const { signal } = new AbortController()
  const unknown = () => Promise.reject(new Error('ENOTFOUND'))
  expect(await attempt(parcel, { ...parts, resolve: unknown }, signal)).toMatchObject({ problem: 'NAME_NOT_FOUND' })
  const never = () => new Promise<never>(() => undefined)
  expect(await attempt(parcel, { ...parts, resolve: never }, signal)).toMatchObject({ problem: 'TIMEOUT' })
})

test('the system’s resolver looks up a few names at once and all of them in the end', async () => {
  const resolve = systemResolver(1)
  const found = await Promise.all(['127.0.0.1', '::1', '127.0.0.2'].map((name) => resolve(name)))
  expect(found).toEqual([['127.0.0.1'], ['::1'], ['127.0.0.2']])
})

test('names whose name server is dead wait for each other, and hold up no others', async () => {
  const hanging: (() => void)[] = []
  const resolve = systemResolver(2, (name) => {
    if (!name.startsWith('dead')) return Promise.resolve(['192.0.2.1'])
    return new Promise((_resolve, reject) => hanging.push(() => reject(new Error('no answer'))))
  })
  const failed = (name: string): Promise<unknown> => resolve(name).catch((error: Error) => error.message)
  const first = [failed('dead-1'), failed('dead-2')]
  await vi.waitUntil(() => hanging.length === 2)
  for (const fail of hanging.splice(0)) fail()
  expect(await Promise.all(first)).toEqual(['no answer', 'no answer'])
  const again = [failed('dead-1'), failed('dead-2')]
  expect(await resolve('good')).toEqual(['192.0.2.1'])
  expect(hanging).toHaveLength(1)
  hanging[0]?.()
  await vi.waitUntil(() => hanging.length === 2)
  hanging[1]?.()
  await Promise.all(again)
})
