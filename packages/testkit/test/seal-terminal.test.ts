/** The passphrase of the seal asked for at a real pseudo-terminal, made by `script` of util-linux. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { protectSeal } from '@keywitness/crypto-unit/seal-envelope'
import { afterEach, expect, test } from 'vitest'
import { newDataFolder, startProduct } from '../src/index.ts'
import { programs } from '../src/product.ts'

const script = '/usr/bin/script'
const isPossible = process.platform === 'linux' && existsSync(script)
const passphrase = 'correct horse battery staple'
const ends: (() => Promise<unknown>)[] = []
const folders: string[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true })
})

/** A stopped data folder whose seal is under the passphrase. */
async function protectedFolder(): Promise<string> {
  const data = newDataFolder()
  folders.push(data)
  await (await startProduct({ data })).stop()
  const file = join(data, 'seal.key')
  writeFileSync(file, protectSeal(readFileSync(file), passphrase))
  return data
}

/** The server at a terminal of its own; `redirection` is the shell's, such as `2>file`. */
function startAtTerminal(data: string, redirection = '') {
  const child = spawn(
    script,
    ['-qefc', `exec '${process.execPath}' '${programs.product}' ${redirection}`, '/dev/null'],
    {
      cwd: data,
      env: {
        PATH: process.env['PATH'] ?? '',
        TERM: 'xterm',
        KEYWITNESS_DATA: data,
        KEYWITNESS_HTTP: '127.0.0.1:0',
        KEYWITNESS_HTTP_PRIVATE: '127.0.0.1:0',
        KEYWITNESS_KMIP: '127.0.0.1:0',
        KEYWITNESS_EP11: '127.0.0.1:0',
        KEYWITNESS_EP11_PRIVATE: '127.0.0.1:0',
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  let shown = ''
  let hasEnded = false
  child.stdout.on('data', (piece: Buffer) => (shown += piece.toString()))
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      hasEnded = true
      resolve(code)
    })
  })
  ends.push(() => {
    if (!hasEnded) child.kill('SIGKILL')
    return ended
  })
  return {
    ended,
    shown: () => shown,
    type: (keys: string) => child.stdin.write(keys),
    /** Until the terminal shows `text` for the `times`-th time. */
    shows: async (text: string, times = 1): Promise<void> => {
      while (shown.split(text).length <= times) {
        if (hasEnded) throw new Error(`it ended without showing ${text}:\n${shown}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
  }
}

const question = (data: string): string => `Passphrase of the seal ${join(data, 'seal.key')}: `

test.skipIf(!isPossible)('the server asks, shows nothing that is typed, and starts with the right one', async () => {
  const data = await protectedFolder()
  const terminal = startAtTerminal(data)
  await terminal.shows(question(data))
  expect(existsSync(join(data, 'run.json'))).toBe(false)
  terminal.type('not the passphrase\r')
  await terminal.shows('It does not open the seal. 2 more attempts.')
  await terminal.shows(question(data), 2)
  terminal.type(`${passphrase}\r`)
  await terminal.shows('Keywitness is ready')
  expect(terminal.shown()).not.toContain('horse')
  expect(terminal.shown()).not.toContain('not the passphrase')
  // The terminal sends signals again.
  terminal.type('\u0003')
  expect(await terminal.ended).toBe(0)
  expect(terminal.shown()).toContain('SIGINT: draining … stopped')
})

test.skipIf(!isPossible)('after three wrong ones the start fails as with a wrong setting', async () => {
  const data = await protectedFolder()
  const before = readdirSync(data)
  const terminal = startAtTerminal(data)
  for (const attempt of [1, 2, 3]) {
    await terminal.shows(question(data), attempt)
    terminal.type('not the passphrase\r')
  }
  expect(await terminal.ended).toBe(78)
  expect(terminal.shown()).toContain('One more attempt.')
  expect(terminal.shown()).toMatch(/cannot start: .*The passphrase is another one.* \(SEAL\)/)
  expect(readdirSync(data)).toEqual(before)
})

test.skipIf(!isPossible).each([
  ['Ctrl-C', '\u0003', 130, ''],
  ['Ctrl-D', '\u0004', 78, 'and none was typed. (SEAL)'],
])('%s at the question ends the start cleanly', async (_what, key, code, words) => {
  const data = await protectedFolder()
  const terminal = startAtTerminal(data)
  await terminal.shows(question(data))
  terminal.type(`half of it${key}`)
  if (key === '\u0004') terminal.type('\u0015\u0004')
  expect(await terminal.ended).toBe(code)
  expect(terminal.shown()).toContain(words)
  expect(terminal.shown()).not.toContain('half of it')
  expect(terminal.shown()).not.toMatch(/\bat .*:\d+:\d+/)
})

test.skipIf(!isPossible)('where standard error leads into a file, the question is still seen', async () => {
  const data = await protectedFolder()
  const terminal = startAtTerminal(data, '2>errors')
  await terminal.shows(question(data))
  terminal.type('\u0003')
  expect(await terminal.ended).toBe(130)
  expect(readFileSync(join(data, 'errors'), 'utf8')).toBe('')
})

test.skipIf(!isPossible)('where nobody would see the question, it is not asked', async () => {
  const data = await protectedFolder()
  const terminal = startAtTerminal(data, '>said 2>&1')
  expect(await terminal.ended).toBe(78)
  expect(readFileSync(join(data, 'said'), 'utf8')).toContain('start at a terminal, which asks for it')
})
