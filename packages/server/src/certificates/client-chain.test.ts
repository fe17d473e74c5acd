/** What is kept of a client's handshake: certificates in the order they were sent, and no more than fit. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { selfSigned } from '../testing/self-signed.ts'
import { chainLimits, type ClientChain, clientChainOf } from './client-chain.ts'
import { authority, extension, type Minted, mint } from './testing/mint.ts'

let server: Server
let port: number
let seen: (chain: ClientChain | undefined) => void
beforeAll(async () => {
  server = createServer({ ...selfSigned('server'), requestCert: true, rejectUnauthorized: false }, (socket) => {
    seen(clientChainOf(socket))
    socket.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(() => void server.close())

async function shown(
  sent: readonly Minted[],
  version: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3',
): Promise<ClientChain | undefined> {
  const chain = new Promise<ClientChain | undefined>((resolve) => (seen = resolve))
  const [client] = sent
  const own = client === undefined ? {} : { cert: sent.map(({ cert }) => cert).join(''), key: client.key }
  const socket = connect({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    maxVersion: version,
    minVersion: version,
    ...own,
  })
  socket.on('error', () => undefined)
  socket.resume()
  await once(socket, 'close')
  return chain
}

const root = authority('root')
const client = mint({ subject: 'client', issuer: root })
const others = Array.from({ length: 200 }, (_, index) => authority(`other ${index}`))

test.each(['TLSv1.2', 'TLSv1.3'] as const)('certificates are kept as they were sent, with %s', async (version) => {
  const [one, two] = others as [Minted, Minted]
  const sent = [client, two, root, one, one]
  const fingerprint = createHash('sha256').update(client.der).digest('hex')
  expect(await shown(sent, version)).toEqual({ fingerprint, certificates: sent.map(({ der }) => der) })
  expect(await shown([client], version)).toEqual({ fingerprint, certificates: [client.der] })
  expect(await shown([], version)).toBeUndefined()
})

test('of more than fit only the fingerprint of the first is kept', async () => {
  const { certificates, bytes } = chainLimits
  expect((await shown([client, ...others.slice(1, certificates)]))?.certificates).toHaveLength(certificates)
  const fingerprint = createHash('sha256').update(client.der).digest('hex')
  for (const count of [certificates, 200]) {
    expect(await shown([client, ...others.slice(0, count)])).toEqual({ fingerprint, certificates: undefined })
  }
  const long = (length: number): Minted =>
    mint({ subject: 'long', issuer: root, extensions: [extension('1.3.6.1.4.1.99999.1', Buffer.alloc(length))] })
  expect((await shown([long(bytes - 1_000)]))?.certificates).toHaveLength(1)
  expect((await shown([long(bytes)]))?.certificates).toBeUndefined()
  expect((await shown([client, long(bytes - 100)]))?.certificates).toBeUndefined()
})
