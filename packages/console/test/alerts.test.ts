/** Alerts in a real browser over a server that can be told what to do: trouble is seen at once, nothing that is read moves. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { failingChannel } from './fixture/alert-samples.ts'
import { Stage, isShown, isSkipped } from './fixture/stage.ts'

const titles = (page: Page): Promise<string[]> =>
  page.locator('[role="row"][data-alert]').evaluateAll((rows) =>
    rows
      .map((row) => ({
        title: row.querySelector('[data-column="what"] span')?.textContent ?? '',
        top: row.getBoundingClientRect().top,
      }))
      .sort((a, b) => a.top - b.top)
      .map((row) => row.title),
  )

describe.skipIf(isSkipped)('alerts, in Chromium', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await Stage.open(60)
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  const opened = async (path = '/alerts/us-south'): Promise<Page> => {
    const page = await stage.signedIn({}, path)
    await page.getByRole('region', { name: 'How alerting is' }).waitFor()
    return page
  }
  const row = (page: Page, id: string) => page.locator(`[role="row"][data-alert="${id}"]`)
  const panel = (page: Page) => page.getByRole('complementary', { name: 'Alert' })
  const link = (page: Page) => page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: /Alerts/ })

  test('the sidebar counts open alerts and leads to them', async () => {
    stage.server.alerts.raise({ severity: 'warning' })
    stage.server.alerts.raise()
    stage.server.alerts.raise({ state: 'acknowledged' })
    const page = await stage.signedIn()
    await link(page).getByText('2 open alerts, 1 critical').waitFor({ state: 'attached' })
    await link(page).click()
    await page.locator('[role="row"][data-alert]').nth(2).waitFor()
    expect(page.url()).toBe(`${stage.server.url}/alerts/us-south`)
  })

  test('that the status cannot be asked is shown at once, with what was known last, and goes by itself', async () => {
    const page = await opened()
    await page.getByText('The silence can be trusted').waitFor()
    await page.route('**/alerts/status', (route) => route.abort())
    await page.getByText('Whether alerts are raised is not known').waitFor()
    await page.getByText('The server does not answer. What follows is what it said at').waitFor()
    await link(page).getByText('alerting has trouble').waitFor({ state: 'attached' })
    await page.unroute('**/alerts/status')
    expect(await isShown(page.getByText('The silence can be trusted'))).toBe(true)
  })

  test('an engine that is behind or failed is told on the trail, too', async () => {
    const page = await stage.signedIn()
    stage.server.alerts.engine = { state: 'behind', lagEvents: 900, lagMs: 12_000 }
    await page.getByText('Alerts come late.').waitFor()
    stage.server.alerts.engine = { state: 'failed', lagEvents: 900, lagMs: 12_000, problem: 'It ended.' }
    await page.getByText('Alerts are not raised.').waitFor()
    await page.getByRole('link', { name: 'See why' }).click()
    expect(await isShown(page.getByText('Alerts are not raised: It ended.'))).toBe(true)
    expect(await page.getByRole('link', { name: 'See why' }).count()).toBe(0)
  })

  test('troubles are sentences: what fails, since when, and what was given up', async () => {
    stage.server.alerts.channels = [failingChannel()]
    stage.server.alerts.troubles = [
      {
        code: 'CHANNEL_FAILING',
        text: 'Nothing reaches the channel “Night watch”.',
        since: '2025-11-24T23:12:00.000Z',
      },
    ]
    const page = await opened()
    await page.getByText('Do not trust the silence').waitFor()
    const strip = page.getByRole('region', { name: 'How alerting is' })
    expect(await strip.innerText()).toMatch(/1 on, 1 failing, 3 waiting, 12 given up/)
    expect(await strip.innerText()).toMatch(/Night watch”\. Since 2025-11-24 23:12:00/)
  })

  test('nothing is asked while nobody looks, and at once when somebody does again', async () => {
    const page = await stage.signedIn()
    await page.clock.install()
    await page.goto(`${stage.server.url}/alerts/us-south`)
    await page.getByText('The silence can be trusted').waitFor()
    const asked = (): number => stage.server.requests.filter((each) => each.endsWith('/alerts/status')).length
    const look = (visibility: 'hidden' | 'visible'): Promise<void> =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'visibilityState', { value, configurable: true })
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
      }, visibility)
    const seen = asked()
    await page.clock.runFor(6_000)
    await expect.poll(asked).toBeGreaterThan(seen)
    await look('hidden')
    const before = asked()
    await page.clock.runFor(60_000)
    expect(asked()).toBe(before)
    await look('visible')
    await expect.poll(asked).toBeGreaterThan(before)
  })

  test('new alerts appear on top; while one is read they wait, and nothing moves', async () => {
    const first = stage.server.alerts.raise()
    const page = await opened()
    await row(page, first).waitFor()
    const second = stage.server.alerts.raise()
    await row(page, second).waitFor()
    expect(await titles(page)).toHaveLength(2)
    await row(page, first).click()
    await panel(page).getByText('What happened').waitFor()
    const before = await row(page, first).boundingBox()
    const third = stage.server.alerts.raise()
    await page.getByRole('button', { name: '1 new alert: show it' }).waitFor()
    expect(await row(page, first).boundingBox()).toEqual(before)
    expect(await row(page, third).count()).toBe(0)
    await page.getByRole('button', { name: '1 new alert: show it' }).click()
    await row(page, third).waitFor()
    expect(await titles(page)).toHaveLength(3)
  })

  test('filters stand in the address, narrow the list and survive a reload', async () => {
    stage.server.alerts.raise()
    stage.server.alerts.raise({ severity: 'warning', state: 'closed', title: 'Closed and warned' })
    stage.server.alerts.raise({ state: 'closed', title: 'Closed and critical' })
    const page = await opened()
    await page.getByRole('button', { name: 'Closed', exact: true }).click()
    await page.getByText('Closed and critical').waitFor()
    await page.getByRole('button', { name: 'Warning', exact: true }).click()
    await page.waitForURL(/state=closed&severity=warning/)
    await page.reload()
    await page.getByText('Closed and warned').waitFor()
    expect(await titles(page)).toEqual(['Closed and warned'])
    await page.getByRole('button', { name: 'Info', exact: true }).click()
    await page.getByText('No alert matches').waitFor()
    await page.getByRole('button', { name: 'Clear all filters' }).click()
    await page.waitForURL(`${stage.server.url}/alerts/us-south`)
    expect((await titles(page))[0]).toContain('A key was deleted')
  })

  test('a list of thousands stays light and goes to its end', async () => {
    for (let i = 0; i < 350; i++) stage.server.alerts.raise()
    const page = await opened()
    await page.locator('[role="row"][data-alert]').first().waitFor()
    const grid = page.getByRole('grid')
    await expect
      .poll(
        async () => {
          await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight))
          return page.getByText('The end of the list').count()
        },
        { timeout: 15_000 },
      )
      .toBe(1)
    expect(await page.locator('[role="row"][data-alert]').count()).toBeLessThan(60)
    expect(await grid.getAttribute('aria-rowcount')).toBe('351')
  })

  test('a whole errand by keyboard: found, read, acknowledged, closed with a comment', async () => {
    const [, second, first] = [stage.server.alerts.raise(), stage.server.alerts.raise(), stage.server.alerts.raise()]
    const page = await opened()
    await row(page, first).waitFor()
    await page.keyboard.press('j')
    const active = (): Promise<string | null> => page.getByRole('grid').getAttribute('aria-activedescendant')
    expect(await active()).toBe(`alert-${first}`)
    await page.keyboard.press('ArrowDown')
    expect(await active()).toBe(`alert-${second}`)
    await page.keyboard.press('Enter')
    await panel(page).getByText('What to do').waitFor()
    expect(page.url()).toContain(`alert=${second}`)
    await page.keyboard.press('a')
    await panel(page).getByText('Acknowledged').first().waitFor()
    await page.keyboard.press('k')
    await page.waitForURL(new RegExp(`alert=${first}`))
    await panel(page).getByRole('button', { name: 'Close', exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.type('It was meant.')
    // What only narrows the list leaves the form where it is, and nobody is asked.
    await page.getByRole('button', { name: 'All', exact: true }).click()
    await page.waitForURL(/state=all/)
    expect(await panel(page).getByRole('textbox').inputValue()).toBe('It was meant.')
    await page.getByRole('button', { name: 'Active', exact: true }).click()
    await page.waitForURL((url) => !url.searchParams.has('state'))
    await panel(page).getByRole('textbox').focus()
    // Escape leaves the form, but not without a word about what was typed.
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').getByText('is not saved').waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Discard it and leave' }).press('Enter')
    await panel(page).getByRole('textbox').waitFor({ state: 'detached' })
    await panel(page).getByRole('button', { name: 'Close', exact: true }).press('Enter')
    await page.keyboard.type('It was meant: asked Ada.')
    await page.keyboard.press('Control+Enter')
    await panel(page).getByText('It was meant: asked Ada.').waitFor()
    await panel(page).getByRole('button', { name: 'Reopen' }).waitFor()
    await panel(page).getByText('What happened').click()
    await page.keyboard.press('Escape')
    await panel(page).waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid')
    // The closed one has left the list; the next key press goes on from its place.
    await page.keyboard.press('j')
    expect(await active()).toBe(`alert-${second}`)
  })

  test('what was typed about an alert is there again after another form, and is not left with the panel unasked', async () => {
    const page = await opened(`/alerts/us-south?alert=${stage.server.alerts.raise()}`)
    const act = (name: string) => panel(page).getByRole('button', { name, exact: true })
    await act('Comment').click()
    await page.keyboard.type('Asked Ada.')
    await act('Mute').click()
    await page.getByLabel('Reason').fill('Planned')
    await act('Comment').click()
    expect(await panel(page).getByRole('textbox').inputValue()).toBe('Asked Ada.')
    await act('Save the comment').click()
    await panel(page).getByText('Asked Ada.', { exact: true }).waitFor()
    expect(await panel(page).getByRole('textbox').count()).toBe(0)
    await act('Close the alert (Esc)').click()
    await page.getByRole('button', { name: 'Go on writing' }).click()
    await act('Mute').click()
    expect(await page.getByLabel('Reason').inputValue()).toBe('Planned')
  })

  test('who may only read is told so plainly, stays signed in, and nothing was changed', async () => {
    const id = stage.server.alerts.raise()
    stage.server.alerts.switches.refuseChanges = 401
    const page = await opened()
    await row(page, id).waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('a')
    await page.getByText('You may read alerts, and not act on them').waitFor()
    await row(page, id).click()
    await panel(page).getByText('You may read alerts, and not act on them').waitFor()
    expect(await row(page, id).innerText()).toContain('Open')
  })

  test('a step that the server refuses or does not answer is said to be not done', async () => {
    const id = stage.server.alerts.raise()
    const page = await opened(`/alerts/us-south?alert=${id}`)
    await page.route('**/acknowledge', (route) => route.abort())
    await panel(page).getByRole('button', { name: 'Acknowledge', exact: true }).click()
    await panel(page).getByText('Not done: the server does not answer.').waitFor()
    await page.unroute('**/acknowledge')
    await panel(page).getByRole('button', { name: 'Acknowledge', exact: true }).click()
    await panel(page).getByText('Acknowledged').first().waitFor()
    expect(await panel(page).getByText('Not done').count()).toBe(0)
  })

  test('an alert that is not in the list opens by its link, and one that is not there is said', async () => {
    const id = stage.server.alerts.raise({ state: 'closed' })
    const page = await opened(`/alerts/us-south?alert=${id}`)
    await panel(page).getByRole('button', { name: 'Reopen' }).waitFor()
    await page.goto(`${stage.server.url}/alerts/us-south?alert=01a21665-0000-7000-8000-000000000000`)
    expect(await isShown(panel(page).getByText('There is no such alert'))).toBe(true)
  })

  test('that there is no alert says how many rules watch, and that nobody is told', async () => {
    stage.server.alerts.channels = []
    const page = await opened()
    await page.getByText('Rules are watching: 3 on.').waitFor()
    await page.getByText('Alerts are raised, and nobody is told').waitFor()
    await page.getByRole('link', { name: 'Make a channel' }).click()
    expect(await isShown(page.getByRole('form', { name: 'New channel' }))).toBe(true)
  })

  test('a rule is turned off for a reason, tested, and its alerts are one step away', async () => {
    const page = await opened('/alerts/us-south?view=rules')
    await page.getByRole('searchbox', { name: 'Find a rule' }).fill('again')
    await page.getByRole('button', { name: 'One identity fails again and again' }).click()
    const rule = page.getByRole('complementary', { name: 'Rule' })
    await rule.getByText('20 events within 5 minutes are found by').waitFor()
    await rule.getByRole('button', { name: 'Turn off' }).click()
    await rule.getByLabel('Why').fill('Too many')
    await rule.getByRole('button', { name: 'Turn the rule off' }).click()
    await rule.getByRole('button', { name: 'Turn on' }).waitFor()
    await rule.getByRole('button', { name: 'Test it' }).click()
    await rule.getByText('It would have fired 2 times.').waitFor()
    await rule.getByText('84,210 events were looked at').waitFor()
    await rule.getByRole('button', { name: 'All alerts of this rule' }).click()
    await page.waitForURL(/rule=many-failures&?|state=all/)
    expect(await isShown(page.getByText('Only of the rule many-failures'))).toBe(true)
  })

  test('a channel is tested, and what it was given up for is sent again', async () => {
    stage.server.alerts.channels = [failingChannel()]
    const page = await opened('/alerts/us-south?view=channels')
    await page.getByRole('button', { name: 'Send a test message to Night watch' }).click()
    await page.getByText('A test message is on its way.').waitFor()
    await page.getByRole('button', { name: 'Send what was given up again: Night watch' }).click()
    expect(await isShown(page.getByText('12 messages are sent again.'))).toBe(true)
  })
})
