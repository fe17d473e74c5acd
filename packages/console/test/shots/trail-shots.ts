/** Pictures of the trail, of signing in and of the frame around all pages, over a log in memory. */
import type { BrowserContextOptions, Page } from 'playwright-core'
import { longPolicy, sampleEvent } from '../fixture/events.ts'
import { Stage } from '../fixture/stage.ts'
import { frameViews } from './frame-views.ts'
import type { ShotSet } from './shot-set.ts'
import { trailStateViews } from './trail-state-views.ts'

export async function openTrailShots(): Promise<ShotSet> {
  const count = 600
  const stage = await Stage.open(count)
  const { server, log } = stage
  const attached = log.append(sampleEvent(longPolicy, Date.now(), count))
  log.publish()
  const failure = log.events.findLastIndex((event) => event.reason.reasonCode === 409)
  const patched = log.events.findLastIndex((event) => event.action === 'hs-crypto.policies.write')

  const views: Record<string, (page: Page) => Promise<void>> = {
    trail: async () => {},
    panel: async (page) => {
      await page.goto(`${server.url}/trail/us-south?event=${failure}`)
      await page.getByRole('complementary').getByText('Proven', { exact: true }).first().waitFor()
    },
    changed: async (page) => {
      await page.goto(`${server.url}/trail/us-south?event=${patched}`)
    },
    attached: async (page) => {
      await page.goto(`${server.url}/trail/us-south?event=${attached}`)
      await page.getByRole('button', { name: /Download all/ }).click()
    },
    proof: async (page) => {
      await page.goto(`${server.url}/trail/us-south?event=${failure}&view=proof`)
      await page.getByText('Proven in this browser').waitFor()
      await page.getByText(/^All \d+ joins/).click()
    },
    json: async (page) => {
      await page.goto(`${server.url}/trail/us-south?event=${failure}&view=json`)
    },
    query: async (page) => {
      await page.goto(`${server.url}/trail/us-south?words=billing&severity=critical,warning`)
      await page.getByRole('grid').waitFor()
      await page.keyboard.press('/')
      await page.keyboard.type('delete')
      await page.getByRole('option', { name: 'hs-crypto.secrets.delete' }).waitFor()
    },
    range: async (page) => {
      await page.getByRole('button', { name: /Time range/ }).click()
    },
    user: async (page) => {
      await page.getByRole('button', { name: /account, theme/ }).click()
    },
    log: async (page) => {
      await page.getByRole('button', { name: /Log verified/ }).click()
    },
    shortcuts: async (page) => {
      await page.keyboard.press('?')
    },
    empty: async (page) => {
      await page.goto(`${server.url}/trail/eu-de`)
    },
    nomatch: async (page) => {
      await page.goto(`${server.url}/trail/us-south?words=nonesuch`)
    },
    forbidden: async (page) => {
      server.switches.refuseEvents = 403
      await page.reload()
      await page.getByText('You may not read').waitFor()
      server.switches.refuseEvents = undefined
    },
    failed: async (page) => {
      server.switches.refuseEvents = 500
      await page.reload()
      await page.getByText('could not be read').waitFor()
      server.switches.refuseEvents = undefined
    },
    alarm: async (page) => {
      server.logs.set('us-south', log.forged(log.events.slice(0, 500)))
      await page.reload()
      await page.getByRole('alert').waitFor()
      server.logs.set('us-south', log)
    },
    signin: async (page) => {
      server.switches.isSignedOut = true
      await page.reload()
      await page.getByLabel('API key').waitFor()
      server.switches.isSignedOut = false
    },
    ...trailStateViews(stage, failure),
    ...frameViews(stage),
  }

  return {
    views,
    onPhone: ['pages-menu'],
    async page(options: BrowserContextOptions): Promise<Page> {
      const page = await stage.signedIn(options)
      await page.locator('[data-phase="verified"]').waitFor()
      return page
    },
    reset: () => stage.reset(),
    close: () => stage.close(),
  }
}
