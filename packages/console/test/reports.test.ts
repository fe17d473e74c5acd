/** Reports of a real product in a real browser: a quarter is handed over, made again byte for byte, and proven. */
import { AxeBuilder } from '@axe-core/playwright'
import { readFile } from 'node:fs/promises'
import { reports } from '@keywitness/cadf'
import { parseVerifierKey, verifyEvidence } from '@keywitness/tlog'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ProductStage } from './fixture/product-stage.ts'
import { isShown, isSkipped } from './fixture/stage.ts'

const hostile = '<img src=x onerror=alert(1)> javascript:alert(1) "quoted" & {{braces}}'

describe.skipIf(isSkipped)('reports of a product, in Chromium', () => {
  let stage: ProductStage
  beforeAll(async () => {
    stage = await ProductStage.open()
    await seed(stage)
    // The console is built first.
  }, 240_000)
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  const open = async (id: string): Promise<Page> => {
    const page = await stage.signedIn(`/reports/us-south/${id}`)
    await page.getByRole('heading', { name: 'In short' }).waitFor()
    return page
  }

  /** Takes a file by the button of this name. */
  const take = async (page: Page, name: string): Promise<Buffer> => {
    await page.getByRole('button', { name, exact: true }).focus()
    const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
    return readFile(await file.path())
  }

  test('a quarter’s report is handed over by keyboard alone: the same twice, and its evidence holds', async () => {
    const page = await stage.signedIn('/reports/us-south')
    await page.getByRole('button', { name: 'This quarter' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Key lifecycle register' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'In short' }).waitFor()
    const address = page.url()
    expect(address).toMatch(/\?from=\d{4}-\d\d-01T00:00:00Z&to=\d{4}-\d\d-01T00:00:00Z&size=\d+$/)
    const first = await take(page, 'CSV: Keys')
    const steps = await take(page, 'CSV: All steps')
    const evidence = await take(page, 'Evidence file')
    await page.getByText('Handed over.').waitFor()
    expect(first.toString()).toMatch(/^name,keyId,state,.*\r\n.*quarterly-root.*,deleted,/s)

    // Meanwhile more happens, of which the report must know nothing.
    await stage.deleteKey('after-the-report')
    const again = await stage.signedIn(new URL(address).pathname + new URL(address).search)
    await again.getByRole('heading', { name: 'In short' }).waitFor()
    expect(again.url()).toBe(address)
    expect((await take(again, 'CSV: Keys')).equals(first)).toBe(true)
    expect((await take(again, 'CSV: All steps')).equals(steps)).toBe(true)

    const key = await stage.client.call('GET', '/v1/trackers/us-south/log/key')
    const report = await verifyEvidence([new Uint8Array(evidence)], {
      trust: () => [parseVerifierKey(key.text.trim())],
    })
    expect(report.checkpoint.size).toBe(Number(new URL(address).searchParams.get('size')))
    expect(report.entries).toBe(steps.toString().trimEnd().split('\r\n').length - 1)
  })

  test('every report that is offered can be made', { timeout: 120_000 }, async () => {
    const page = await stage.signedIn('/reports/us-south')
    const list = page.getByRole('list', { name: 'Reports' })
    await list.waitFor()
    expect(await list.getByRole('link').count()).toBe(reports.length + 1)
    for (let at = 0; at <= reports.length; at++) {
      await list.getByRole('link').nth(at).click()
      await page.getByRole('heading', { name: 'In short' }).waitFor()
      expect(await page.locator('main article table').count(), page.url()).toBeGreaterThan(0)
      await page.getByRole('link', { name: 'All reports' }).click()
      await list.waitFor()
    }
  })

  test('on paper there is nothing but the sheet, light, with every row', async () => {
    const page = await open('key-lifecycle')
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    expect(await isShown(page.getByRole('heading', { name: 'Key lifecycle register' }))).toBe(true)
    expect(await page.getByRole('button', { name: /Print|Evidence|Go to/ }).count()).toBe(0)
    expect(await page.getByRole('link', { name: 'Alerts' }).count()).toBe(0)
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('light')
    const tables = await page
      .locator('main table')
      .evaluateAll((all) => all.map(({ parentElement: box }) => [box?.scrollHeight, box?.clientHeight]))
    for (const [whole, shown] of tables) expect(whole).toBeLessThanOrEqual((shown ?? 0) + 1)
  })

  test(
    'everybody can use it: no violation in light, dark and high contrast, and nothing sticks out on a phone',
    { timeout: 120_000 },
    async () => {
      const page = await stage.signedIn('/reports/us-south')
      await page.getByRole('link', { name: 'Key lifecycle register' }).waitFor()
      expect(await violations(page)).toEqual([])
      await page.goto(`${stage.url}/reports/us-south/policy-changes`)
      await page.getByRole('heading', { name: 'In short' }).waitFor()
      expect(await violations(page)).toEqual([])
      await page.emulateMedia({ colorScheme: 'dark' })
      expect(await violations(page, ['color-contrast'])).toEqual([])
      await page.evaluate(() => document.documentElement.setAttribute('data-contrast', ''))
      expect(await violations(page, ['color-contrast'])).toEqual([])
      await page.setViewportSize({ width: 390, height: 844 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    },
  )

  test('an unknown report, an empty period, no right, and an export that breaks off say so', async () => {
    const page = await stage.signedIn('/reports/us-south/no-such-report')
    expect(await isShown(page.getByText('There is no such report'))).toBe(true)
    await page.goto(`${stage.url}/reports/us-south/key-lifecycle?from=2001-01-01T00:00:00Z&to=2001-04-01T00:00:00Z`)
    await page.getByText('No event of the period answers this question').waitFor()
    await page.route('**/export?**', (route) =>
      route.fulfill({
        status: 403,
        contentType: 'application/problem+json',
        body: JSON.stringify({ status: 403, code: 'UNAUTHORIZED_ERR', detail: 'Not allowed.' }),
      }),
    )
    await page.goto(`${stage.url}/reports/us-south/failed-access`)
    await page.getByText('takes the role Auditor on its tracker').waitFor()
    await page.unroute('**/export?**')
    await page.route('**/export?**', (route) => route.fulfill({ status: 200, body: 'cut off' }))
    await page.goto(`${stage.url}/reports/us-south/key-lifecycle`)
    await page.getByText('The report could not be made').waitFor()
    await page.unroute('**/export?**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('heading', { name: 'In short' }).waitFor()
  })

  test('what an attacker chose stays text, in the page and in the file', async () => {
    const page = await open('key-lifecycle')
    await page.getByText('javascript:alert(1)').first().waitFor()
    expect(await page.locator('main img, main [href^="javascript:"]').count()).toBe(0)
    const csv = (await take(page, 'CSV: Keys')).toString()
    expect(csv).toContain("'=cmd()")
    expect(csv).toContain('""quoted""')
  })
})

/** What axe finds wrong; of these rules only, when given. */
async function violations(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page })
  const { violations: found } = await (rules === undefined ? axe : axe.withRules(rules)).analyze()
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
}

async function seed(stage: ProductStage): Promise<void> {
  await stage.deleteKey('quarterly-root')
  await stage.deleteKey(hostile)
  await stage.deleteKey('=cmd()')
  const key = await stage.client.createKey('rotated-root')
  await stage.client.call('POST', `/api/v2/keys/${key}/actions/rotate`)
  const policy = {
    metadata: { collectionType: 'application/vnd.ibm.kms.policy+json', collectionTotal: 1 },
    resources: [{ type: 'application/vnd.ibm.kms.policy+json', rotation: { interval_month: 3 } }],
  }
  const set = await stage.client.call('PUT', `/api/v2/keys/${key}/policies?policy=rotation`, { body: policy })
  expect(set.status).toBe(200)
  await fetch(`${stage.product.url}/v1/trackers`, { headers: { authorization: 'Bearer no' } })
}
