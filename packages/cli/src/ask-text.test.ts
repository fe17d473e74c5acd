/** Asking for what may be seen: a line is taken as it is typed, and an interruption ends it. */
import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { askText, type TextInput } from './ask-text.ts'

class Keyboard extends EventEmitter {
  isPaused = true
  resume(): this {
    this.isPaused = false
    return this
  }
  pause(): this {
    this.isPaused = true
    return this
  }
}

function ask(
  keyboard: Keyboard,
  signal = new AbortController().signal,
): { answer: Promise<string>; shown: () => string } {
  let shown = ''
  const answer = askText('Location: ', keyboard as unknown as TextInput, (text) => (shown += text), signal)
  return { answer, shown: () => shown }
}

test('the answer is the first line, without spaces around it', async () => {
  const keyboard = new Keyboard()
  const { answer, shown } = ask(keyboard)
  for (const piece of [' [us-', Buffer.from('south] \nmore')]) keyboard.emit('data', piece)
  expect(await answer).toBe('[us-south]')
  expect(shown()).toBe('Location: ')
  expect(keyboard.isPaused).toBe(true)
  expect(keyboard.listenerCount('data') + keyboard.listenerCount('end')).toBe(0)
})

test('an interruption, before or while it waits, and the end of the input end it', async () => {
  const interrupted = new AbortController()
  const { answer } = ask(new Keyboard(), interrupted.signal)
  interrupted.abort()
  await expect(answer).rejects.toMatchObject({ code: 'INTERRUPTED' })
  await expect(ask(new Keyboard(), interrupted.signal).answer).rejects.toMatchObject({ code: 'INTERRUPTED' })
  const keyboard = new Keyboard()
  const ended = ask(keyboard).answer
  keyboard.emit('end')
  await expect(ended).rejects.toMatchObject({ code: 'INTERRUPTED' })
})

test('what is pasted without an end is taken up to a bound', async () => {
  const keyboard = new Keyboard()
  const { answer } = ask(keyboard)
  keyboard.emit('data', 'x'.repeat(10_000))
  expect(await answer).toHaveLength(4_096)
})
