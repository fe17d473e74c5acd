/** Pictures of the trail in the states that a quiet day does not show: counted, narrowed, held, cut off, broken, contradicted. */
import type { Page } from 'playwright-core'
import type { SavedView } from '../../src/api/views-api.ts'
import { trackerStatus } from '../fixture/overview-samples.ts'
import type { Stage } from '../fixture/stage.ts'

type View = (page: Page) => Promise<void>

const path = '/v1/trackers/us-south'

/** @param failure the index of an event that failed */
export function trailStateViews(stage: Stage, failure: number): Readonly<Record<string, View>> {
  const { server, log } = stage
  const trail = `${server.url}/trail/us-south`
  const altered = log.forged(log.events)
  altered.alterEntry(failure, (event) => ({ ...event, outcome: 'success' }))
  const bars = (page: Page) => page.getByRole('application', { name: 'Events over time' })
  // A phone does without them until somebody asks.
  const showBars = async (page: Page): Promise<void> => {
    const button = page.getByRole('button', { name: 'Histogram' })
    if ((await button.getAttribute('aria-pressed')) !== 'true') await button.click()
  }
  // On a phone the values cover the list, whose state is to be seen here.
  const beside = (page: Page): string => ((page.viewportSize()?.width ?? 0) > 600 ? '?facets=true' : '')
  return {
    values: async (page) => {
      await page.goto(`${trail}?facets=true&severity=critical,warning`)
      await page
        .getByRole('button', { name: /^Filter for Action/ })
        .first()
        .waitFor()
    },
    narrowed: async (page) => {
      await page.goto(`${trail}?from=-1h&outcome=failure`)
      await showBars(page)
      await bars(page).focus()
      for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowLeft')
      for (let i = 0; i < 9; i++) await page.keyboard.press('Shift+ArrowLeft')
    },
    'bars-table': async (page) => {
      await showBars(page)
      await page.getByRole('button', { name: 'As a table' }).click()
      await page.getByRole('table').waitFor()
    },
    'field-tools': async (page) => {
      await page.goto(`${trail}?event=${failure}`)
      await page
        .getByRole('button', { name: /^Filter out/ })
        .first()
        .focus()
    },
    'range-fault': async (page) => {
      await page.getByRole('button', { name: /Time range/ }).click()
      await page.getByLabel('From').fill('yesterday noon')
      await page.getByLabel('Another zone').fill('Tokyo')
      await page.getByRole('button', { name: 'Show' }).click()
      await page.getByRole('button', { name: 'Apply' }).click()
    },
    related: async (page) => {
      await page.goto(`${trail}?event=${failure}`)
      const button = page.getByRole('button', { name: 'Same key' })
      await button.click()
      await page.getByRole('button', { name: 'Search the whole trail for this key' }).scrollIntoViewIfNeeded()
    },
    'query-fault': async (page) => {
      await page.goto(`${trail}?query=${encodeURIComponent('outcome:failure (code:4xx')}`)
      await page.getByText('The query cannot be read').first().waitFor()
    },
    'query-written': async (page) => {
      await page.goto(`${trail}?query=${encodeURIComponent('-outcome:success code:4xx')}`)
      await page.getByRole('grid').waitFor()
      await page.keyboard.press('/')
      await page.keyboard.type(' ini')
      await page.getByRole('option', { name: 'initiator:' }).waitFor()
    },
    paused: async (page) => {
      await page.keyboard.press('p')
      for (let i = 0; i < 7; i++) stage.happen()
      await page.getByText('7 new events').first().waitFor()
    },
    broken: async (page) => {
      await page.route(`**${path}/tail*`, (route) => route.abort())
      server.cutTails()
      await page.getByText('The live connection is broken').waitFor()
    },
    partial: async (page) => {
      server.switches.isCut = true
      server.switches.refuseOlder = 500
      await page.goto(`${trail}${beside(page)}`)
      await page.getByRole('grid').focus()
      await page.keyboard.press('End')
      await page.getByText('Older events could not be loaded').scrollIntoViewIfNeeded()
    },
    uncounted: async (page) => {
      server.switches.refuseSummaries = 500
      await page.goto(`${trail}${beside(page)}`)
      await showBars(page)
      await page.getByText('could not be counted').first().waitFor()
    },
    loading: async (page) => {
      await page.route(`**${path}/events?*`, () => undefined)
      await page.route(`**${path}/histogram?*`, () => undefined)
      await page.goto(trail)
      await page.getByText('Loading events').waitFor({ state: 'attached' })
    },
    elsewhere: async (page) => {
      const url = 'https://keywitness.example.com:8443'
      const status = { ...trackerStatus({ endedAt: new Date().toISOString() }), remote: { url, location: 'eu-de' } }
      await page.route(`**${path}/status`, (route) => route.fulfill({ json: status }))
      const detail = 'The events of this location are kept by another server; ask there.'
      const refusal = { status: 421, json: { code: 'TRACKER_ELSEWHERE', detail, title: detail } }
      await page.route(new RegExp(`${path}/(events|tail|log|histogram|facets)`), (route) => route.fulfill(refusal))
      await page.goto(trail)
      await page.locator('main [data-kind]').waitFor()
      await page.getByRole('button', { name: /Log not checked/ }).waitFor()
    },
    'no-event': async (page) => {
      await page.goto(`${trail}?event=999999`)
    },
    'no-location': async (page) => {
      await page.goto(`${server.url}/trail/jp-tok`)
    },
    'no-page': async (page) => {
      await page.goto(`${server.url}/nonesuch`)
    },
    'proof-waiting': async (page) => {
      await page.goto(`${trail}?event=${stage.happen()}&view=proof`)
      await page.getByText('Waiting for the next checkpoint').waitFor()
    },
    'proof-unread': async (page) => {
      await page.route(`**${path}/events/${failure}/receipt`, (route) => route.abort())
      await page.goto(`${trail}?event=${failure}&view=proof`)
      await page.getByText('The receipt could not be read').waitFor()
    },
    'proof-broken': async (page) => {
      server.logs.set('us-south', altered)
      await page.goto(`${trail}?event=${failure}&view=proof`)
      await page.getByText('This event is not proven').waitFor()
      server.logs.set('us-south', log)
    },
    'alarm-forget': async (page) => {
      server.logs.set('us-south', log.forged(log.events.slice(0, 500)))
      await page.reload()
      await page.getByRole('button', { name: 'Forget the old log…' }).click()
      server.logs.set('us-south', log)
    },
    unchecked: async (page) => {
      await page.route(`**${path}/log/checkpoint`, (route) => route.abort())
      await page.reload()
      await page.getByRole('button', { name: /Log not checked/ }).click()
      await page.getByRole('dialog').waitFor()
    },
    ...savedViews(stage),
  }
}

const saved: readonly SavedView[] = [
  ['Deletions at night', 'Daily', true, 'action:*.delete -outcome:failure', 'last-night', 'this-morning'],
  ['Refused callers', 'Daily', false, 'outcome:failure code:401..403', '-24h'],
  [
    'What billing-api does with customer-records',
    'Audits',
    true,
    'initiator:billing-api target:customer-records',
    '-7d',
  ],
  ['Everything critical', '', false, 'severity:critical', null],
].map(([name, category, isShared, query, from, to], i) => ({
  id: `0190a5b0-0000-7000-8000-00000000000${i}`,
  name: String(name),
  category: String(category),
  isShared: isShared === true,
  query: String(query),
  from: typeof from === 'string' ? from : null,
  to: typeof to === 'string' ? to : null,
  by: 'severity',
  owner: { id: 'IBMid-31000HQX12', name: 'Marek Novák' },
  version: 1,
}))

function savedViews(stage: Stage): Readonly<Record<string, View>> {
  const trail = `${stage.server.url}/trail/us-south`
  const keep =
    (views: readonly SavedView[]): View =>
    async (page) => {
      const stale = { code: 'PRECONDITION_FAILED', detail: 'The view was changed.', title: 'Precondition failed' }
      await page.route(`**${path}/views`, (route) => route.fulfill({ json: { views } }))
      await page.route(`**${path}/views/*`, (route) => route.fulfill({ status: 412, json: stale }))
    }
  const [, refused] = saved
  const changed = `${trail}?query=${encodeURIComponent(refused?.query ?? '')}&from=-24h&saved=${refused?.id}&severity=critical`
  return {
    'views-none': async (page) => {
      await keep([])(page)
      await page.getByRole('button', { name: 'Views' }).click()
      await page.getByText('No view is saved yet').waitFor()
    },
    'views-list': async (page) => {
      await keep(saved)(page)
      await page.getByRole('button', { name: 'Views' }).click()
      await page.getByLabel('Find a view').waitFor()
    },
    'views-failed': async (page) => {
      await page.getByRole('button', { name: 'Views' }).click()
      await page.getByText('The saved views could not be read').waitFor()
    },
    'views-save': async (page) => {
      await keep(saved)(page)
      await page.goto(`${trail}?outcome=failure&from=-24h`)
      await page.getByRole('button', { name: 'Views' }).click()
      await page.getByRole('button', { name: 'Save this search…' }).click()
      await page.getByLabel('Name').fill('Failures of a day')
    },
    'views-edit': async (page) => {
      await keep(saved)(page)
      await page.getByRole('button', { name: 'Views' }).click()
      await page.getByRole('button', { name: 'Rename, share or delete Deletions at night' }).click()
      await page.getByLabel('Name').waitFor()
    },
    'views-locked': async (page) => {
      await keep(saved)(page)
      await page.route('**/v1/session', async (route) => {
        const who = (await (await route.fetch()).json()) as object
        const rights = [{ scope: { kind: 'account' }, can: ['trail.read'] }]
        await route.fulfill({ json: { ...who, rights } })
      })
      await page.goto(trail)
      await page.getByRole('button', { name: 'Views' }).click()
      await page.getByRole('button', { name: 'Rename, share or delete Deletions at night' }).click()
      await page.getByText('You can look at this view').waitFor()
    },
    'views-unsaved': async (page) => {
      await keep(saved)(page)
      await page.getByRole('button', { name: 'Views' }).click()
      await page.getByRole('button', { name: 'Rename, share or delete Refused callers' }).click()
      await page.getByLabel('Name').fill('Refused callers of a day')
      await page.keyboard.press('Escape')
      await page.getByText('is not saved').waitFor()
    },
    'views-delete': async (page) => {
      await keep(saved)(page)
      await page.getByRole('button', { name: 'Views' }).click()
      await page.getByRole('button', { name: 'Rename, share or delete Refused callers' }).click()
      await page.getByRole('button', { name: 'Delete…' }).click()
      await page.getByText('Links to it go on').waitFor()
    },
    'views-changed': async (page) => {
      await keep(saved)(page)
      await page.goto(changed)
      await page.getByText('The search is no longer that of').waitFor()
    },
    'views-conflict': async (page) => {
      await keep(saved)(page)
      await page.goto(changed)
      await page.getByRole('button', { name: 'Save it there…' }).click()
      await page.getByRole('button', { name: 'Save the change' }).click()
      await page.getByText('Somebody else changed the view').waitFor()
    },
  }
}
