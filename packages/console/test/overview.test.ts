/** The overview over a real product: what happened and what needs somebody, by keyboard to the events behind a number. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../../testkit/src/client.ts'
import { secondAdministrator } from '../../testkit/test/second-person.ts'
import { alertingStatus, instanceDetail, trackerStatus } from './fixture/overview-samples.ts'
import { tabTo } from './fixture/keyboard.ts'
import { accessFaults, phoneFaults } from './fixture/page-checks.ts'
import { ProductStage } from './fixture/product-stage.ts'
import { isShown, isSkipped } from './fixture/stage.ts'

const trail = '/v1/trackers/us-south'
/** The console is built first, beside whatever else the machine does. */
const openMs = 180_000
/** Axe looks at each page in three looks. */
const axeMs = 90_000
const hostile = `<img src=x onerror=alert(1)> javascript:alert(1) \u202Eabc ${'x'.repeat(300)}`

describe.skipIf(isSkipped)('the overview of a product, in Chromium', () => {
  let stage: ProductStage
  beforeAll(async () => {
    stage = await ProductStage.open()
  }, openMs)
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  const first = (page: Page) => page.getByRole('region', { name: 'First steps' })
  /** How many events of searching are in the trail. */
  async function searches(): Promise<number> {
    return (await stage.client.events('action=activity-tracker.events.search')).length
  }

  test('it is where one lands, with what to do first, ticked off by what was done', async () => {
    const page = await stage.signedIn('/')
    await page.waitForURL(/\/overview$/)
    await first(page).getByText('0 of 5 done').waitFor()
    expect(await isShown(first(page).getByText('keywitness keys create billing'))).toBe(true)

    await stage.client.createKey('billing')
    const bob = await secondAdministrator(stage.client)
    await new Client({ ...stage.product, apiKey: bob }).signIn()
    await page.getByRole('button', { name: 'Refresh' }).click()
    await first(page).getByText('2 of 5 done').waitFor()
    await first(page).getByText('Create a key (done)').waitFor()
    expect(await isShown(first(page).getByText('Sign in a colleague (done)'))).toBe(true)
  })

  test('from a number to the events it counts, by keyboard alone', async () => {
    await stage.deleteKey('gone')
    const page = await stage.signedIn('/overview')
    const critical = page.getByRole('link', { name: /^Critical: [1-9]\d*, show them in the trail$/ })
    await tabTo(page, critical)
    const count = (await critical.textContent()) ?? ''
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/trail\/us-south\?.*severity=critical/)
    await page.getByText('gone').first().waitFor()
    expect(await page.locator('[role="row"][data-index]').count()).toBe(Number(count))
  })

  test('searches are made once, and again only when somebody asks', async () => {
    const page = await stage.signedIn('/overview')
    await page.getByRole('img', { name: /Events of us-south by the hour/ }).waitFor()
    await first(page).waitFor()
    const before = await searches()
    // The state of the log is asked again meanwhile: what is waited for is that answer.
    await page.waitForResponse((response) => response.url().endsWith(`${trail}/status`), { timeout: 30_000 })
    expect(await searches()).toBe(before + 1)
    await page.getByRole('button', { name: '30 days' }).click()
    await page.getByRole('img', { name: /Events of us-south by the day/ }).waitFor()
    expect(await isShown(page.getByRole('heading', { name: 'Days that need attention first' }))).toBe(true)
  }, 60_000)

  test(
    'what is wrong comes first, and hostile names stay text',
    async () => {
      const page = await stage.signedIn('/locations')
      const soon = new Date(Date.now() + 5 * 86_400_000).toISOString()
      const now = new Date().toISOString()
      const alerting = alertingStatus({ critical: 2, channels: 0 })
      await page.route(`**${trail}/status`, (route) =>
        route.fulfill({ json: trackerStatus({ endedAt: now, state: 'bad', findings: 3 }) }),
      )
      await page.route(`**${trail}/alerts/status`, (route) =>
        route.fulfill({ json: { ...alerting, troubles: [{ code: 'NO_CHANNEL', text: hostile }] } }),
      )
      await page.route(/\/v1\/instances\/[^/?]+$/, (route) =>
        route.fulfill({ json: { ...instanceDetail(soon), name: hostile } }),
      )
      await page.goto(`${stage.url}/overview`)
      const items = page.getByRole('region', { name: 'Needs attention' }).getByRole('listitem')
      await items.filter({ hasText: 'A certificate of' }).waitFor()
      const texts = await items.allTextContents()
      expect(texts.map((text) => text.slice(0, 3))).toEqual(['Now', 'Now', 'Soo', 'Soo'])
      expect(texts[0]).toContain('The verification found 3 things wrong with the log')
      expect(texts[1]).toContain('2 critical alerts are open')
      expect(texts.join()).toContain('onerror=alert(1)')
      expect(await page.locator('main img').count()).toBe(0)
      expect(await accessFaults(page)).toEqual([])
      expect(await phoneFaults(page)).toEqual([])
      await items.getByRole('link', { name: 'The verification found' }).click()
      await page.waitForURL(/\/integrity\/us-south\?view=verifications$/)
    },
    axeMs,
  )

  test('what cannot be read is said where it would stand, and the rest is shown', async () => {
    const page = await stage.signedIn('/locations')
    const busy = { status: 429, json: { code: 'TOO_MANY_REQUESTS', detail: 'Too many searches wait.' } }
    await page.route(`**${trail}/histogram?*`, (route) => route.fulfill(busy))
    await page.route(`**${trail}/alerts/status`, (route) => route.abort())
    await page.goto(`${stage.url}/overview`)
    await page.getByText('The events could not be counted').waitFor()
    await page.getByText('The state of us-south could not be read').waitFor()
    await page.getByRole('table', { name: 'Instances' }).locator('tbody tr').first().waitFor()
    await page.unroute(`**${trail}/histogram?*`)
    await page.getByRole('button', { name: 'Try again' }).click()
    expect(await isShown(page.getByRole('link', { name: /^Events: \d+/ }))).toBe(true)
  })

  test('what was not read of an instance says so, and is read when somebody asks', async () => {
    const page = await stage.signedIn('/locations')
    const made = Array.from({ length: 22 }, (_, at) => ({
      ...instanceDetail(null),
      guid: `0190a2b4-5f6a-7c3d-8e9f-0011223344${10 + at}`,
      name: `held-${at}`,
      location: at === 21 ? 'eu-de' : 'us-south',
    }))
    await page.route(/\/v1\/instances(\?|$)/, (route) => route.fulfill({ json: { instances: made, next: null } }))
    await page.route(/\/v1\/instances\/[^/?]+$/, (route) => route.fulfill({ json: instanceDetail(null) }))
    await page.goto(`${stage.url}/overview`)
    const row = (name: string) => page.getByRole('table', { name: 'Instances' }).getByRole('row', { name })
    await row('held-19').getByText('none').waitFor()
    expect(await row('held-20').getByText('not read yet').count()).toBe(4)
    expect(await row('held-21').getByText('not yours to read').count()).toBe(3)
    await page.getByRole('button', { name: 'Read 2 more' }).click()
    await row('held-20').getByText('none').waitFor()
    expect(await page.getByText('not read yet').count()).toBe(0)
    expect(await page.getByRole('button', { name: /^Read \d+ more/ }).count()).toBe(0)
  })

  test('who may read no trail sees that, and what it takes', async () => {
    const key = await secondAdministrator(
      stage.client,
      'Rita',
      { kind: 'instance', id: stage.product.instance },
      'Reader',
    )
    const page = await stage.signedIn('/overview', key)
    await page.getByText('There is no trail that you may read').waitFor()
    expect(await isShown(page.getByRole('table', { name: 'Instances' }).locator('tbody tr').first())).toBe(true)
  })

  test(
    'it is right for axe, with its numbers unfolded, and fits on a phone',
    async () => {
      const page = await stage.signedIn('/overview')
      await page.getByRole('img', { name: /Events of us-south/ }).waitFor()
      await first(page).waitFor()
      await page.getByText('The numbers', { exact: true }).click()
      expect(await accessFaults(page)).toEqual([])
      expect(await phoneFaults(page)).toEqual([])
    },
    axeMs,
  )
})
