/** Turns of questions: nobody waits for another's many, what is withdrawn is never asked, nothing is lost. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { QuestionQueue } from './question-queue.ts'

interface Question {
  readonly id: number
  readonly group: string
}

function queue(waitingMax: number) {
  const sent: string[] = []
  let id = 0
  const asked = new QuestionQueue<Question>(1, (one) => sent.push(`${one.group}${one.id}`))
  const add = (question: Question): boolean => asked.add(question, waitingMax)
  return { asked, add, sent, question: (group: string): Question => ({ id: ++id, group }) }
}

test('one question overtakes all but the first of another group’s two hundred', () => {
  const { asked, add, sent, question } = queue(300)
  for (let count = 0; count < 200; count++) add(question('a'))
  add(question('b'))
  asked.done(1)
  asked.done(2)
  expect(sent).toEqual(['a1', 'a2', 'b201'])
})

test('a group has a bounded number waiting, and others are not refused for it', () => {
  const { add, question } = queue(3)
  const taken = Array.from({ length: 10 }, () => add(question('a')))
  expect(taken.filter(Boolean)).toHaveLength(1 + 3)
  expect(add(question('b'))).toBe(true)
})

test('what is withdrawn while it waits is never asked, and makes room', () => {
  const { asked, add, sent, question } = queue(1)
  const [first, second, third] = [question('a'), question('a'), question('a')]
  add(first)
  add(second)
  expect(asked.withdraw(second)).toBe(true)
  expect(asked.withdraw(second)).toBe(false)
  expect(asked.withdraw(first)).toBe(false)
  expect(add(third)).toBe(true)
  asked.done(first.id)
  expect(sent).toEqual(['a1', 'a3'])
})

test('every question taken and not withdrawn is sent once, in its group’s order, never too many at a time', () => {
  const step = fc.record({ act: fc.constantFrom('add', 'done', 'withdraw'), group: fc.constantFrom('a', 'b', 'c') })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 4 }), (steps, atOnce) => {
      const sent: Question[] = []
      const asked = new QuestionQueue<Question>(atOnce, (one) => sent.push(one))
      const expected: Question[] = []
      let answered = 0
      for (const [id, { act, group }] of steps.entries()) {
        const question = { id, group }
        if (act === 'add' && asked.add(question, 5)) expected.push(question)
        const last = expected.at(-1)
        if (act === 'withdraw' && last !== undefined && asked.withdraw(last)) expected.pop()
        if (act === 'done' && answered < sent.length) asked.done(sent[answered++]?.id ?? -1)
        expect(sent.length - answered).toBeLessThanOrEqual(atOnce)
      }
      while (answered < sent.length) asked.done(sent[answered++]?.id ?? -1)
      for (const name of ['a', 'b', 'c']) {
        const of = (all: typeof sent) => all.filter(({ group }) => group === name).map(({ id }) => id)
        expect(of(sent)).toEqual(of(expected))
      }
    }),
    { seed: Number(process.env['SEED'] ?? 5) },
  )
})
