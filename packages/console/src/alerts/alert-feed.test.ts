/** The list of alerts over time: complete, in order, and still while it is being read. */
import { expect, test } from 'vitest'
import type { Alert, AlertsPage, AlertsQuery } from '../api/alert-types.ts'
import { ApiError } from '../api/problem.ts'
import { AlertFeed } from './alert-feed.ts'
import { placeOf } from './alert-rows.ts'

function alert(number: number, change: Partial<Alert> = {}): Alert {
  const at = '2025-11-25T12:00:00Z'
  return {
    id: String(number).padStart(6, '0'),
    rule: 'key-deleted',
    ruleName: 'A key was deleted',
    ruleVersion: 1,
    severity: 'critical',
    state: 'open',
    isMuted: false,
    title: `A key was deleted: ${number}`,
    text: '',
    remedy: '',
    group: [],
    count: 1,
    firstAt: at,
    lastAt: at,
    raisedAt: at,
    ...change,
  }
}

/** A server that lists what it has, newest first. */
class Listed {
  alerts: Alert[]
  fails = false
  reads = 0

  constructor(count: number) {
    this.alerts = Array.from({ length: count }, (_, i) => alert(i + 1))
  }

  list(query: AlertsQuery, { limit, after = '~' }: { limit: number; after?: string }): Promise<AlertsPage> {
    this.reads += 1
    if (this.fails) return Promise.reject(new ApiError({ status: 500, code: 'INTERNAL', message: 'no' }))
    const isListed = (one: Alert): boolean => (query.state === undefined ? one.state !== 'closed' : true)
    const found = this.alerts.filter((one) => one.id < after && isListed(one)).sort((a, b) => (a.id < b.id ? 1 : -1))
    const page = found.slice(0, limit)
    return Promise.resolve({ alerts: page, next: found.length > limit ? (page.at(-1)?.id ?? null) : null })
  }

  change(number: number, change: Partial<Alert>): void {
    this.alerts = this.alerts.map((one) => (one.id === alert(number).id ? { ...one, ...change } : one))
  }
}

async function opened(count: number): Promise<{ server: Listed; feed: AlertFeed; numbers: () => number[] }> {
  const server = new Listed(count)
  const feed = new AlertFeed(server, {})
  await feed.refresh()
  return { server, feed, numbers: () => feed.state.rows.map(({ id }) => Number(id)) }
}

test('a new alert appears on top when the list is read again', async () => {
  const { server, feed, numbers } = await opened(2)
  server.alerts.push(alert(3))
  await feed.refresh()
  expect(numbers()).toEqual([3, 2, 1])
  expect(feed.state.held).toBe(0)
})

test('while held nothing moves: what is new is counted, and shown when it may be', async () => {
  const { server, feed, numbers } = await opened(3)
  feed.hold(true)
  server.alerts.push(alert(4), alert(5))
  server.change(2, { state: 'closed' })
  server.change(1, { count: 7 })
  await feed.refresh()
  expect(numbers()).toEqual([3, 2, 1])
  expect(feed.state.held).toBe(2)
  expect([...feed.state.left]).toEqual([alert(2).id])
  expect(feed.state.rows.at(-1)?.count).toBe(7)
  feed.hold(false)
  expect(numbers()).toEqual([5, 4, 3, 1])
  expect(feed.state.held).toBe(0)
  expect(feed.state.left.size).toBe(0)
})

test('older alerts come page by page, each once, to the end', async () => {
  const { feed, numbers } = await opened(250)
  expect(feed.state.older).toBe('more')
  await feed.loadOlder()
  await feed.loadOlder()
  expect(numbers()).toEqual(Array.from({ length: 250 }, (_, i) => 250 - i))
  expect(feed.state.older).toBe('end')
})

test('older rows stay when the newest are read again, also after some of them were closed', async () => {
  const { server, feed, numbers } = await opened(250)
  await feed.loadOlder()
  server.change(240, { state: 'closed' })
  server.alerts.push(alert(251))
  await feed.refresh()
  const still = Array.from({ length: 200 }, (_, i) => 250 - i).filter((number) => number !== 240)
  expect(numbers()).toEqual([251, ...still])
  await feed.loadOlder()
  expect(numbers()).toHaveLength(250)
})

test('when more is new than a page holds, the list begins anew and nothing is missing in it', async () => {
  const { server, feed, numbers } = await opened(10)
  for (let number = 11; number <= 160; number++) server.alerts.push(alert(number))
  await feed.refresh()
  expect(numbers()).toHaveLength(100)
  await feed.loadOlder()
  expect(numbers()).toEqual(Array.from({ length: 160 }, (_, i) => 160 - i))
})

test('an alert that its reader closed stays in its place, marked as one that left', async () => {
  const { feed, numbers } = await opened(3)
  feed.changed(alert(2, { state: 'closed' }))
  expect(numbers()).toEqual([3, 2, 1])
  expect([...feed.state.left]).toEqual([alert(2).id])
  feed.changed(alert(2))
  expect(feed.state.left.size).toBe(0)
})

test('a reading that fails is said, and what was read before stays', async () => {
  const { server, feed, numbers } = await opened(2)
  server.fails = true
  await feed.refresh()
  expect(feed.state).toMatchObject({ phase: 'ready', error: { code: 'INTERNAL' } })
  expect(numbers()).toEqual([2, 1])
  server.fails = false
  await feed.refresh()
  expect(feed.state.error).toBeUndefined()
})

test('a first reading that fails is a failure', async () => {
  const server = new Listed(2)
  server.fails = true
  const feed = new AlertFeed(server, {})
  await feed.refresh()
  expect(feed.state.phase).toBe('failed')
})

test('asked while it reads, it reads once more and not for every asking', async () => {
  const { server, feed } = await opened(1)
  const before = server.reads
  await Promise.all([feed.refresh(), feed.refresh(), feed.refresh(), feed.refresh()])
  expect(server.reads - before).toBe(2)
})

test('an alert that is not listed has the place where it would stand', () => {
  const rows = [alert(5), alert(3), alert(1)]
  expect(placeOf(rows, alert(3).id)).toEqual({ row: 1, isThere: true })
  expect(placeOf(rows, alert(4).id)).toEqual({ row: 1, isThere: false })
  expect(placeOf(rows, alert(0).id)).toEqual({ row: 3, isThere: false })
})
