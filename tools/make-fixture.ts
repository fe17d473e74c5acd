/** `npx node tools/make-fixture.ts <name>`: leads a product of this version through a life and keeps its data folder as a fixture. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { constants, zstdCompressSync } from 'node:zlib'
import { buildSegment, openTracker } from '../packages/tracker/src/index.ts'
import { answersNow, type KeptReceipt, leadLife, type MadeFixture } from '../packages/testkit/src/fixture-life.ts'
import { Client, newDataFolder, type Product, startProduct } from '../packages/testkit/src/index.ts'

/** Small segments, so that a small log has some. No multiple of a tile's width. */
const segmentEvents = 150
/** The product's clock is a year behind: then it is in the past of whoever opens the fixture, also where clocks are wrong. */
const aheadSeconds = -365 * 86_400
const clock = `clock:ahead@${aheadSeconds}`
/** Answered and not delivered when the process is killed. */
const waitingEvents = 30

const [name] = process.argv.slice(2)
if (name === undefined || !/^[a-z0-9-]+$/.test(name)) {
  console.error('Usage: npx node tools/make-fixture.ts <name>   the capability just finished, such as key-management')
  process.exit(2)
}
const folder = join(import.meta.dirname, '../packages/testkit/fixtures', name)
const data = newDataFolder()
const tracker = (): string => placeOf('trackers')

/** Where the log of the only account lies below `trackers` or `checkpoints`. */
function placeOf(kind: 'trackers' | 'checkpoints'): string {
  const [account = ''] = readdirSync(join(data, kind))
  const [location = ''] = readdirSync(join(data, kind, account))
  return join(data, kind, account, location)
}

/** What a query of one row finds. */
function look<Row>(file: string, sql: string): Row {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 })
  try {
    return db.prepare(sql).get() as Row
  } finally {
    db.close()
  }
}

const version = (file: string): number => look<{ user_version: number }>(file, 'PRAGMA user_version').user_version
const logSize = (): number =>
  look<{ size: number }>(join(tracker(), 'head.db'), 'SELECT max(first + count) AS size FROM entries').size
const indexed = (): number =>
  look<{ cursor: number }>(join(tracker(), 'index.db'), 'SELECT cursor FROM progress').cursor

/** The server seals a hundred thousand events at a time: here its tracker is made to seal less, between two starts. */
function seal(): number {
  const { origin } = look<{ origin: string }>(join(tracker(), 'head.db'), 'SELECT origin FROM log')
  const paths = { folder: tracker(), keyFolder: placeOf('checkpoints') }
  const log = openTracker({ ...paths, origin, clock: { now: () => Date.now() }, segmentEvents })
  try {
    log.publish()
    for (let range = log.sealable(); range !== undefined; range = log.sealable()) log.adopt(buildSegment(paths, range))
    while (log.follow(1_000) > 0);
    return log.sealed
  } finally {
    log.close()
  }
}

/** Everything in the data folder but the lines of its log, which name the machine. */
function keep(as: string): void {
  const options = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--exclude=./server.log']
  const tar = execFileSync('tar', [...options, '-C', data, '-cf', '-', '.'], { maxBuffer: 256 * 1024 * 1024 })
  const file = join(folder, `${as}.tar.zst`)
  // A window over everything: write-ahead logs hold the same pages again and again.
  const params = { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_windowLog]: 25 }
  writeFileSync(file, zstdCompressSync(tar, { params }))
  console.log(`${file}: ${Math.ceil(readFileSync(file).length / 1024)} KiB`)
}

/** Receipts of entries in both segments and in the head, under the checkpoint of now. */
async function keepReceipts(client: Client, indexes: readonly number[]): Promise<KeptReceipt[]> {
  const events = await client.events()
  const kept: KeptReceipt[] = []
  for (const index of indexes) {
    const eventId = events.find((one) => one.index === index)?.event.id ?? ''
    const file = `${index}.tlog-proof`
    writeFileSync(join(folder, 'receipts', file), await client.receipt(eventId))
    kept.push({ file, index, eventId })
  }
  return kept
}

async function keepCheckpoint(client: Client, location: string): Promise<number> {
  const note = (await client.call('GET', `/v1/trackers/${location}/log/checkpoint`)).text
  const size = Number(note.split('\n')[1])
  writeFileSync(join(folder, 'checkpoints', `${size}.txt`), note)
  return size
}

async function covered(client: Client): Promise<void> {
  await client.receipt((await client.call('GET', '/api/v2/keys?limit=1')).eventId ?? '')
}

/**
 * Killed while the index, and then the log, wait for locks that this process holds: nothing is indexed, and nothing more
 * delivered. What the kill left is copied before anything is looked at, which would take it in. Answers the events that wait.
 */
async function killWithWaiting(product: Product): Promise<readonly string[]> {
  const client = await new Client(product).signIn()
  await covered(client)
  // Whatever is on its way to the log is there first: what it grows by next is what is made here.
  const recorded = (): number =>
    look<{ number: number }>(join(data, 'server.db'), 'SELECT max(number) AS number FROM outbox').number
  while (logSize() < recorded()) await new Promise((resolve) => setTimeout(resolve, 10))
  const before = logSize()
  const lock = new DatabaseSync(join(tracker(), 'index.db'), { timeout: 5_000 })
  lock.exec('BEGIN IMMEDIATE')
  await client.createKey('not indexed')
  while (logSize() === before) await new Promise((resolve) => setTimeout(resolve, 10))
  const log = new DatabaseSync(join(tracker(), 'head.db'), { timeout: 5_000 })
  log.exec('BEGIN IMMEDIATE')
  const waiting: string[] = []
  for (let count = 0; count < waitingEvents; count++) {
    const { eventId } = await client.call('GET', `/api/v2/keys?limit=${count + 1}`)
    if (eventId === undefined) throw new Error('an answer without an event')
    waiting.push(eventId)
  }
  await product.kill()
  keep('killed')
  for (const held of [log, lock]) {
    held.exec('ROLLBACK')
    held.close()
  }
  return waiting
}

rmSync(folder, { recursive: true, force: true })
for (const part of ['receipts', 'checkpoints']) mkdirSync(join(folder, part), { recursive: true })

let product = await startProduct({ data, fault: `${clock}+keys:impatient` })
const life = await leadLife(product)
await product.stop()
const sealed = seal()

product = await startProduct({ data, fault: clock })
const { instance, location } = product
const client = await new Client(product).signIn()
await covered(client)
const checkpoints = [await keepCheckpoint(client, location)]
await client.createKey('of the second start')
await covered(client)
checkpoints.push(await keepCheckpoint(client, location))
writeFileSync(join(folder, 'log.vkey'), (await client.call('GET', `/v1/trackers/${location}/log/key`)).text)
const receipts = await keepReceipts(client, [0, 1, segmentEvents, sealed - 1, sealed, sealed + 7])
const answers = await answersNow(client)
await covered(client)
await product.stop()
const stopped = {
  at: new Date(Date.now() + aheadSeconds * 1_000).toISOString(),
  size: logSize(),
  sealed,
  answers,
  receipts,
  checkpoints,
}
keep('stopped')

product = await startProduct({ data, fault: clock })
const waiting = await killWithWaiting(product)
const killed = { size: logSize(), indexed: indexed(), waiting }
if (killed.indexed >= killed.size) throw new Error('nothing waits for the index: make it again')

const [segment = ''] = readdirSync(join(tracker(), 'segments'))
const made: MadeFixture = {
  commit: execFileSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' }).trim(),
  schemas: {
    server: version(join(data, 'server.db')),
    head: version(join(tracker(), 'head.db')),
    segment: version(join(tracker(), 'segments', segment)),
    index: version(join(tracker(), 'index.db')),
  },
  instance,
  location,
  life,
  stopped,
  killed,
}
const madeFile = join(folder, 'made.json')
writeFileSync(madeFile, `${JSON.stringify(made, undefined, 2)}\n`)
execFileSync(process.execPath, [join(import.meta.dirname, '../node_modules/oxfmt/bin/oxfmt'), madeFile])
rmSync(data, { recursive: true })
console.log(
  `A log of ${stopped.size} events, ${sealed} of them sealed; ${killed.waiting.length} wait in the other folder.`,
)
