/** Who is given bytes when: all within what one turn of the event loop may take, each as long as its address has time. */
import { expect, test } from 'vitest'
import { HandshakeTurns, type HandshakeWork } from './handshake-turns.ts'

const work: HandshakeWork = { bytes: 1_000, freeMs: 4, msPerSecond: 200, msBurst: 400, msPerTurn: 50 }
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function open() {
  const time = { now: 0, spent: 0 }
  const said: string[] = []
  const turns = new HandshakeTurns({
    work,
    sources: 10,
    monotonic: () => time.now,
    processorMs: () => time.spent,
  })
  const take = (source: string, ms: number): void =>
    turns.take({ source, refuse: () => void said.push(`${source} refused`) }, () => {
      expect(turns.current?.source).toBe(source)
      said.push(`${source} ${ms}`)
      time.spent += ms
    })
  return { time, said, turns, take }
}

test('what is dear goes first come, first served, and the rest waits for the next turn', async () => {
  const { said, take, turns } = open()
  for (const source of ['a', 'b', 'c', 'd', 'e']) take(source, 30)
  expect(said).toEqual(['a 30', 'b 30'])
  await turn()
  expect(said).toEqual(['a 30', 'b 30', 'c 30', 'd 30'])
  take('f', 1)
  expect(said).toHaveLength(4)
  await turn()
  expect(said.slice(4)).toEqual(['e 30', 'f 1'])
  expect(turns.current).toBeUndefined()
})

test('an address pays for what is beyond an honest flight, waits when it is in debt, and holds up nobody', async () => {
  const { said, take, time, turns } = open()
  for (let count = 0; count < 200; count++) {
    take('honest', 4)
    await turn()
  }
  expect(turns.hasTime('honest')).toBe(true)
  take('dear', 404)
  await turn()
  expect(turns.hasTime('dear')).toBe(true)
  take('dear', 104)
  take('dear', 1)
  await turn()
  take('dear', 1)
  take('other', 1)
  expect(said.slice(200)).toEqual(['dear 404', 'dear 104', 'dear refused', 'dear refused', 'other 1'])
  time.now += 499
  expect(turns.hasTime('dear')).toBe(false)
  time.now += 2
  expect(turns.hasTime('dear')).toBe(true)
})

test('bytes on which something breaks are paid for, and leave nobody behind', () => {
  const { turns, time } = open()
  const broken = (): void => {
    time.spent += 500
    throw new Error('broken')
  }
  expect(() => turns.take({ source: 'a', refuse: () => undefined }, broken)).toThrow('broken')
  expect(turns.current).toBeUndefined()
  expect(turns.hasTime('a')).toBe(false)
})
