/** Asking whether something is meant: yes is yes, and everything else is not. */
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { confirm } from './confirm.ts'

function ask(signal = new AbortController().signal) {
  const input = new PassThrough()
  const output = new PassThrough()
  return { input, answer: confirm('Go on? ', input, output, signal), shown: () => String(output.read()) }
}

test.each([
  ['yes\n', true],
  [' YES \n', true],
  ['y\n', false],
  ['no\n', false],
  ['\n', false],
])('%j is %s', async (typed, isMeant) => {
  const { input, answer, shown } = ask()
  expect(shown()).toBe('Go on? ')
  input.write(typed)
  expect(await answer).toBe(isMeant)
})

test('a terminal that is gone has not said yes', async () => {
  const { input, answer } = ask()
  input.end()
  expect(await answer).toBe(false)
})

test('an interrupt ends the question', async () => {
  const interrupted = new AbortController()
  const { answer } = ask(interrupted.signal)
  interrupted.abort()
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
})
