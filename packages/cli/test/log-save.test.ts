/** `log save`: a copy of the log that the standalone verifier takes, made on from where it was left. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { entriesPath } from '@keywitness/tlog'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run } from '../../verifier/src/run.ts'
import { type Terminal, terminalAt } from './in-process.ts'
import { LogServer } from './log-server.ts'
import { WitnessedLog } from './witnessed-log.ts'

let log: WitnessedLog
let server: LogServer
let terminal: Terminal
let folder: string

beforeEach(async () => {
  log = new WitnessedLog(600)
  server = await LogServer.start(log)
  terminal = terminalAt(server)
  folder = join(terminal.folder, 'copy')
})
afterEach(() => server.stop())

const save = () => terminal.keywitness(['log', 'save', folder])
const verified = async (): Promise<number> =>
  await run(['log', folder, '--key', log.key.vkey], { out: () => undefined, err: () => undefined })
const fetched = (): string[] => server.seen.map(({ path }) => path).filter((path) => path.includes('/tile/entries/'))

test('the copy verifies by itself, and is made on without fetching again what never changes', async () => {
  const first = await save()
  expect(first).toMatchObject({ exitCode: 0 })
  expect(first.out).toMatch(/^✓ .*: 600 entries of keywitness\.test\/us-south, root /)
  expect(await verified()).toBe(0)
  expect(fetched()).toHaveLength(3)
  log.grow(100)
  log.publish()
  expect(await save()).toMatchObject({ exitCode: 0 })
  expect(fetched()).toHaveLength(4)
  expect(await verified()).toBe(0)
  expect(readFileSync(join(folder, 'checkpoint'), 'utf8')).toBe(log.note)
  expect(readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.new'))).toEqual([])
})

test('a copy that was changed is told, and its checkpoint stays', async () => {
  await save()
  const before = readFileSync(join(folder, 'checkpoint'), 'utf8')
  const file = join(folder, entriesPath(0, 256))
  const bytes = readFileSync(file)
  bytes[1_000]! ^= 1
  writeFileSync(file, bytes)
  log.grow(1)
  log.publish()
  const { exitCode, err } = await save()
  expect(exitCode).toBe(1)
  expect(err).toMatch(/^FAILED: the copy is not what was signed: .*entry 0/)
  expect(readFileSync(join(folder, 'checkpoint'), 'utf8')).toBe(before)
})

test('a rewritten log does not replace the copy', async () => {
  await save()
  log.grow(5)
  log.rewrite((entries) => [entries[1]!, entries[0]!, ...entries.slice(2)])
  expect((await save()).exitCode).toBe(1)
  expect(await verified()).toBe(0)
})

test('a folder that cannot be written is said so', async () => {
  folder = join(terminal.folder, 'file')
  writeFileSync(folder, '')
  expect(await save()).toMatchObject({ exitCode: 2 })
})
