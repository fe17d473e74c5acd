/** Pictures of the overview in its states, over a product: what is first to do, what is wrong, what cannot be read, who may not. */
import type { Page } from 'playwright-core'
import { secondAdministrator } from '../../../testkit/test/second-person.ts'
import { alertingStatus, instanceDetail, trackerStatus } from '../fixture/overview-samples.ts'
import type { ProductStage } from '../fixture/product-stage.ts'

type View = (page: Page) => Promise<void>

const trail = '/v1/trackers/us-south'

/** @param at opens an address of the product */
export function overviewViews(stage: ProductStage, at: (address: string) => View): Readonly<Record<string, View>> {
  const overview = at('/overview')
  return {
    'overview-first': async (page) => {
      await page.route(`**${trail}/status`, (route) =>
        route.fulfill({ json: trackerStatus({ endedAt: new Date().toISOString() }) }),
      )
      await overview(page)
      await page.getByRole('heading', { name: 'First steps' }).waitFor()
    },
    'overview-grave': async (page) => {
      const endedAt = new Date(Date.now() - 3_600_000).toISOString()
      const alerting = alertingStatus({ critical: 2, warning: 5, channels: 0, engine: 'behind' })
      const status = { ...trackerStatus({ endedAt, state: 'bad', findings: 3 }), openProposals: 2, isFailing: true }
      const text = 'No channel is on: alerts are raised, and nobody is told of them.'
      await page.route(`**${trail}/status`, (route) => route.fulfill({ json: status }))
      await page.route(`**${trail}/alerts/status`, (route) =>
        route.fulfill({ json: { ...alerting, troubles: [{ code: 'NO_CHANNEL', text }] } }),
      )
      await page.route(/\/v1\/instances\/[^/?]+$/, (route) =>
        route.fulfill({ json: instanceDetail(new Date(Date.now() + 5 * 86_400_000).toISOString()) }),
      )
      await overview(page)
      await page.getByText('A certificate of').first().waitFor()
    },
    'overview-unread': async (page) => {
      const busy = { status: 429, json: { code: 'TOO_MANY_REQUESTS', detail: 'Too many searches wait.' } }
      await page.route(`**${trail}/histogram?*`, (route) => route.fulfill(busy))
      await page.route(`**${trail}/alerts/status`, (route) => route.abort())
      await overview(page)
      await page.getByText('could not be read').first().waitFor()
    },
    'overview-many': async (page) => {
      const detail = instanceDetail(null)
      const made = Array.from({ length: 24 }, (_, nth) => ({
        ...detail,
        guid: `0190a2b4-5f6a-7c3d-8e9f-0011223344${10 + nth}`,
        name: `payments-${nth}`,
        location: nth % 12 === 11 ? 'ap-north' : 'us-south',
      }))
      await page.route(/\/v1\/instances(\?|$)/, (route) => route.fulfill({ json: { instances: made, next: null } }))
      await page.route(/\/v1\/instances\/[^/?]+$/, (route) => route.fulfill({ json: detail }))
      await overview(page)
      await page.getByRole('row', { name: 'payments-23' }).scrollIntoViewIfNeeded()
    },
    'overview-month': async (page) => {
      await at('/overview?range=30d')(page)
      await page.getByText('The numbers', { exact: true }).first().click()
    },
    'overview-reader': async (page) => {
      const scope = { kind: 'instance', id: stage.product.instance } as const
      const key = await secondAdministrator(stage.client, `Rita ${Date.now()}`, scope, 'Reader')
      await page.context().clearCookies()
      await page.goto(`${stage.url}/overview`)
      await page.getByLabel('API key').fill(key)
      await page.keyboard.press('Enter')
      await page.getByText('There is no trail that you may read').waitFor()
    },
    'overview-help': async (page) => {
      await overview(page)
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
    },
  }
}
