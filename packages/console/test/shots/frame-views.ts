/** Pictures of the frame around all pages and of signing in: menus, what is told above every page, every way in that fails. */
import type { Page } from 'playwright-core'
import { trackerStatus } from '../fixture/overview-samples.ts'
import type { Stage } from '../fixture/stage.ts'

type View = (page: Page) => Promise<void>

export function frameViews(stage: Stage): Readonly<Record<string, View>> {
  const { server } = stage
  const status = '**/v1/trackers/us-south/status'
  return {
    'command-all': async (page) => {
      await page.keyboard.press('Control+k')
      await page.getByRole('listbox').waitFor()
    },
    'command-words': async (page) => {
      await page.keyboard.press('Control+k')
      await page.keyboard.type('a81f7d3c-2b64-4f0a-9e57-1c6d8e4b3f02')
    },
    'command-found': async (page) => {
      await page.keyboard.press('Control+k')
      await page.keyboard.type('key')
    },
    'command-none': async (page) => {
      await page.route('**/v1/trackers', (route) => route.fulfill({ json: { trackers: [] } }))
      await page.goto(`${server.url}/trail`)
      await page.getByText('There is no tracker yet').waitFor()
      await page.keyboard.press('Control+k')
      await page.keyboard.type('zzzz')
      await page.getByText('Nothing goes by this name').waitFor()
    },
    'places-list': async (page) => {
      await page.getByRole('button', { name: 'Location us-south' }).click()
    },
    'pages-menu': async (page) => {
      await page.getByRole('button', { name: 'Trail', exact: true }).click()
    },
    loud: async (page) => {
      const endedAt = new Date(Date.now() - 600_000).toISOString()
      const json = { ...trackerStatus({ endedAt, state: 'bad', findings: 3 }), isFailing: true }
      await page.route(status, (route) => route.fulfill({ json }))
      await page.reload()
      await page.getByText('takes no events at the moment').waitFor()
    },
    clocks: async (page) => {
      await page.addInitScript(() => {
        const now = Date.now
        Date.now = () => now() - 600_000
      })
      await page.reload()
      await page.getByText("This computer's clock is").waitFor()
    },
    newer: async (page) => {
      await page.evaluate(() => window.dispatchEvent(new Event('vite:preloadError')))
      await page.getByRole('button', { name: 'Reload' }).waitFor()
    },
    'lost-instance': async (page) => {
      await page.goto(`${server.url}/keys/0199c5f2-0000-7000-8000-000000000001`)
      await page.getByText('There is no such instance').waitFor()
    },
    'no-instances': async (page) => {
      await page.route('**/v1/instances?*', (route) => route.fulfill({ json: { instances: [], next: null } }))
      await page.goto(`${server.url}/keys`)
      await page.getByText('There is no instance that you may see').waitFor()
    },
    'no-trackers': async (page) => {
      await page.route('**/v1/trackers', (route) => route.fulfill({ json: { trackers: [] } }))
      await page.goto(`${server.url}/trail`)
      await page.getByText('There is no tracker yet').waitFor()
    },
    'trackers-forbidden': async (page) => {
      const json = { code: 'FORBIDDEN', title: 'Forbidden', detail: 'Not for you.' }
      await page.route('**/v1/trackers', (route) => route.fulfill({ status: 403, json }))
      await page.reload()
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
    },
    unreachable: async (page) => {
      await page.route('**/v1/session', (route) => route.abort())
      await page.reload()
      await page.getByText('The server does not answer').waitFor()
    },
    'signin-refused': async (page) => {
      await signedOut(page)
      await page.getByLabel('API key').fill('not-the-key')
      await page.keyboard.press('Enter')
      await page.getByText('This API key is not valid').waitFor()
    },
    'signin-ended': async (page) => {
      server.switches.isSignedOut = true
      await page.getByRole('button', { name: 'Critical' }).click()
      await page.getByText('Your session has ended').waitFor()
    },
    'signin-link': async (page) => {
      server.switches.isSignedOut = true
      await page.goto('about:blank')
      await page.goto(`${server.url}/#signin=used-before`)
      await page.getByText('This sign-in link has been used').waitFor()
    },
  }

  async function signedOut(page: Page): Promise<void> {
    server.switches.isSignedOut = true
    await page.reload()
    await page.getByLabel('API key').waitFor()
  }
}
