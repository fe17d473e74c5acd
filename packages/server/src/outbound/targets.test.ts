/** Targets of all kinds in the store: those of earlier versions are webhooks, and one goes with all it has. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { onTestFinished, expect, test } from 'vitest'
import { createSealer } from '../seal.ts'
import { openStore } from '../store/open.ts'
import { readMessages } from './messages.ts'
import { deleteTarget, readTargets, updateTargetSettings } from './targets.ts'
import { openSendingHouse } from './testing/sending-house.ts'

const versionBefore = 20

test('a target of the version before is a webhook with its URL, and its messages still wait', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keywitness-targets-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const schema = join(import.meta.dirname, '../store/schema')
  const db = new DatabaseSync(join(folder, 'server.db'))
  for (const name of readdirSync(schema).toSorted().slice(0, versionBefore))
    db.exec(readFileSync(join(schema, name), 'utf8'))
  db.exec(`PRAGMA user_version=${versionBefore};
    INSERT INTO accounts (id, name, home, operator, created_at, created_by) VALUES ('a', 'a', 'us-south', 1, 0, 'nobody');
    INSERT INTO outbound_targets VALUES ('t', 'a', 'https://storage.example/hook', 5, 'me');
    INSERT INTO outbound_messages VALUES ('m', 't', 'key.rotated', '{}', 5, 9, 'waiting', 1, 6, 'TIMEOUT')`)
  db.close()
  const store = openStore(folder)
  onTestFinished(() => store.close())
  expect(readTargets(store, createSealer(randomBytes(32))).find('t')).toEqual({
    id: 't',
    account: 'a',
    kind: 'webhook',
    url: 'https://storage.example/hook',
    settings: '{}',
    createdAt: 5,
    createdBy: 'me',
  })
  expect(readMessages(store).find('t', 'm')).toMatchObject({ state: 'waiting', problem: 'TIMEOUT' })
})

test('a target is changed within its kind, and goes with its secret and its messages', () => {
  const { store, sealer, messages, channel, queue } = openSendingHouse()
  const targets = readTargets(store, sealer)
  const id = channel('email', { host: 'mail.example' }, 'the password')
  queue(id)
  expect([targets.find(id)?.kind, targets.secret(id)]).toEqual(['email', 'the password'])
  const change = updateTargetSettings(id, '', '{"host":"other.example"}')
  expect(store.run(change.sql, change.params)).toBe(change.rows)
  expect(targets.find(id)).toMatchObject({ kind: 'email', url: '', settings: '{"host":"other.example"}' })
  for (const { sql, params, rows } of deleteTarget(id)) expect(store.run(sql, params)).toBe(rows)
  expect([targets.find(id), targets.secret(id), messages.count(id, 'waiting')]).toEqual([undefined, undefined, 0])
})

test('a kind that nobody carries cannot be stored', () => {
  const { channel } = openSendingHouse()
  expect(() => channel('pigeon' as 'email', {})).toThrow('CHECK')
})
