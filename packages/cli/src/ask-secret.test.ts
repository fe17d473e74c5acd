/** Asking for a secret: what is typed is taken and not shown, and the terminal is left as it was. */
import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { askSecret, type SecretInput } from './ask-secret.ts'

class Keyboard extends EventEmitter {
  readonly modes: boolean[] = []
  isPaused = true
  setRawMode(isRaw: boolean): this {
    this.modes.push(isRaw)
    return this
  }
  resume(): this {
    this.isPaused = false
    return this
  }
  pause(): this {
    this.isPaused = true
    return this
  }
}

function ask(keyboard: Keyboard): { answer: Promise<string>; shown: () => string } {
  let shown = ''
  const answer = askSecret('Password: ', keyboard as unknown as SecretInput, (text) => (shown += text))
  return { answer, shown: () => shown }
}

test('the answer is what was typed up to the end of the line, and none of it is shown', async () => {
  const keyboard = new Keyboard()
  const { answer, shown } = ask(keyboard)
  for (const piece of ['hun', 'tex\u007f', Buffer.from('r2\rmore')]) keyboard.emit('data', piece)
  expect(await answer).toBe('hunter2')
  expect(shown()).toBe('Password: \n')
  expect(keyboard.modes).toEqual([true, false])
  expect(keyboard.isPaused).toBe(true)
  expect(keyboard.listenerCount('data')).toBe(0)
})

test('the question is shown when nothing that is typed is shown any more', async () => {
  const keyboard = new Keyboard()
  const atQuestion: boolean[][] = []
  const answer = askSecret('Password: ', keyboard as unknown as SecretInput, () => atQuestion.push([...keyboard.modes]))
  keyboard.emit('data', '\r')
  await answer
  expect(atQuestion[0]).toEqual([true])
})

test('Ctrl-C ends the command, and the terminal is left as it was', async () => {
  const keyboard = new Keyboard()
  const { answer } = ask(keyboard)
  keyboard.emit('data', 'x\u0003')
  await expect(answer).rejects.toMatchObject({ code: 'INTERRUPTED' })
  expect(keyboard.modes).toEqual([true, false])
})

test('what is pasted is taken up to a bound', async () => {
  const keyboard = new Keyboard()
  const { answer } = ask(keyboard)
  keyboard.emit('data', `${'x'.repeat(10_000)}\n`)
  expect(await answer).toHaveLength(4_096)
})
