/** How calls fail: trailers right and wrong, connections that are lost, deadlines, repetitions, and what their texts must not tell. */
import { createPrivateKey } from 'node:crypto'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { anyPack } from '@bufbuild/protobuf/wkt'
import { status } from '@grpc/grpc-js'
import { selfSigned } from '@keywitness/server/testing/self-signed'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectEp11, type Ep11, Ep11Error, type Ep11Options } from './index.ts'
import { Grep11ErrorSchema } from './schema/error_pb.ts'
import { GenerateRandomResponseSchema } from './schema/grep11_pb.ts'
import { ListKeysByIdsResponseSchema, StoreNewKeyRequestSchema } from './schema/keystore_pb.ts'
import { StatusSchema } from './schema/status_pb.ts'
import { OddServer } from './testing/odd-server.ts'

let server: OddServer
let open: Ep11[]
beforeEach(async () => {
  server = await new OddServer().listen()
  open = []
})
afterEach(() => {
  for (const ep11 of open) ep11.close()
  server.stop()
})

const secret = 'c2VjcmV0LXRva2Vu.x-y_z'

function connect(more: Partial<Ep11Options> = {}): Ep11 {
  const { address, ca } = server
  const ep11 = connectEp11({ address, ca, token: secret, ...more })
  open.push(ep11)
  return ep11
}

async function failure(promise: Promise<unknown>): Promise<Ep11Error> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof Ep11Error)) throw new Error('it did not fail as it should', { cause: error })
  return error
}

const detail = (code: bigint, text: string, retry = false) =>
  anyPack(Grep11ErrorSchema, create(Grep11ErrorSchema, { code, detail: text, retry }))
const trailer = (...details: ReturnType<typeof detail>[]): Uint8Array =>
  toBinary(StatusSchema, create(StatusSchema, { code: 3, message: '', details }))
const random = (length: number): Uint8Array =>
  toBinary(GenerateRandomResponseSchema, create(GenerateRandomResponseSchema, { rnd: new Uint8Array(length) }))

test('the trailer says which return value it is, why, and whether to try again', async () => {
  server.respond = () => ({ code: 3, trailers: [trailer(detail(0xc0n, 'CKR_SIGNATURE_INVALID: It is another.'))] })
  expect(await failure(connect().mechanisms())).toMatchObject({
    name: 'Ep11Error',
    message: 'GetMechanismList: CKR_SIGNATURE_INVALID: It is another.',
    returnValue: 'CKR_SIGNATURE_INVALID',
    code: 0xc0,
    retry: false,
    method: 'GetMechanismList',
    correlationId: undefined,
    eventId: undefined,
  })
})

test('a number without a name is told as the number', async () => {
  server.respond = () => ({ code: 13, trailers: [trailer(detail(0x8001_ffffn, 'Strange.'))] })
  const error = await failure(connect().mechanisms())
  expect(error).toMatchObject({ returnValue: undefined, code: 0x8001_ffff })
  expect(error.message).toBe('GetMechanismList: 0x8001ffff: Strange.')
})

test('what the service says is bounded, and has no characters that move terminals', async () => {
  const told = `\u001b[2J\n\u202e${'x'.repeat(10_000)}`
  server.respond = () => ({ code: 13, trailers: [trailer(detail(5n, told))] })
  const { message } = await failure(connect().mechanisms())
  expect(message.length).toBeLessThan(600)
  expect(message).toContain('?[2J??xxx')
})

const good = trailer(detail(0xa0n, 'CKR_PIN_INCORRECT: Told.', true))
const garbage: readonly [string, readonly Uint8Array[]][] = [
  ['nothing', []],
  ['empty bytes', [new Uint8Array()]],
  ['bytes that are no message', [Buffer.from('ffffffffff', 'hex')]],
  ['a message cut off', [good.subarray(0, -3)]],
  ['a message with garbage behind it', [Buffer.concat([good, Buffer.from([0xff, 0xff])])]],
  ['no detail', [trailer()]],
  ['two details', [trailer(detail(5n, 'One.'), detail(6n, 'Other.'))]],
  ['a detail of another type', [trailer({ ...detail(5n, 'x'), typeUrl: 'type.googleapis.com/other.Type' })]],
  ['a detail that is none', [trailer({ ...detail(5n, 'x'), value: Buffer.from([0xff]) })]],
  ['success', [trailer(detail(0n, 'Fine.'))]],
  ['a number that is no return value', [trailer(detail(1n << 40n, 'Big.'))]],
  ['more than a trailer holds', [trailer(detail(5n, 'y'.repeat(20_000)))]],
]

test.each(garbage)('a trailer of %s says nothing: the status does', async (_, trailers) => {
  server.respond = () => ({ code: status.PERMISSION_DENIED, details: `do not repeat ${secret}`, trailers })
  const error = await failure(connect().mechanisms())
  expect(error).toMatchObject({ returnValue: 'CKR_FUNCTION_REJECTED', retry: false })
  expect(error.message).toBe('GetMechanismList: CKR_FUNCTION_REJECTED: The service refused the call.')
  expect(server.asked).toHaveLength(1)
})

test.each([
  [status.UNAUTHENTICATED, 'CKR_GREP11_NOT_AUTHENTICATED', false],
  [status.UNIMPLEMENTED, 'CKR_FUNCTION_NOT_SUPPORTED', false],
  [status.RESOURCE_EXHAUSTED, 'CKR_DEVICE_MEMORY', false],
  [status.DEADLINE_EXCEEDED, 'CKR_IBM_REQ_TIMEOUT', true],
  [status.UNAVAILABLE, 'CKR_IBM_TRANSPORT_ERROR', true],
  [status.INTERNAL, 'CKR_GENERAL_ERROR', false],
  [status.CANCELLED, 'CKR_IBM_TRANSPORT_ERROR', true],
  [status.UNKNOWN, 'CKR_GENERAL_ERROR', false],
])('the status %i alone is %s', async (code, returnValue, retry) => {
  server.respond = () => ({ code })
  expect(await failure(connect({ repetitions: 0 }).mechanisms())).toMatchObject({ returnValue, retry })
})

test('a call is made again where the service says so, with pauses, and not for ever', async () => {
  server.respond = () => ({ code: 14, trailers: [trailer(detail(0x32n, 'Busy.', true))] })
  expect(await failure(connect({ repetitions: 2 }).mechanisms())).toMatchObject({ returnValue: 'CKR_DEVICE_REMOVED' })
  expect(server.asked).toHaveLength(3)
  server.respond = () =>
    server.asked.length < 5 ? { code: 14, trailers: [trailer(detail(0x32n, '', true))] } : { message: random(4) }
  expect(await connect().random(4)).toEqual(Buffer.alloc(4))
  expect(server.asked).toHaveLength(5)
})

test('a conflict is not repeated: it stays one until somebody has read again', async () => {
  server.respond = () => ({ code: 10, trailers: [trailer(detail(0x8004_0004n, 'Changed.', true))] })
  expect(await failure(connect().mechanisms())).toMatchObject({ returnValue: 'CKR_GREP11_CONFLICT', retry: true })
  expect(server.asked).toHaveLength(1)
})

test('a connection that breaks off under a call is told, and the next call has another one', async () => {
  const ep11 = connect({ repetitions: 0 })
  const { port, tls } = server
  server.respond = () => {
    server.stop()
    return {}
  }
  expect(await failure(ep11.mechanisms())).toMatchObject({ returnValue: 'CKR_IBM_TRANSPORT_ERROR', retry: true })
  server = await new OddServer(tls).listen(port)
  server.respond = () => ({ message: random(8) })
  expect(
    await ep11
      .with({ deadlineMs: 20_000 })
      .random(8)
      .catch(() => ep11.random(8)),
  ).toHaveLength(8)
})

test('a call survives the loss of its connection when the service is back in time', async () => {
  const ep11 = connect({ repetitions: 5 })
  const { port, tls } = server
  const back = new Promise<void>((resolve) => {
    server.respond = () => {
      server.stop()
      server = new OddServer(tls)
      server.respond = () => ({ message: random(8) })
      void server.listen(port).then(() => resolve())
      return {}
    }
  })
  expect(await ep11.random(8)).toHaveLength(8)
  await back
})

const keystore = '0f8fad5b-d9cb-469f-a165-70867728950e'
const listed = (key: number, token: string): Uint8Array => {
  const keys = [{ keystoreId: new Uint8Array(16), key: { keyBlobId: new Uint8Array(16), version: BigInt(key) } }]
  const nextPageToken = Buffer.from(token)
  return toBinary(ListKeysByIdsResponseSchema, create(ListKeysByIdsResponseSchema, { keys, nextPageToken }))
}

test('pages are read to the last, and a place that comes twice ends in an error', async () => {
  server.respond = () => ({ message: listed(server.asked.length, ['b', 'c', ''][server.asked.length - 1] ?? '') })
  const versions: number[] = []
  for await (const { version } of connect().keystores.keys(keystore)) versions.push(version)
  expect(versions).toEqual([1, 2, 3])
  server.respond = () => ({ message: listed(0, 'again') })
  const found = connect().keystores.keys(keystore)
  await found.next()
  await found.next()
  expect(await failure(found.next())).toMatchObject({ returnValue: 'CKR_GENERAL_ERROR', method: 'ListKeysByIds' })
})

test('what may have been done is not done again, unless the service knows it by its TxID', async () => {
  server.respond = () => ({ code: status.UNAVAILABLE })
  const { keystores } = connect({ repetitions: 1 })
  expect(await failure(keystores.create({ type: 'public' }))).toMatchObject({ retry: true })
  expect(server.asked.map(({ method }) => method)).toEqual(['CreateKeystore'])
  await failure(keystores.storeKey(keystore, { key: Buffer.from('blob') }))
  const [, first, second] = server.asked.map(({ message }) => message)
  expect(server.asked).toHaveLength(3)
  const txOf = (message: Buffer | undefined): Uint8Array | undefined =>
    fromBinary(StoreNewKeyRequestSchema, message ?? Buffer.alloc(0)).key?.txId
  expect(txOf(first)).toHaveLength(16)
  expect(txOf(second)).toEqual(txOf(first))
})

test('nobody there is told with the reason that Node gives', async () => {
  const { address } = server
  server.stop()
  const error = await failure(connect({ address, repetitions: 0 }).mechanisms())
  expect(error.message).toBe(
    'GetMechanismList: CKR_IBM_TRANSPORT_ERROR: The service was not reached, or the connection was lost (ECONNREFUSED).',
  )
})

test('a server of another authority is not spoken to', async () => {
  const other = await new OddServer().listen()
  try {
    const error = await failure(connect({ address: other.address, repetitions: 0 }).mechanisms())
    expect(error.message).toMatch(/not reached.*\(self-signed certificate\)/)
    expect(other.asked).toEqual([])
  } finally {
    other.stop()
  }
})

test('a server that asks for a certificate gets the client’s, and without one there is no call', async () => {
  const own = selfSigned('client')
  const strict = await new OddServer(server.tls).listen(0, own.cert)
  try {
    strict.respond = () => ({ message: random(4) })
    const { address } = strict
    expect(await connect({ address, clientCertificate: own }).random(4)).toHaveLength(4)
    expect(await failure(connect({ address, repetitions: 0 }).random(4))).toMatchObject({
      returnValue: 'CKR_IBM_TRANSPORT_ERROR',
    })
    expect(strict.asked).toHaveLength(1)
  } finally {
    strict.stop()
  }
})

test('a call ends at its deadline, the time it waits for its repetitions included', async () => {
  let cancelled = (): void => undefined
  const isCancelled = new Promise<void>((resolve) => (cancelled = resolve))
  server.respond = ({ call }) => {
    call.on('cancelled', () => cancelled())
    return new Promise(() => undefined)
  }
  // Long enough that the server has the call before it ends.
  expect(await failure(connect({ deadlineMs: 1_000 }).mechanisms())).toMatchObject({
    returnValue: 'CKR_IBM_REQ_TIMEOUT',
    retry: true,
  })
  await isCancelled
  server.respond = () => ({ code: 14, trailers: [trailer(detail(0x32n, 'Busy.', true))] })
  const again = failure(connect({ deadlineMs: 300, repetitions: 10 }).mechanisms())
  expect(await again).toMatchObject({ returnValue: 'CKR_IBM_REQ_TIMEOUT' })
  expect(server.asked.length).toBeLessThan(6)
})

test('a signal ends a call with its own reason', async () => {
  const reason = new Error('not needed any more')
  const controller = new AbortController()
  server.respond = () => {
    controller.abort(reason)
    return new Promise(() => undefined)
  }
  const ep11 = connect().with({ signal: controller.signal })
  await expect(ep11.mechanisms()).rejects.toBe(reason)
  await expect(ep11.mechanisms()).rejects.toBe(reason)
  expect(server.asked).toHaveLength(1)
})

test('an answer that is no message, or not what was asked for, is an error', async () => {
  server.respond = () => ({ message: Buffer.from('ffff', 'hex') })
  expect(await failure(connect().random(4))).toMatchObject({ returnValue: 'CKR_GREP11_CANNOT_UNMARSHAL', retry: false })
  server.respond = () => ({ message: random(3) })
  expect(await failure(connect().random(4))).toMatchObject({ returnValue: 'CKR_GENERAL_ERROR', retry: false })
})

test('an answer of more bytes than any has is refused', async () => {
  server.respond = () => ({ message: random(9 * 1024 * 1024) })
  expect(await failure(connect().random(4))).toMatchObject({ returnValue: 'CKR_DEVICE_MEMORY', retry: false })
})

test('no text tells what was sent: token, PIN, data', async () => {
  const data = Buffer.from('the document of a thousand secrets')
  const texts: string[] = []
  const codes = Array.from({ length: 16 }, (_, index) => index + 1)
  for (const code of codes) {
    // As a service would that repeats what it got.
    server.respond = ({ metadata, message }) => ({
      code,
      details: `${metadata.get('authorization').join()} ${message.toString('latin1')}`,
    })
    const ep11 = connect({ repetitions: 0 })
    const errors = [
      await failure(ep11.sign('CKM_ECDSA', Buffer.from('a blob'), data)),
      await failure(ep11.login(Buffer.from('store'), Buffer.from('pin-1234'))),
    ]
    texts.push(...errors.map((error) => `${error.message} ${error.stack} ${JSON.stringify(error)}`))
  }
  expect(texts).toHaveLength(32)
  for (const text of texts) {
    expect(text).not.toMatch(/secret|a blob|pin-1234|Bearer/)
  }
})

test('programs without types are told what is of another type, and not by its value', async () => {
  const ep11 = connect()
  const text = 'secret-text' as unknown as Uint8Array
  for (const use of [
    () => ep11.login(text, text),
    () => ep11.rewrapKeyBlob(text),
    () => ep11.sign('CKM_ECDSA', Buffer.alloc(1), text),
    () => ep11.verify('CKM_ECDSA', Buffer.alloc(1), Buffer.alloc(1), text),
    () => ep11.getAttributes(text, ['CKA_ID']),
    () => ep11.unwrapKey('CKM_RSA_PKCS', { wrapped: text, kek: Buffer.alloc(1), template: {} }),
  ]) {
    const error = await use().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).not.toContain('secret')
  }
  expect(server.asked).toEqual([])
})

const [own, other] = [selfSigned('client'), selfSigned('other')]
const sealed = createPrivateKey(own.key)
  .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'words' })
  .toString()

test.each([
  [
    'a key that is no certificate’s',
    { cert: own.cert, key: other.key },
    'key is not the key of clientCertificate.cert',
  ],
  ['files the wrong way round', { cert: own.key, key: own.cert }, 'has cert and key the wrong way round'],
  ['an encrypted key', { cert: own.cert, key: sealed }, 'key is encrypted: give it without a passphrase'],
  ['a key that is none', { cert: own.cert, key: secret }, 'key is not a private key in PEM'],
  ['a certificate that is none', { cert: secret, key: own.key }, 'cert is not a certificate in PEM'],
])('%s is told apart, and nothing of it is shown', (_, clientCertificate, said) => {
  const lines = [own.key, own.cert, sealed, secret].flatMap((text) => text.split('\n')).filter((line) => line !== '')
  let text = ''
  try {
    connect({ clientCertificate })
  } catch (error) {
    text = String(error)
  }
  expect(text).toMatch(/^TypeError: /)
  expect(text).toContain(said)
  expect(lines.filter((line) => text.includes(line))).toEqual([])
})

test.each([
  ['a token with a line break', { token: `${secret}\nx` }],
  ['an address without a port', { address: 'localhost' }],
  ['an instance that is none', { instance: 'a b' }],
  ['a part that is no multiple of a block', { partBytes: 100 }],
  ['a part of more than a message', { partBytes: 8_388_608 }],
  ['repetitions without end', { repetitions: 1_000 }],
  ['no deadline', { deadlineMs: Number.POSITIVE_INFINITY }],
  ['a correlation id with a blank', { correlationId: 'a b' }],
  ['a certificate that is none', { ca: `-----BEGIN ${secret}` }],
  ['a client’s key that is none', { clientCertificate: { cert: 'x', key: secret } }],
] as readonly [string, Partial<Ep11Options>][])('%s is refused at once, and not repeated', (_, more) => {
  expect(() => connect(more)).toThrow(TypeError)
  expect(() => connect(more)).not.toThrow(secret)
})
