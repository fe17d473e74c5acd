/** The product as a running process under load: the requests of a key client, and what it costs and syncs. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client, type Product, startProduct } from '../../packages/testkit/src/index.ts'
import { stopped, type Workshop } from '../harness/workshop.ts'
import type { LoadRequest } from './http-load.ts'

/** What a client wraps or stores: 32 bytes. */
export const plaintext = Buffer.from('keywitness-bench-32-byte-payload').toString('base64')

export interface LoadedProduct {
  readonly product: Product
  readonly client: Client
}

/** Starts the product on a data folder of the workshop, signed in. */
export async function loadedProduct(
  workshop: Workshop,
  { fault, data, env }: { fault?: string; data?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<LoadedProduct> {
  const product = await startProduct({
    data: data ?? workshop.newFolder('data'),
    ...(fault === undefined ? {} : { fault }),
    ...(env === undefined ? {} : { env }),
    readyMs: 60_000,
  })
  workshop.atEnd(() => product.kill())
  return { product, client: await new Client(product).signIn() }
}

/** Wraps the same plaintext with a root key. Every answer must hold a ciphertext. */
export function wrapRequest({ product, client }: LoadedProduct, key: string): LoadRequest {
  return {
    ...addressOf(product),
    method: 'POST',
    path: `/api/v2/keys/${key}/actions/wrap`,
    headers: headersOf(client, product.instance),
    body: JSON.stringify({ plaintext, aad: ['bench'] }),
    status: 200,
    text: '"ciphertext"',
  }
}

/** Reads a standard key with its payload. */
export function readRequest({ product, client }: LoadedProduct, key: string): LoadRequest {
  return {
    ...addressOf(product),
    method: 'GET',
    path: `/api/v2/keys/${key}`,
    headers: headersOf(client, product.instance),
    status: 200,
    text: `"payload":"${plaintext}"`,
  }
}

/** Any route that is only read. Every answer must hold the text. */
export function getRequest(
  { product, client }: LoadedProduct,
  path: string,
  text: string,
  instance?: string,
): LoadRequest {
  const headers = headersOf(client, instance ?? product.instance)
  return { ...addressOf(product), method: 'GET', path, headers, status: 200, text }
}

/** Creates a standard key with a payload of its own, in any instance. */
export function createRequest({ product, client }: LoadedProduct, instance: string): LoadRequest {
  const collectionType = 'application/vnd.ibm.kms.key+json'
  return {
    ...addressOf(product),
    method: 'POST',
    path: '/api/v2/keys',
    headers: headersOf(client, instance),
    body: JSON.stringify({
      metadata: { collectionType, collectionTotal: 1 },
      resources: [{ type: collectionType, name: 'bench', extractable: true, payload: plaintext }],
    }),
    status: 201,
    text: '"id"',
  }
}

/** Another instance of the account, ready for keys: one instance holds a limited number of them. */
export async function newInstance({ product, client }: LoadedProduct, name: string): Promise<string> {
  const reply = await client.call<{ guid: string }>('POST', '/v1/instances', {
    body: { name, location: product.location },
  })
  if (reply.status !== 201) throw new Error(`no instance: ${reply.status} ${reply.text}`)
  return reply.json.guid
}

/** Wraps and unwraps once: the load's answers are what they claim to be. */
export async function checkWrap(loaded: LoadedProduct, key: string): Promise<void> {
  const { client } = loaded
  const path = `/api/v2/keys/${key}/actions`
  const wrapped = await client.call<{ ciphertext: string }>('POST', `${path}/wrap`, {
    body: { plaintext, aad: ['bench'] },
  })
  const { ciphertext } = wrapped.json
  const reply = await client.call<{ plaintext: string }>('POST', `${path}/unwrap`, {
    body: { ciphertext, aad: ['bench'] },
  })
  if (reply.json.plaintext !== plaintext) throw new Error(`unwrapped to something else: ${reply.status} ${reply.text}`)
}

/** Entries in the log of the product's tracker, once everything recorded has arrived there, and how long that took. */
export async function loggedEvents({ product }: LoadedProduct): Promise<{ events: number; waitedMs: number }> {
  const began = performance.now()
  for (;;) {
    // The metrics page is no event itself.
    const answer = await fetch(`${product.privateUrl}/metrics`).catch((error: unknown) => {
      throw new Error(`the product is gone:\n${product.output().slice(-2_000)}`, { cause: error })
    })
    const page = await answer.text()
    const valueOf = (name: string): number => Number(new RegExp(`^keywitness_${name} (\\d+)`, 'm').exec(page)?.[1])
    const waitedMs = performance.now() - began
    if (valueOf('outbox_events') === 0) return { events: valueOf('log_numbered_events'), waitedMs }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Sync calls of a process while something runs, counted by strace: of the server's store, and of all other files. */
export async function countedSyncs<Result>(
  workshop: Workshop,
  pid: number,
  during: () => Promise<Result>,
): Promise<{ result: Result; store: number; others: number }> {
  const file = join(workshop.folder, 'strace')
  const tracer = workshop.start('strace', [
    '-f',
    '-y',
    '-qq',
    '-e',
    'trace=fsync,fdatasync',
    '-o',
    file,
    '-p',
    String(pid),
  ])
  // What is done before strace is there would count as done without a sync.
  while (!isTraced(pid)) {
    if (tracer.exitCode !== null) throw new Error('strace could not look at the product')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const result = await during()
  await stopped(tracer, 'SIGINT')
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => /f(data)?sync\(/.test(line))
  const store = lines.filter((line) => /<[^>]*\/server\.db(?:-wal)?>/.test(line)).length
  return { result, store, others: lines.length - store }
}

function isTraced(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) =>
    /^TracerPid:\s+[1-9]/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')),
  )
}

/** Resident memory of a process, MB. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}

/** A folder for CPU profiles, and the environment that makes a product write them there when it stops. */
export function profileEnvironment(folder: string): Record<string, string> {
  mkdirSync(folder, { recursive: true })
  return { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` }
}

function addressOf(product: Product): { host: string; port: number } {
  const [host = '', port] = product.http.split(':')
  return { host, port: Number(port) }
}

function headersOf(client: Client, instance: string): Record<string, string> {
  return { authorization: `Bearer ${client.token}`, 'bluemix-instance': instance }
}
