/**
 * A trail of a million events in a real browser: what a key press costs is counted, and does not grow with the list. Two
 * times are promised to people, and held to the best of some tries, so that a busy machine does not speak for the page:
 * the first rows of a search within a second, a key press painted within 100 ms. The others are printed, not judged.
 */
import { formatEventTime } from '@keywitness/cadf'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleDay, sampleEvent } from './fixture/events.ts'
import { Stage, isSkipped } from './fixture/stage.ts'

const events = 1_000_000
const promised = { firstRowsMs: 1_000, paintMs: 100 } as const
/** Tries until one keeps the promise. */
const triesMax = 8
/** Events between the first ones of two searches. */
const apart = 1_000
/** So many are scrolled through; what the list keeps at most is a matter of its unit tests. */
const scrolled = 8_000
const day = sampleDay(11)
const start = Date.now() - events * 1_000
const templates = Array.from({ length: 60 }, (_, i) => sampleEvent(day.next().value, start, i))

/** Made when it is asked for: a page of the trail from an index down. */
function pageFrom(from: number, limit: number): object {
  const count = Math.min(limit, from + 1)
  const items = Array.from({ length: count }, (_, i) => {
    const index = from - i
    const event = templates[index % templates.length]
    return { index, event: { ...event, eventTime: formatEventTime(start + index * 1_000) }, leafHash: '' }
  })
  const next = from - count
  return { events: items, next: next < 0 ? null : String(next), covered: 0 }
}

describe.skipIf(isSkipped)('a long trail, in Chromium', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await Stage.open(50)
  })
  afterAll(() => stage.close())

  const rows = (page: Page) => page.locator('[role="row"][data-index]')

  test(
    'first rows come with the first page, and a key press costs the same wherever one is',
    { timeout: 180_000 },
    async () => {
      const page = await stage.page()
      let pages = 0
      let searches = 0
      await page.route(/\/v1\/trackers\/us-south\/events\?/, async (route) => {
        const params = new URL(route.request().url()).searchParams
        pages += 1
        // Each search begins far from the one before: by that its rows are known.
        if (params.get('cursor') === null) searches += 1
        const from = Number(params.get('cursor') ?? events - searches * apart)
        await route.fulfill({ json: pageFrom(from, Number(params.get('limit'))) })
      })
      await page.goto(stage.server.signInUrl.replace('/#', '/trail/us-south#'))
      await rows(page).first().waitFor()
      const [seen, pagesAtFirst] = [await rows(page).count(), pages]
      expect([seen > 10, seen < 80, pagesAtFirst]).toEqual([true, true, 1])
      const firstRowsMs = await best(promised.firstRowsMs, () => firstRows(page, events - (searches + 1) * apart))
      const atTop = await cost(page, 'ArrowDown', 20)

      const grid = page.getByRole('grid')
      await expect
        .poll(
          async () => {
            await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight))
            return page.evaluate(() => {
              const last = [...document.querySelectorAll('[role="row"][data-index]')].at(-1)
              return Number(last?.getAttribute('aria-rowindex') ?? 0)
            })
          },
          { timeout: 90_000, interval: 20 },
        )
        .toBeGreaterThan(scrolled)
      await page.keyboard.press('End')
      const farDown = await cost(page, 'ArrowUp', 20)
      const byPages = await cost(page, 'PageUp', 10)
      process.stdout.write(
        `first rows ${firstRowsMs.toFixed(0)} ms; at the top ${told(atTop)}; ${scrolled} rows down ${told(farDown)}; by pages ${told(byPages)}\n`,
      )
      expect(firstRowsMs).toBeLessThan(promised.firstRowsMs)

      // The same work at the top and far down, with room for rows that come and go at the edges.
      expect(farDown.nodes).toBeLessThanOrEqual(Math.max(2 * atTop.nodes, 400))
      expect(byPages.nodes / 10).toBeLessThan(4_000)
      for (const { elements, rowsShown, longestMs } of [atTop, farDown, byPages]) {
        expect(rowsShown).toBeLessThan(80)
        expect(elements).toBeLessThan(4_000)
        expect(longestMs).toBeLessThan(1_000)
      }
      for (const [key, once] of [
        ['ArrowUp', farDown],
        ['PageUp', byPages],
      ] as const) {
        let first: number | undefined = once.paintMs
        const paintMs = await best(promised.paintMs, async () => {
          const tried = first ?? (await cost(page, key, 10)).paintMs
          first = undefined
          return tried
        })
        expect([key, paintMs < promised.paintMs]).toEqual([key, true])
      }
      await stage.reset()
    },
  )
})

/** The least of some tries; no more of them than it takes to be below what is promised. */
async function best(promisedMs: number, measure: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < triesMax && least >= promisedMs; tries++) least = Math.min(least, await measure())
  return least
}

/** From a filter's being pressed to the frame that shows the first row of what it finds, whose index is known. */
function firstRows(page: Page, index: number): Promise<number> {
  return page.getByRole('button', { name: 'Critical', exact: true }).evaluate(async (button, wanted) => {
    const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve))
    const began = performance.now()
    if (button instanceof HTMLElement) button.click()
    while (document.querySelector(`[role="row"][data-index="${wanted}"]`) === null) await frame()
    return (await frame()) - began
  }, index)
}

interface Cost {
  /** Nodes put into the page by all presses together. */
  readonly nodes: number
  /** Elements in the page afterwards. */
  readonly elements: number
  readonly rowsShown: number
  /** The longest task; 0 when none was longer than 50 ms. */
  readonly longestMs: number
  /** From a press to the next frame, the median. */
  readonly paintMs: number
}

const told = ({ paintMs, longestMs, nodes }: Cost): string =>
  `${paintMs.toFixed(0)} ms from key to paint (longest task ${longestMs.toFixed(0)} ms, ${nodes} nodes)`

/** What so many presses of a key in the list cost. */
async function cost(page: Page, key: string, presses: number): Promise<Cost> {
  await page.getByRole('grid').focus()
  await page.evaluate(() => {
    const counted = { nodes: 0, longestMs: 0, paints: [] as number[] }
    Object.assign(window, { counted })
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes)
        for (const node of addedNodes)
          counted.nodes += node instanceof Element ? node.querySelectorAll('*').length + 1 : 1
    }).observe(document.body, { childList: true, subtree: true })
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) counted.longestMs = Math.max(counted.longestMs, duration)
    }).observe({ type: 'longtask' })
    window.addEventListener(
      'keydown',
      ({ timeStamp }) => requestAnimationFrame(() => counted.paints.push(performance.now() - timeStamp)),
      { capture: true },
    )
  })
  for (let i = 0; i < presses; i++) await page.keyboard.press(key)
  return page.evaluate(async () => {
    // The last press is drawn in the frame after this one.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    const { counted } = window as unknown as { counted: { nodes: number; longestMs: number; paints: number[] } }
    return {
      nodes: counted.nodes,
      longestMs: counted.longestMs,
      elements: document.querySelectorAll('*').length,
      rowsShown: document.querySelectorAll('[role="row"][data-index]').length,
      paintMs: counted.paints.toSorted((a, b) => a - b)[Math.floor(counted.paints.length / 2)] ?? 0,
    }
  })
}
