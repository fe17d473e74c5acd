/** The program as a whole: help, wrong command lines, completion, its reference page, and the real executable. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { createProgram } from '../src/program.ts'
import { cliReference } from '../src/reference.ts'
import { processSurroundings } from '../src/surroundings.ts'
import { terminalAt } from './in-process.ts'

const terminal = terminalAt(undefined)
const main = new URL('../keywitness.mjs', import.meta.url).pathname

/** Runs the executable as a shell would. */
async function shell(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, ...terminal.environment }
  try {
    const { stdout, stderr } = await promisify(execFile)(main, words, { env, cwd: terminal.folder })
    return { code: 0, stdout, stderr }
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string }
  }
}

function all(command: Command, path: string): [string, Command][] {
  return [[path, command], ...command.commands.flatMap((child) => all(child, `${path} ${child.name()}`.trim()))]
}

const program = createProgram(processSurroundings(), '0')
const actions = all(program, '').filter(([path, { commands }]) => commands.length === 0 && !path.startsWith('comple'))

test.each(actions)('help of "%s" has examples', async (path) => {
  const { exitCode, out } = await terminal.keywitness([...path.split(' '), '--help'])
  expect(exitCode).toBe(0)
  expect(out).toMatch(/\nExamples:\n {2}\$ keywitness /)
})

test('every example is a command line that the program takes', () => {
  const help = actions.map(([, command]) => {
    let text = ''
    command.configureOutput({ writeOut: (piece) => (text += piece) }).outputHelp()
    return text
  })
  const examples = help.flatMap((text) => [...text.matchAll(/\$ keywitness (.*)/g)].map(([, words = '']) => words))
  expect(examples.length).toBeGreaterThan(30)
  for (const example of examples) {
    const words = [...example.replace(/ >.*/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
      ([, quoted, bare]) => quoted ?? bare!,
    )
    const deepest = all(program, '').findLast(([path]) => path !== '' && example.startsWith(path))
    const [path, command] = deepest!
    const rest = words.slice(path.split(' ').length)
    const { operands, unknown } = command.parseOptions(rest)
    expect({ example, unknown }).toEqual({ example, unknown: [] })
    const { registeredArguments } = command
    expect(operands.length).toBeLessThanOrEqual(registeredArguments.length)
    expect(operands.length).toBeGreaterThanOrEqual(registeredArguments.filter(({ required }) => required).length)
  }
})

test.each([
  ['nothing', []],
  ['an unknown command', ['nonsense']],
  ['an unknown option', ['status', '--nonsense']],
  ['a missing argument', ['verify']],
  ['an argument too many', ['verify', 'a', 'b']],
  ['a value that is none', ['events', 'list', '--limit', '0']],
  ['a value beyond the bound', ['events', 'list', '--limit', '100001']],
  ['a choice there is not', ['events', 'list', '--order', 'sideways']],
  ['a severity there is not', ['events', 'list', '--severity', 'mild']],
])('%s is exit code 2 with a word about it', async (_what, words) => {
  const { exitCode, out, err } = await terminal.keywitness(words)
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' })
  expect(err.length).toBeGreaterThan(10)
})

test('the reference page is what the program says', async () => {
  const page = new URL('../../../docs/reference/cli.md', import.meta.url).pathname
  await expect(cliReference(createProgram(processSurroundings(), ''))).toMatchFileSnapshot(page)
})

test('the executable runs, with exit codes and without colours in a pipe', async () => {
  expect(await shell('--version')).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' })
  const { code, stdout, stderr } = await shell('status')
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  expect(stderr).toMatch(/^error: no server is running here: .*run\.json is not there; start one with npm start.*\n$/)
  expect(await shell('nonsense')).toMatchObject({ code: 2 })
})

test('a Node that is too old is told in one line', async () => {
  const old = "data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.1.0'}})"
  const failed = await promisify(execFile)(process.execPath, ['--import', old, main, 'status']).catch(
    (error: unknown) => error,
  )
  expect(failed).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^error: keywitness needs Node\.js 24, and this is 20\.1\.0;.*\n$/),
  })
})

test('it completes commands, options and choices, and writes completion scripts', async () => {
  expect((await shell('complete', '--', 'events', '')).stdout).toContain('receipt\t')
  expect((await shell('complete', '--', 'log', 'verify', '--h')).stdout).toContain('--head\t')
  for (const name of ['bash', 'zsh', 'fish']) {
    expect((await shell('completion', name)).stdout).toContain('keywitness')
  }
})
