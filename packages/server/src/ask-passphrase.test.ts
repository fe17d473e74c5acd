/** Asking for the passphrase: nothing typed is shown, and the terminal is left as it was. */
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { askPassphrase, TerminalClosed } from './ask-passphrase.ts'

function terminal() {
  const modes: boolean[] = []
  const input = Object.assign(new PassThrough(), { setRawMode: (isRaw: boolean) => modes.push(isRaw) })
  const output = new PassThrough()
  let interrupts = 0
  const ask = (): Promise<string> => askPassphrase('Passphrase: ', { input, output, onInterrupt: () => interrupts++ })
  return { input, modes, ask, shown: () => String(output.read() ?? ''), interrupts: () => interrupts }
}

test('the answer is the line that was typed, with its editing, and none of it is shown', async () => {
  const { input, modes, ask, shown } = terminal()
  const answer = ask()
  for (const piece of ['wrong\u0015', 'hun', '\u001b[A', 'tex\u007f', 'r2 Füße', '\r']) input.write(piece)
  expect(await answer).toBe('hunter2 Füße')
  expect(shown()).toBe('Passphrase: \n')
  expect(modes).toEqual([true, false])
})

test('it can ask again', async () => {
  const { input, modes, ask } = terminal()
  const first = ask()
  input.write('one\r')
  expect(await first).toBe('one')
  const second = ask()
  input.write('two\r')
  expect(await second).toBe('two')
  expect(modes).toEqual([true, false, true, false])
})

test('Ctrl-C is told, with the terminal as it was, and gives no answer', async () => {
  const { input, modes, ask, interrupts } = terminal()
  let isAnswered = false
  void ask().then(() => (isAnswered = true))
  input.write('half\u0003')
  while (interrupts() === 0) await new Promise(setImmediate)
  await new Promise(setImmediate)
  expect({ isAnswered, modes, interrupts: interrupts() }).toEqual({
    isAnswered: false,
    modes: [true, false],
    interrupts: 1,
  })
})

test.each([
  ['Ctrl-D', (input: PassThrough) => void input.write('\u0004')],
  ['the end of the terminal', (input: PassThrough) => void input.end()],
])('%s is an error, not an empty answer', async (_what, close) => {
  const { input, ask } = terminal()
  const answer = ask()
  close(input)
  await expect(answer).rejects.toBeInstanceOf(TerminalClosed)
})
