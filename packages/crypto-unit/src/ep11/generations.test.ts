/** Who waits for prime numbers: no instance keeps all threads, and instances take turns. */
import { expect, test } from 'vitest'
import type { Holdings } from '../operation.ts'
import { inTurn } from '../slow-work.ts'
import { Generations } from './generations.ts'

/** Work that ends when it is told to, and says when it began. */
class Works {
  readonly generations = new Generations()
  readonly begun: string[] = []
  readonly #ends = new Map<string, (error?: Error) => void>()

  readonly #work = (name: string) => (): Promise<string> => {
    this.begun.push(name)
    return new Promise((resolve, reject) =>
      this.#ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error))),
    )
  }

  ask(instance: string, name: string): Promise<string> {
    return this.generations.run(instance, this.#work(name))
  }

  /** As KMIP does. */
  askOther(instance: string, name: string): Promise<string> {
    return inTurn({ ep11: { generations: this.generations } as Holdings['ep11'] }, instance, this.#work(name))
  }

  async end(name: string, error?: Error): Promise<void> {
    this.#ends.get(name)?.(error)
    await settled()
  }
}

/** Everything that can go on now has. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('an instance with many generations leaves threads to others, whatever came first', async () => {
  const works = new Works()
  const many = Array.from({ length: 16 }, (_, index) => works.ask('greedy', `greedy ${index}`))
  await settled()
  expect(works.begun).toEqual(['greedy 0', 'greedy 1'])
  const other = works.ask('other', 'other 0')
  await settled()
  expect(works.begun).toEqual(['greedy 0', 'greedy 1', 'other 0'])
  await works.end('other 0')
  expect(await other).toBe('other 0')
  for (const index of many.keys()) await works.end(`greedy ${index}`)
  expect(await Promise.all(many)).toHaveLength(16)
})

test('instances take turns where all threads are busy, and four run in all', async () => {
  const works = new Works()
  for (const index of [0, 1, 2, 3]) {
    void works.ask('a', `a${index}`)
    void works.ask('b', `b${index}`)
  }
  void works.ask('c', 'c0')
  void works.ask('c', 'c1')
  await settled()
  expect(works.begun).toEqual(['a0', 'b0', 'a1', 'b1'])
  for (const name of ['a0', 'b0', 'a1', 'b1', 'c0']) await works.end(name)
  expect(works.begun.slice(4)).toEqual(['a2', 'b2', 'c0', 'a3', 'b3'])
})

test('slow work of KMIP waits in the same line', async () => {
  const works = new Works()
  void works.ask('a', 'EP11')
  void works.askOther('a', 'KMIP')
  void works.askOther('a', 'KMIP, too')
  await settled()
  expect(works.begun).toEqual(['EP11', 'KMIP'])
  await works.end('EP11')
  expect(works.begun).toEqual(['EP11', 'KMIP', 'KMIP, too'])
})

test('one that fails makes room for the next', async () => {
  const works = new Works()
  const failing = works.ask('a', 'first').catch((error: unknown) => error)
  void works.ask('a', 'second')
  void works.ask('a', 'third')
  await settled()
  await works.end('first', new Error('no prime'))
  expect(await failing).toEqual(new Error('no prime'))
  expect(works.begun).toEqual(['first', 'second', 'third'])
})

test('those that wait count: 16 of an instance and 64 in all, and there is room again when one is through', async () => {
  const works = new Works()
  const fill = (instance: string): void => {
    for (let index = 0; index < 16; index++) void works.ask(instance, `${instance}${index}`)
  }
  fill('a')
  await expect(works.ask('a', 'more')).rejects.toThrow('Too many')
  for (const instance of ['b', 'c', 'd']) fill(instance)
  await expect(works.ask('e', 'e0')).rejects.toThrow('Too many')
  await settled()
  await works.end('a0')
  void works.ask('e', 'e0')
  await expect(works.ask('f', 'f0')).rejects.toThrow('Too many')
})
