/** The trail's numbers in a real browser: bars over time, values with their counts; by pointer, by keyboard, as words. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Stage, isShown, isSkipped } from './fixture/stage.ts'

describe.skipIf(isSkipped)("the trail's numbers, in Chromium", () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await Stage.open(600)
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  const chart = (page: Page) => page.getByRole('application', { name: 'Events over time' })
  /** The bars can be chosen when they are counted. */
  const counted = (page: Page) =>
    section(page)
      .getByText(/^\d+ events?$/)
      .waitFor()
  const section = (page: Page) => page.getByRole('region', { name: 'Events over time', exact: true })
  const asked = (view: string): string[] => stage.server.urls.filter((url) => url.includes(`/${view}?`))

  test('bars are asked for once, and count every event, also those that come', async () => {
    const page = await stage.signedIn()
    await section(page).getByText(`${stage.log.size} events`).waitFor()
    stage.happen()
    await section(page).getByText(`${stage.log.size} events`).waitFor()
    expect(asked('histogram')).toHaveLength(1)
    await section(page).getByRole('button', { name: 'Outcome' }).click()
    await page.waitForURL(/by=outcome/)
    await section(page).getByText('Failure', { exact: true }).waitFor()
    expect(await isShown(section(page).getByText(`${stage.log.size} events`))).toBe(true)
    expect(asked('histogram')).toHaveLength(2)
  })

  test('numbers of the newest events only are said to be at least so many', async () => {
    stage.server.switches.isCut = true
    const page = await stage.signedIn()
    expect(await isShown(section(page).getByText(`at least ${stage.log.size} events`))).toBe(true)
  })

  test('by keyboard one hears the bars, selects some and narrows the time to them', async () => {
    const page = await stage.signedIn()
    await counted(page)
    await chart(page).focus()
    await page.keyboard.press('Home')
    const said = section(page).locator('[aria-live="polite"]')
    await expect
      .poll(() => said.innerText(), { timeout: 5000 })
      .toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d to .*\d\d:\d\d: \d+ events?, /)
    const one = await said.innerText()
    await page.keyboard.press('Shift+ArrowRight')
    await expect.poll(() => said.innerText(), { timeout: 5000 }).not.toBe(one)
    await page.keyboard.press('Enter')
    await page.waitForURL(/from=.*to=/)
    await page.getByText('Past only').waitFor()
    await counted(page)
    // One can go on narrowing: the bars have kept the focus.
    expect(await chart(page).evaluate((bars) => bars === document.activeElement)).toBe(true)
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Escape')
    expect(await page.getByRole('grid').evaluate((grid) => grid === document.activeElement)).toBe(true)
  })

  test('a drag narrows the time; one bar is chosen by a click and narrowed to by a button', async () => {
    const page = await stage.signedIn()
    await counted(page)
    const box = await chart(page).boundingBox()
    if (box === null) throw new Error('no chart')
    const y = box.y + box.height / 2
    await page.mouse.click(box.x + box.width * 0.4, y)
    await section(page).getByRole('button', { name: 'Narrow to this time' }).waitFor()
    await page.mouse.move(box.x + box.width * 0.5, y)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.7, y, { steps: 4 })
    await page.mouse.up()
    await page.waitForURL(/from=.*to=/)
    await page.getByText('Past only').waitFor()
    expect(Date.parse(new URL(page.url()).searchParams.get('to') ?? '')).toBeLessThan(Date.now())
  })

  test('the same numbers stand in a table, whose rows narrow the time', async () => {
    const page = await stage.signedIn()
    await section(page).getByRole('button', { name: 'As a table' }).click()
    const rows = page.getByRole('region', { name: 'Events over time, as a table' }).getByRole('row')
    await rows.nth(1).waitFor()
    const totals = await rows.evaluateAll((all) => all.slice(1).map((row) => Number(row.lastElementChild?.textContent)))
    expect(totals.reduce((sum, count) => sum + count, 0)).toBe(stage.log.size)
    await rows.nth(2).getByRole('button').click()
    expect(await page.waitForURL(/from=.*to=/)).toBeUndefined()
  })

  test('hidden bars stay hidden, and are not asked for', async () => {
    const page = await stage.signedIn()
    await chart(page).waitFor()
    await page.getByRole('button', { name: 'Histogram', exact: true }).click()
    await chart(page).waitFor({ state: 'detached' })
    stage.server.urls.length = 0
    await page.reload()
    await page.locator('[role="row"][data-index]').first().waitFor()
    expect(await chart(page).count()).toBe(0)
    expect(asked('histogram')).toEqual([])
  })

  test('numbers that cannot be had are said, and the list is there all the same', async () => {
    stage.server.switches.refuseSummaries = 500
    const page = await stage.signedIn()
    await section(page).getByText('The events could not be counted').waitFor()
    stage.server.switches.refuseSummaries = undefined
    await section(page).getByRole('button', { name: 'Try again' }).click()
    await section(page).getByText(`${stage.log.size} events`).waitFor()
    expect(await page.locator('[role="row"][data-index]').count()).toBeGreaterThan(10)
  })

  const values = (page: Page) => page.getByRole('complementary', { name: 'Values of the events found' })
  const hasOnly = (page: Page, severity: string): Promise<boolean> =>
    page
      .locator('[role="row"][data-severity]')
      .evaluateAll(
        (rows, wanted) => rows.length > 0 && rows.every((row) => row.getAttribute('data-severity') === wanted),
        severity,
      )

  test('values are asked for while they are open, by one question, and each filters for it or out', async () => {
    const page = await stage.signedIn()
    await chart(page).waitFor()
    expect(asked('facets')).toEqual([])
    await page.getByRole('button', { name: 'Values', exact: true }).click()
    await page.waitForURL(/facets=true/)
    const normal = stage.log.events.filter(({ severity }) => severity === 'normal').length
    await values(page)
      .getByRole('button', { name: `Filter for Severity Normal ${normal} events` })
      .waitFor()
    expect(asked('facets')).toHaveLength(1)
    await values(page).getByRole('button', { name: 'Address' }).click()
    await values(page)
      .getByRole('button', { name: /Filter for Address 192.0.2.17/ })
      .waitFor()
    expect(asked('facets').at(-1)).toContain('field=address')
    await values(page).getByRole('button', { name: 'Filter out Severity Normal' }).click()
    await page.waitForURL(/query=NOT\+severity:normal/)
    await values(page)
      .getByRole('button', { name: /Filter for Severity Critical/ })
      .click()
    await page.waitForURL(/severity=critical/)
    await expect.poll(() => hasOnly(page, 'critical'), { timeout: 5000 }).toBe(true)
    await values(page).getByRole('button', { name: 'Close the values' }).click()
    expect(await values(page).count()).toBe(0)
  })

  test('values that were not all counted say so', async () => {
    stage.server.switches.isCut = true
    const page = await stage.signedIn({}, '/trail/us-south?facets=true')
    expect(await isShown(values(page).getByRole('button', { name: /Severity Normal ≥ \d+ events/ }))).toBe(true)
  })

  test('axe finds nothing, and nothing sticks out of a phone', async () => {
    const page = await stage.signedIn({}, '/trail/us-south?facets=true')
    await chart(page).waitFor()
    await values(page)
      .getByRole('button', { name: /Filter for Severity/ })
      .first()
      .waitFor()
    const light = await new AxeBuilder({ page })
      .include('main')
      .exclude('[role="row"][data-index]:nth-child(n + 7)')
      .setLegacyMode()
      .analyze()
    expect(light.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    const phone = await stage.signedIn({ viewport: { width: 390, height: 800 } })
    expect(await chart(phone).count()).toBe(0)
    await phone.getByRole('button', { name: 'Histogram', exact: true }).click()
    await chart(phone).waitFor()
    await phone.getByRole('button', { name: 'Values', exact: true }).click()
    await values(phone)
      .getByRole('button', { name: /Filter for Severity/ })
      .first()
      .waitFor()
    expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  })
})
