/** The query language in the trail's line, in a real browser: typed, completed, refused at its place, kept in the address. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { people } from './fixture/events.ts'
import { Stage, isShown, isSkipped } from './fixture/stage.ts'

describe.skipIf(isSkipped)('the query line, in Chromium', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await Stage.open(400)
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  const line = (page: Page) => page.getByRole('combobox', { name: 'Search the trail' })
  const options = (page: Page) => page.getByRole('option')
  const severities = (page: Page): Promise<(string | null)[]> =>
    page
      .locator('[role="row"][data-severity]')
      .evaluateAll((rows) => [...new Set(rows.map((row) => row.getAttribute('data-severity')))])
  const askedFor = (part: string): string[] => stage.server.urls.filter((url) => url.includes(part))

  test('a query is typed with what is offered, by keyboard alone, and stands in the address', async () => {
    const page = await stage.signedIn()
    await page.keyboard.press('/')
    await page.keyboard.type('sev')
    await options(page).filter({ hasText: 'severity:' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    expect(await line(page).inputValue()).toBe('severity:')
    await page.keyboard.type('crit')
    await options(page).filter({ hasText: 'critical' }).first().waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    expect(await line(page).inputValue()).toBe('severity:critical ')
    await page.keyboard.type('-code:409')
    await page.keyboard.press('Enter')
    await page.waitForURL(/query=severity:critical\+-code:409/)
    await expect.poll(() => severities(page), { timeout: 5000 }).toEqual(['critical'])
    await page.reload()
    await page.locator('[role="row"][data-severity]').first().waitFor()
    expect(await line(page).inputValue()).toBe('severity:critical -code:409')
    await page.getByRole('button', { name: 'Remove the query' }).click()
    await expect.poll(() => severities(page), { timeout: 5000 }).toContain('normal')
  })

  test('a query that cannot be read is told at its place, and nothing is sent', async () => {
    const page = await stage.signedIn()
    await page.locator('[role="row"][data-index]').first().waitFor()
    stage.server.urls.length = 0
    await line(page).fill('initator:ana severity:critical')
    await page.getByText(/At character 1: .*initiator/).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'At character 1' }).waitFor()
    expect(
      await page
        .locator('[data-fault]')
        .filter({ hasText: /^initator:?$/ })
        .count(),
    ).toBe(1)
    expect(await line(page).getAttribute('aria-invalid')).toBe('true')
    await line(page).fill('severity:critical initator:ana')
    await page.getByText(/At character 19: /).waitFor()
    await line(page).fill('outcome:failure (')
    expect(await page.getByText(/At character/).count()).toBe(0)
    await page.keyboard.press('Enter')
    await page.getByText('At character 18').waitFor()
    expect([askedFor('/events?'), new URL(page.url()).searchParams.get('query')]).toEqual([[], null])
  })

  test('an address whose query cannot be read says so and asks nothing; one that is corrected works', async () => {
    const page = await stage.signedIn({}, '/trail/us-south?q=severity:huge')
    await page.getByRole('heading', { name: 'The query cannot be read' }).waitFor()
    expect(askedFor('/events?')).toEqual([])
    await line(page).fill('severity:warning')
    await page.keyboard.press('Enter')
    await expect.poll(() => severities(page), { timeout: 5000 }).toEqual(['warning'])
  })

  test('the live tail goes by the query, too', async () => {
    const page = await stage.signedIn({}, '/trail/us-south?query=NOT+severity:normal')
    await page.locator('[role="row"][data-severity]').first().waitFor()
    for (let i = 0; i < 30; i++) stage.happen()
    const newest = stage.log.events.findLastIndex(({ severity }) => severity !== 'normal')
    await page.locator(`[role="row"][data-index="${newest}"]`).waitFor()
    expect(await severities(page)).not.toContain('normal')
  })

  test('every value of the panel filters for it and out', async () => {
    const { id, host } = people.marek
    const index = stage.log.events.findLastIndex((event) => event.initiator.id === id)
    const page = await stage.signedIn({}, `/trail/us-south?event=${index}`)
    const panel = page.getByRole('complementary', { name: 'Event', exact: true })
    await panel.getByRole('button', { name: `Filter out Address ${host.address}` }).click()
    await page.waitForURL((url) => url.searchParams.get('query') === `NOT address:==${host.address}`)
    await panel.getByRole('button', { name: `Filter for Address ${host.address}` }).click()
    await page.waitForURL((url) => url.searchParams.get('query') === `address:==${host.address}`)
    await panel.getByRole('button', { name: `Filter out Id ${id}` }).click()
    await page.waitForURL((url) => url.searchParams.get('query') === `address:==${host.address} NOT initiator:==${id}`)
    expect(await isShown(page.getByText('No event matches'))).toBe(true)
  })
})
