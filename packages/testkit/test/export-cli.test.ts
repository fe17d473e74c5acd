/** Exports and evidence on the command line, against a real server: over broken connections, resumed, handed over, verified. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../cli/src/run.ts'
import type { Surroundings } from '../../cli/src/surroundings.ts'
import { Client, type Product, startProduct } from '../src/index.ts'

let product: Product
let client: Client
let folder: string
let wire: BreakingWire

const main = join(import.meta.dirname, '../../cli/keywitness.mjs')
const wraps = 150

/** A connection that breaks: carries so many bytes to the client, then resets. */
class BreakingWire {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Bytes that each of the next connections carries; then connections are whole. */
  cuts: number[] = []
  /** Asked before a connection is reset that has carried what it may: until then it only carries no more. */
  mayReset: () => boolean = () => true
  broken = 0

  constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1')
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('error', () => undefined)
      }
      let carried = 0
      near.pipe(far)
      far.on('data', (piece) => {
        const most = this.cuts[0] ?? Number.POSITIVE_INFINITY
        carried += piece.length
        near.write(carried > most ? piece.subarray(0, piece.length - (carried - most)) : piece)
        if (carried <= most) return
        this.cuts.shift()
        far.destroy()
        void this.#reset(near)
      })
      far.on('end', () => near.end())
    })
  }

  async #reset(near: Socket): Promise<void> {
    while (!this.mayReset() && !near.destroyed) await delay(10)
    this.broken += 1
    near.end()
    setImmediate(() => near.resetAndDestroy())
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as { port: number }).port
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }
}

let url: string

beforeAll(async () => {
  product = await startProduct()
  client = await new Client(product).signIn()
  folder = mkdtempSync(join(tmpdir(), 'keywitness-export-'))
  process.chdir(folder)
  const key = await client.createKey('=1+1')
  for (let i = 0; i < wraps; i += 10) {
    await Promise.all(
      Array.from({ length: 10 }, () => client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })),
    )
    await client.call('GET', '/api/v2/keys')
  }
  const last = await client.call('GET', `/api/v2/keys/${key}`)
  await client.call('GET', `/v1/trackers/${product.location}/events/${last.eventId}/receipt?wait=10`)
  wire = new BreakingWire(Number(new URL(product.url).port))
  url = `http://127.0.0.1:${await wire.listen()}`
})
afterAll(async () => {
  wire.close()
  process.chdir('/')
  await product.stop()
  product.remove()
  rmSync(folder, { recursive: true, force: true })
})

function environment(at: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    KEYWITNESS_URL: at,
    KEYWITNESS_API_KEY: product.apiKey,
    KEYWITNESS_LOCATION: product.location,
    KEYWITNESS_HOME: join(folder, 'home'),
    KEYWITNESS_DATA: join(folder, 'none'),
  }
}

/** Runs the command in this process, whose folder is the test's; its pauses are short. */
async function keywitness(
  words: string,
  at = product.url,
  other: Partial<Surroundings> = {},
): Promise<{ code: number; out: string; err: string }> {
  let out = ''
  let err = ''
  const io: Surroundings = {
    environment: environment(at),
    home: folder,
    out: { isTerminal: false, columns: undefined, write: (text) => void (out += text) },
    err: { isTerminal: false, columns: undefined, write: (text) => void (err += text) },
    fetch: globalThis.fetch,
    now: () => Date.now(),
    wait: (ms) => delay(Math.min(ms, 50)),
    signal: new AbortController().signal,
    ...other,
  }
  return { code: await run(words.split(' '), io), out, err }
}

/** Runs the command over the breaking wire until something has happened, then interrupts it; what it said. */
async function interrupted(words: string, happened: () => boolean): Promise<string> {
  const child = spawn(process.execPath, [main, ...words.split(' ')], { env: environment(url), cwd: folder })
  let said = ''
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()))
  // What it said last may still be in the pipe when it exits.
  const ended = once(child, 'close')
  while (!happened()) await turn()
  child.kill('SIGINT')
  expect(await ended).toEqual([3, null])
  return said
}

const content = (name: string): Buffer => readFileSync(join(folder, name))
const wrapped = '--action hs-crypto.secrets.wrap'

test('an export is written whole, with its checkpoint beside it, and nothing is overwritten unasked', async () => {
  const { code, out } = await keywitness(`events export ${wrapped} --format csv -o wraps.csv`)
  expect(code).toBe(0)
  expect(out).toMatch(
    /^wraps\.csv: 150 events, .*\n✓ the checkpoint of keywitness\/.*is signed by its key: wraps\.csv\.checkpoint/,
  )
  expect(out).toMatch(/keywitness evidence make --action hs-crypto\.secrets\.wrap --size \d+ -o wraps\.csv\.evidence\n/)
  expect(content('wraps.csv').toString().split('\r\n').length).toBe(wraps + 2)
  expect(existsSync(join(folder, 'wraps.csv.part'))).toBe(false)
  const again = await keywitness(`events export ${wrapped} --format csv -o wraps.csv`)
  expect([again.code, again.err]).toEqual([2, expect.stringContaining('pass --force to replace it')])
  expect((await keywitness(`events export ${wrapped} --format csv -o wraps.csv --force`)).code).toBe(0)
})

test.each(['jsonl', 'csv', 'cadf'])(
  '%s over a connection that breaks four times is the same to the byte',
  async (format) => {
    const size = content('wraps.csv.checkpoint').toString().split('\n')[1]
    const whole = await keywitness(
      `events export ${wrapped} --size ${size} --format ${format} -o whole.${format} --force`,
    )
    expect(whole.code).toBe(0)
    wire.broken = 0
    // The first is the token's, whole; what follows are cut in the middle of rows, one before its first.
    wire.cuts = [40_000, 300, 25_000, 70_001]
    const broken = await keywitness(
      `events export ${wrapped} --size ${size} --format ${format} -o broken.${format} --json`,
      url,
    )
    expect({ ...broken, out: '' }).toEqual({ code: 0, out: '', err: '' })
    expect(wire.broken).toBeGreaterThanOrEqual(3)
    expect(content(`broken.${format}`).equals(content(`whole.${format}`))).toBe(true)
    expect(JSON.parse(broken.out)).toMatchObject({ rows: wraps, format, checkpoint: { size: Number(size) } })
    wire.cuts = []
  },
)

test('a break that lasts leaves what there is; --resume goes on with it, and only with the same question', async () => {
  const size = content('wraps.csv.checkpoint').toString().split('\n')[1]
  const words = `events export ${wrapped} --from -30d --size ${size} --format csv -o long.csv`
  wire.broken = 0
  wire.cuts = [60_000, ...Array.from({ length: 1_000 }, () => 0)]
  // What has come and is not read yet is lost by a reset: it waits until there are rows in the file.
  wire.mayReset = () => (statSync('long.csv.part', { throwIfNoEntry: false })?.size ?? 0) > 1_000
  const broken = await interrupted(words, () => wire.broken > 2)
  wire.mayReset = () => true
  wire.cuts = []
  expect(broken).toContain('Interrupted. What came so far is in long.csv.part: go on with --resume.')
  expect(existsSync(join(folder, 'long.csv'))).toBe(false)
  // As a crash in the middle of a write would leave it.
  const left = content('long.csv.part')
  expect(left.length).toBeGreaterThan(1_000)
  truncateSync(join(folder, 'long.csv.part'), left.length - 11)
  const unasked = await keywitness(words)
  expect([unasked.code, unasked.err]).toEqual([2, expect.stringContaining('--resume')])
  const other = await keywitness(`${words.replace('-30d', '-29d')} --resume`)
  expect([other.code, other.err]).toEqual([2, expect.stringContaining('other options')])
  expect((await keywitness(`${words} --resume`)).code).toBe(0)
  expect(content('long.csv').equals(content('wraps.csv'))).toBe(true)
  const nothing = await keywitness(`${words.replace('long', 'none')} --resume`)
  expect([nothing.code, nothing.err]).toEqual([2, expect.stringContaining('leave out --resume')])
})

test('who interrupts before a row has come is told so, and nothing is left in the way of the next try', async () => {
  const words = `events export ${wrapped} --format csv -o early.csv`
  wire.broken = 0
  wire.cuts = Array.from({ length: 1_000 }, () => 0)
  const told = 'Interrupted. No row has come yet: nothing was written.\n'
  expect(await interrupted(words, () => wire.broken > 1)).toBe(told)
  wire.cuts = []
  // The server has answered, and the file is begun.
  const user = new AbortController()
  const fetchNoRow: typeof fetch = async (address, options) => {
    const response = await fetch(address, options)
    if (!response.url.includes('/export?')) return response
    await response.body?.cancel()
    const pull = (): never => {
      user.abort()
      throw user.signal.reason
    }
    return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), { headers: response.headers })
  }
  const early = await keywitness(words, product.url, { fetch: fetchNoRow, signal: user.signal })
  expect(early).toEqual({ code: 3, out: '', err: told })
  expect(readdirSync(folder).filter((name) => name.startsWith('early'))).toEqual([])
  expect((await keywitness(words)).code).toBe(0)
  // Whoever has stopped reading is told nothing.
  const unread = AbortSignal.abort(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }))
  expect(await keywitness('events list', product.url, { signal: unread })).toEqual({ code: 3, out: '', err: '' })
})

test('evidence is made, handed over, and verified where nothing but the key is known', async () => {
  const made = await keywitness(`evidence make ${wrapped} -o wraps.evidence`)
  expect([made.code, made.err]).toEqual([0, ''])
  expect(made.out).toContain('wraps.evidence: 150 events')
  writeFileSync(join(folder, 'log.vkey'), (await keywitness('log key')).out)
  const verify = async (words: string) => {
    rmSync(join(folder, 'home'), { recursive: true, force: true })
    return keywitness(`evidence verify ${words}`, 'http://127.0.0.1:1')
  }
  const { code, out } = await verify('wraps.evidence --key log.vkey')
  expect(code).toBe(0)
  expect(out).toContain('✓ no byte of wraps.evidence was changed since it was made')
  expect(out).toContain('Not proved: that no other between index')
  expect(out).toContain('wrapped')
  expect(out).toContain('… and 130 more; --list shows all')
  const unknown = await verify('wraps.evidence')
  expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('pass it with --key')])
  const json = await verify('wraps.evidence --key log.vkey --json --list')
  expect(JSON.parse(json.out)).toMatchObject({ verified: true, entries: wraps, gapless: false, missing: [] })
  const { events } = JSON.parse(json.out) as { events: { index: number; event: { action: string } }[] }
  expect(events.map(({ event }) => event.action)).toEqual(Array.from({ length: wraps }, () => 'hs-crypto.secrets.wrap'))
  const listed = await verify('wraps.evidence --key log.vkey --list')
  expect(listed.out.split('\n').filter((line) => line.includes('wrapped data with root key =1+1')).length).toBe(wraps)
})

test('evidence becomes the very rows that an export wrote, without a server, and only when it holds', async () => {
  for (const format of ['csv', 'cadf']) {
    const size = /--size (\d+)/.exec(
      (await keywitness(`events export ${wrapped} --format ${format} -o x.${format} --force`)).out,
    )?.[1]
    await keywitness(`evidence make ${wrapped} --size ${size} -o x.evidence --force`)
    const made = await keywitness(
      `evidence export x.evidence --key log.vkey --format ${format} -o y.${format}`,
      'http://127.0.0.1:1',
    )
    expect([made.code, made.err]).toEqual([0, ''])
    expect(content(`y.${format}`).equals(content(`x.${format}`))).toBe(true)
  }
  const file = content('x.evidence')
  file[file.length - 100]! ^= 1
  writeFileSync(join(folder, 'bad.evidence'), file)
  expect((await keywitness('evidence export bad.evidence --key log.vkey -o bad.csv')).code).toBe(1)
  expect(existsSync(join(folder, 'bad.csv')) || existsSync(join(folder, 'bad.csv.part'))).toBe(false)
})

test('the words an export prints write the same bytes again, also for a relative time', async () => {
  const { out } = await keywitness(`events export ${wrapped} --from -30d --text wrap --format csv -o relative.csv`)
  const again = /keywitness (events export .*)/.exec(out)?.[1] ?? ''
  expect(again).toMatch(/--from -30d .*--size \d+ --now 20\d\d-/)
  expect((await keywitness(again)).code).toBe(0)
  expect(content('again.csv').equals(content('relative.csv'))).toBe(true)
  const proof = /keywitness (evidence make .*)/.exec(out)?.[1] ?? ''
  expect((await keywitness(proof)).out).toContain('relative.csv.evidence: 150 events')
})

test('what is changed in evidence is named with its line', async () => {
  const file = content('wraps.evidence')
  const at = file.indexOf('"outcome":"success"')
  file.write('"outcome":"failure"', at)
  writeFileSync(join(folder, 'changed.evidence'), file)
  const line = file.subarray(0, at).toString().split('\n').length
  const { code, err } = await keywitness('evidence verify changed.evidence --key log.vkey')
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(new RegExp(`line ${line}: the bytes of entry \\d+ do not hash`)),
  ])
  const csv = await keywitness('evidence verify wraps.csv --key log.vkey')
  expect([csv.code, csv.err]).toEqual([2, expect.stringContaining('is no evidence')])
})

test('evidence of a range of indexes says that nothing is left out; over a broken connection it is the same', async () => {
  const made = await keywitness('evidence make --first 5 --last 60 -o range.evidence --json')
  const { checkpoint } = JSON.parse(made.out) as { checkpoint: { size: number } }
  const { out } = await keywitness('evidence verify range.evidence --key log.vkey')
  expect(out).toContain('Every index from 5 to 60 is here: proved to be in the log, in this order, with none left out')
  wire.cuts = [20_000]
  const words = `evidence make --first 5 --last 60 --size ${checkpoint.size} -o again.evidence`
  expect((await keywitness(words, url)).code).toBe(0)
  expect(content('again.evidence').equals(content('range.evidence'))).toBe(true)
  const all = await keywitness(`evidence make --complete --from -1d --size ${checkpoint.size} -o all.evidence --json`)
  expect(JSON.parse(all.out)).toMatchObject({ gapless: true, first: 0, last: checkpoint.size - 1 })
  const filtered = await keywitness('evidence make --complete --from -1d --severity critical -o filtered.evidence')
  expect([filtered.code, filtered.err]).toEqual([2, expect.stringContaining('takes no filters but times')])
  expect((await keywitness('evidence make --complete --to 2001-01-01T00:00:00Z -o old.evidence')).code).toBe(2)
  const none = await keywitness('evidence make --text nobodyatall -o none.evidence')
  expect(none.code).toBe(0)
  expect((await keywitness('evidence verify none.evidence --key log.vkey')).out).toContain('nothing here proves it')
})
