/** The thread that waits for the disk, over a real file. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openStore } from './open.ts'
import { startStoreSync } from './store-sync.ts'

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keywitness-sync-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('it tells each time that the disk has what was committed, in order, one at a time', async () => {
  const store = openStore(newFolder())
  const sync = startStoreSync(store.logFile ?? '', (error) => expect.unreachable(error.message))
  for (let count = 0; count < 20; count++) {
    store.exec('BEGIN')
    store.run('INSERT INTO facts (name, value) VALUES (?, ?)', [`fact ${count}`, 'x'])
    store.exec('COMMIT')
    const told = sync.synced()
    expect(() => sync.synced()).toThrow('still busy')
    await told
  }
  await sync.stop()
  store.close()
})

test('a file that cannot be synced is told', async () => {
  const folder = newFolder()
  const failed: Error[] = []
  const sync = startStoreSync(join(folder, 'missing'), (error) => failed.push(error))
  await expect.poll(() => failed.map(({ message }) => message)).toEqual([expect.stringContaining('ENOENT')])
  await sync.stop()
})

test('the log that is synced is the one that is written, also after it was emptied', () => {
  const store = openStore(newFolder())
  const fill = (name: string): void => {
    store.exec('BEGIN')
    store.run('INSERT INTO facts (name, value) VALUES (?, ?)', [name, 'x'])
    store.exec('COMMIT')
    store.sync()
  }
  const inode = (): number => statSync(store.logFile ?? '').ino
  fill('first')
  const before = inode()
  store.get('PRAGMA wal_checkpoint(TRUNCATE)')
  fill('second')
  expect(inode()).toBe(before)
  store.close()
})
