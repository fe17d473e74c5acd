/** `keywitness cert recover`: what is shown before anybody agrees, what is sent, and what is told when an answer is lost. */
import { rmSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from '../in-process.ts'
import { json, problem } from '../log-server.ts'
import { administrator as caller, CertServer, instance } from './cert-server.ts'

const base = `/v1/certs/${instance}/recoveries`
const id = '01a2199d-5379-72ee-9834-69a63db08a75'
const lost = 'KWid-lost'
const keyId = 'ab'.repeat(32)

let server: CertServer
let terminal: Terminal
let recoveries: Record<string, unknown>[]
let administrators: object[]
/** What was sent, by its path below the base. */
let sent: [string, string][]
let isLost: boolean

beforeEach(async () => {
  server = await CertServer.start()
  terminal = terminalAt(server.http)
  terminal.environment['KEYWITNESS_INSTANCE'] = instance
  recoveries = []
  administrators = [holder(lost, 'Ana', 2), holder('KWid-ben', 'Ben', 1)]
  sent = []
  isLost = false
  const { instead } = server.http
  instead.set(`GET ${base}`, (_seen, response) =>
    json(response, { recoveries, administrators, mtlsEnabled: true, generation: 3, waitingHours: 24 }),
  )
  instead.set(`POST ${base}`, ({ body }, response) => {
    sent.push(['', body])
    recoveries = [recovery('open', { proposedBy: { id: caller, name: 'Olga' } })]
    if (isLost) response.destroy()
    else json(response, recoveries[0] ?? {})
  })
  for (const [how, state] of [
    ['approve', 'approved'],
    ['withdraw', 'withdrawn'],
  ] as const) {
    instead.set(`POST ${base}/${id}/${how}`, ({ body }, response) => {
      sent.push([`/${id}/${how}`, body])
      recoveries = [recovery(state, { approvedBy: { id: caller, name: 'Otto' }, dueAt: '2026-11-26T20:00:00.000Z' })]
      if (isLost) response.destroy()
      else json(response, recoveries[0] ?? {})
    })
  }
})
afterEach(async () => {
  await server.http.stop()
  rmSync(terminal.folder, { recursive: true })
})

function holder(holderId: string, name: string | null, certificates: number): object {
  return { administrator: { id: holderId, name }, keyId: certificates === 9 ? null : keyId, certificates }
}

function recovery(state: string, more: object = {}): Record<string, unknown> {
  return {
    id,
    administrator: { id: lost, name: 'Ana' },
    removes: 'admin-key',
    keyId,
    says: 'Deletes the signature key of Ana (KWid-lost).',
    state,
    proposedBy: { id: 'KWid-olga', name: 'Olga' },
    proposedAt: '2026-11-25T19:00:00.000Z',
    expiresAt: '2026-12-02T19:00:00.000Z',
    approvedBy: null,
    approvedAt: null,
    dueAt: null,
    endedBy: null,
    endedAt: null,
    ...more,
  }
}

const run = (words: string) => terminal.keywitness(`cert recover ${words}`)
/** What stands in lines of a terminal, as one line. */
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

test('proposing shows whom it is about, what goes and when, and sends nothing until it is agreed to', async () => {
  terminal.typed = ['no']
  const refused = await run(`propose ${lost}`)
  expect([refused.exitCode, sent]).toEqual([2, []])
  expect(flat(refused.err)).toContain(`of Ana (${lost}) key ${keyId} certificates 2`)
  expect(flat(refused.err)).toContain('must approve within 7 days, and it is done 24 hours after that')
  expect(refused.err).toContain('No client is cut off: 2 certificates of theirs stay in force')
  terminal.typed = ['yes']
  const { exitCode, out } = await run(`propose ${lost}`)
  expect([exitCode, sent]).toEqual([0, [['', JSON.stringify({ administrator: lost, removes: 'admin-key' })]]])
  expect(out).toContain(`open ${id}\nDeletes the signature key of Ana`)
  expect(out).toContain(`keywitness cert recover approve ${id}\n`)
})

test.each([
  ['others keep theirs', () => undefined, 'Mutual TLS stays on.'],
  [
    'no other has any',
    () => (administrators = [holder(lost, 'Ana', 2), holder('KWid-ben', 'Ben', 0)]),
    'mutual TLS goes OFF',
  ],
  [
    'there are none',
    () => (administrators = [holder(lost, null, 0)]),
    'They have no certificates: no client is concerned.',
  ],
])('with certificates it is said whether mutual TLS goes off: %s', async (_, arrange, said) => {
  arrange()
  const { err } = await run(`propose ${lost} --certificates --yes`)
  expect(err).toContain(said)
  expect(sent[0]?.[1]).toContain('"admin-key-and-certificates"')
})

test('approving shows what the server says of it, who proposed it, and when it is done', async () => {
  recoveries = [recovery('open')]
  terminal.typed = ['yes']
  const { exitCode, out, err } = await run(`approve ${id}`)
  expect(exitCode, err).toBe(0)
  expect(flat(err)).toContain('proposed by Olga (KWid-olga)')
  expect(err).toContain('→ Deletes the signature key of Ana (KWid-lost).')
  expect(err).toContain('in 24 hours, about 2026-11-26T20:00:00.000Z')
  expect(out).toContain('It is done at 2026-11-26T20:00:00.000Z, unless it is withdrawn.')
})

test('what there is not is not proposed and not approved', async () => {
  for (const words of ['propose KWid-nobody --yes', `approve ${id} --yes`, 'propose', 'approve']) {
    expect((await run(words)).exitCode).toBe(2)
  }
  expect(sent).toEqual([])
})

test('a lost answer is looked for, and told as it is', async () => {
  isLost = true
  for (const [words, state] of [
    [`propose ${lost} --yes`, 'open'],
    [`approve ${id} --yes`, 'approved'],
    [`withdraw ${id}`, 'withdrawn'],
  ] as const) {
    const { exitCode, out, err } = await run(words)
    expect([exitCode, out.split('\n')[0]], err).toEqual([0, `${state} ${id}`])
  }
})

test('a refusal says what to do', async () => {
  recoveries = [recovery('open')]
  server.http.instead.set(`POST ${base}/${id}/approve`, (_seen, response) =>
    problem(response, 403, 'SECOND_PERSON_REQUIRED', 'Another person must approve what you have proposed.'),
  )
  const { exitCode, err } = await run(`approve ${id} --yes`)
  expect([exitCode, err]).toEqual([3, expect.stringContaining('another administrator of the account must approve it')])
})

test.each([80, 120])('the list fits a terminal of %s columns', async (columns) => {
  terminal.columns = columns
  recoveries = [
    recovery('approved', { approvedBy: { id: 'KWid-otto', name: 'Otto' }, dueAt: '2026-11-26T20:00:00.000Z' }),
  ]
  administrators = [...administrators, holder('KWid-gone\u001b[2J', null, 9)]
  const { out: raw } = await run('list')
  const out = stripVTControlCharacters(raw)
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns)
  expect(out).toContain('2026-11-26 20:00:00')
  expect(raw).not.toContain('\u001b[2J')
  expect(flat(out)).toContain('none 9')
})
