/** `rules`: what is sent of a file, what is refused before anything is sent, and what changed between versions. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'
import { json, LogServer, problem } from './log-server.ts'
import { WitnessedLog } from './witnessed-log.ts'

let server: LogServer
let terminal: Terminal

beforeEach(async () => {
  server = await LogServer.start(new WitnessedLog(3))
  terminal = terminalAt(server)
})
afterEach(() => server.stop())

const trail = '/v1/trackers/us-south'
const at = '2026-11-25T20:00:00.000Z'
const rule = {
  id: 'burst',
  name: 'A burst',
  description: 'Many at once.',
  remedy: 'Ask why.',
  severity: 'warning',
  when: { kind: 'count', query: 'outcome:failure', threshold: 5, within: '10m' },
  groupBy: ['initiator.id'],
}
const view = {
  rule,
  version: 3,
  state: 'off',
  changedAt: at,
  changedBy: { id: 'a', name: 'ana' },
  matched: 0,
  fired: 0,
}

function answer(call: string, body: unknown): void {
  const [method, path] = call.split(' ')
  server.instead.set(`${method ?? ''} ${trail}${path ?? ''}`, (_seen, response) => json(response, body))
}

function asked(call: string): unknown[] {
  const [method, path] = call.split(' ')
  return server.seen
    .filter((seen) => seen.method === method && seen.path === `${trail}${path ?? ''}`)
    .map(({ body }) => JSON.parse(body) as unknown)
}

function file(name: string, value: unknown): string {
  const path = join(terminal.folder, name)
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value))
  return path
}

async function good(words: string | readonly string[]): Promise<string> {
  const { exitCode, out, err } = await terminal.keywitness(words)
  if (exitCode !== 0) throw new Error(`${words.toString()}: ${err}`)
  return out
}

test('a rule is created from a file, bare or as it was shown', async () => {
  answer('POST /rules', view)
  expect(await good(`rules create ${file('bare.json', rule)}`)).toBe('created burst\n')
  await good(`rules create ${file('shown.json', view)}`)
  expect(asked('POST /rules')).toEqual([{ rule }, { rule }])
})

test('an update names the version that its file was made from, or the one that is given', async () => {
  answer('PUT /rules/burst', { ...view, version: 4 })
  const { id: _id, ...nameless } = rule
  expect(await good(`rules update burst ${file('shown.json', view)}`)).toBe('changed burst, now version 4\n')
  await good(`rules update burst ${file('bare.json', nameless)}`)
  await good(`rules update burst ${file('bare.json', rule)} --if-version 7`)
  expect(asked('PUT /rules/burst')).toEqual([{ rule, version: 3 }, { rule }, { rule, version: 7 }])
  server.instead.set(`PUT ${trail}/rules/burst`, (_seen, response) => problem(response, 409, 'CONFLICT', 'Changed.'))
  const { exitCode, err } = await terminal.keywitness(`rules update burst ${file('bare.json', rule)}`)
  expect({ exitCode, err }).toEqual({ exitCode: 3, err: expect.stringContaining('keywitness rules versions burst') })
})

test.each([
  [
    'no JSON',
    '{\n  "id": "burst",\n  "name": "A burst",,\n}',
    ['wrong.json, line 3:', '  "name": "A burst",,', '                    ^'],
  ],
  ['a value that is none', { ...rule, severity: 'mild' }, ['wrong.json holds no rule: severity:']],
  ['a member that there is not', { ...rule, colour: 'red' }, ['wrong.json holds no rule: colour:']],
  [
    'a query that cannot be read',
    { ...rule, when: { ...rule.when, query: 'outcome:failure AND colour:red' } },
    ['wrong.json holds no rule: when.query:', '  outcome:failure AND colour:red\n', '\n                      ^^^^^^'],
  ],
  ['no rule at all', [1], ['wrong.json holds no rule:']],
  ['another rule', { ...rule, id: 'other' }, ['wrong.json holds the rule other, not burst']],
])('of a file with %s it is said what is wrong and where, and nothing is sent', async (_what, value, said) => {
  const { exitCode, err } = await terminal.keywitness(`rules update burst ${file('wrong.json', value)}`)
  expect(exitCode).toBe(2)
  for (const text of said) expect(err).toContain(text)
  expect(server.seen).toEqual([])
})

test('a mark stands below the right place of a line that is longer than a terminal', async () => {
  const query = `${'outcome:failure '.repeat(20)}colour:red ${'outcome:failure '.repeat(20)}`.trim()
  const path = file('long.json', { ...rule, when: { ...rule.when, query } })
  const { err } = await terminal.keywitness(`rules create ${path}`)
  const [, shown = '', mark = ''] = err.trimEnd().split('\n')
  expect(shown.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1)).toBe('colour')
  expect(shown.length).toBeLessThan(80)
})

test('turning a rule on and off and deleting it takes a reason', async () => {
  answer('POST /rules/burst/enable', view)
  answer('POST /rules/burst/disable', view)
  expect(await good(['rules', 'enable', 'burst', '--reason', 'matter 7'])).toBe('on burst\n')
  expect(await good(['rules', 'disable', 'burst', '--reason', 'too loud'])).toBe('off burst\n')
  expect(asked('POST /rules/burst/enable')).toEqual([{ reason: 'matter 7' }])
  for (const how of ['enable', 'disable', 'delete']) {
    expect((await terminal.keywitness(`rules ${how} burst`)).exitCode).toBe(2)
  }
})

test('what is put in for an id cannot reach another path', async () => {
  await terminal.keywitness(['rules', 'show', '../../trackers'])
  expect(server.seen.map(({ path }) => path)).toContain(`${trail}/rules/..%2F..%2Ftrackers`)
})

test('a rule is tried by its id or from a file, and what it would have fired is listed', async () => {
  answer('GET /rules/burst', view)
  const events = [{ id: 'e', index: 7, time: at, sentence: 'ana deleted a key' }]
  const firing = { at, group: [{ field: 'initiator.id', value: 'a', name: 'ana' }], count: 5, text: 'x', events }
  const looked = { from: at, to: '2026-11-26T00:00:00.000Z', events: 1234 }
  answer('POST /rules/test', { looked, isComplete: true, total: 150, firings: [firing] })
  const { exitCode, out, err } = await terminal.keywitness('rules test burst')
  expect({ exitCode, out }).toEqual({ exitCode: 0, out: `${at}\t5\tana\tana deleted a key\n` })
  expect(err).toBe(`1,234 events from ${at} to ${looked.to}: it would have fired 150 times. The first 1 are listed.\n`)
  answer('POST /rules/test', { looked, isComplete: false, total: 0, firings: [] })
  const path = file('other.json', { ...rule, id: 'other' })
  const cut = await terminal.keywitness(`rules test ${path} --from -30d --to -1d`)
  expect(cut.err).toContain(`go on with --from ${looked.to}`)
  expect(asked('POST /rules/test')).toEqual([
    { rule, from: '-7d' },
    { rule: { ...rule, id: 'other' }, from: '-30d', to: '-1d' },
  ])
})

test('versions say what each of them changed', async () => {
  const changedBy = { id: 'a', name: 'ana' }
  const later = { ...rule, when: { ...rule.when, threshold: 10 }, lists: { canaries: ['a', 'b'] } }
  const versions = [
    { version: 4, rule: null, isDeleted: true, changedAt: at, changedBy },
    { version: 3, rule: { ...later, lists: { canaries: ['b', 'c'] } }, isDeleted: false, changedAt: at, changedBy },
    { version: 2, rule: later, isDeleted: false, changedAt: at, changedBy },
    { version: 1, rule, isDeleted: false, changedAt: at, changedBy },
  ]
  answer('GET /rules/burst/versions', { versions })
  expect((await good('rules versions burst')).split('\n').map((line) => line.split('\t')[3])).toEqual([
    'deleted',
    'changed lists.canaries',
    'changed when.threshold, lists',
    'created',
    undefined,
  ])
  const head = (what: string) => `${at} by ana: ${what}\n`
  expect(await good('rules versions burst --diff 2')).toBe(
    `version 2 of burst, ${head('changed when.threshold, lists')}when.threshold: 5 → 10\nlists: (none) → {"canaries":["a","b"]}\n`,
  )
  expect(await good('rules versions burst --diff 3')).toContain('lists.canaries:\n  - "a"\n  + "c"\n')
  expect(await good('rules versions burst --diff 4')).toBe(`version 4 of burst, ${head('deleted')}`)
  expect((await terminal.keywitness('rules versions burst --diff 9')).exitCode).toBe(2)
})

test('an import that would delete rules says how many before it does', async () => {
  const old = { ...rule, id: 'old' }
  const gone = { ...rule, id: 'gone' }
  const format = 'keywitness-rules/1'
  answer('GET /rules/export', {
    format,
    rules: [
      { rule: old, enabled: true },
      { rule: gone, enabled: false },
    ],
    calendars: [],
  })
  answer('POST /rules/import', { created: 1, updated: 1, removed: 1, unchanged: 0 })
  const document = {
    format,
    rules: [
      { rule, enabled: true },
      { rule: old, enabled: false },
    ],
    calendars: [],
  }
  const path = file('all.json', document)
  const words = ['rules', 'import', path, '--reason', 'release 7']
  const { exitCode, err } = await terminal.keywitness([...words, '--replace'])
  expect({ exitCode, err }).toEqual({
    exitCode: 2,
    err: 'error: 1 rule would be created, 1 changed, 0 stay; 1 would be deleted: gone; if that is meant, add --yes\n',
  })
  expect(asked('POST /rules/import')).toEqual([])
  expect(await good([...words, '--replace', '--yes'])).toBe('1 rule created, 1 changed, 1 deleted; 0 were the same\n')
  await good(words)
  expect(asked('POST /rules/import')).toEqual([
    { ...document, mode: 'replace', reason: 'release 7' },
    { ...document, mode: 'add', reason: 'release 7' },
  ])
  const wrong = file('wrong.json', { format, rules: [{ rule: { ...rule, severity: 'mild' }, enabled: true }] })
  expect((await terminal.keywitness(['rules', 'import', wrong, '--reason', 'x'])).err).toContain(
    'wrong.json, burst: severity:',
  )
})

test('an export is written as it came', async () => {
  const document = { format: 'keywitness-rules/1', rules: [{ rule, enabled: true }], calendars: [] }
  answer('GET /rules/export', document)
  const path = join(terminal.folder, 'rules.json')
  expect(await good(`rules export -o ${path}`)).toBe(`${path}: 1 rule, 0 calendars\n`)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(document)
  expect(JSON.parse(await good('rules export'))).toEqual(document)
  expect((await terminal.keywitness(`rules export -o ${terminal.folder}`)).exitCode).toBe(2)
})
