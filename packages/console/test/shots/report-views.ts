/** Pictures of the reports: each of them, what is chosen, what a report lacks, and what is handed over. */
import { reports } from '@keywitness/cadf'
import type { Route } from 'playwright-core'
import type { ProductStage } from '../fixture/product-stage.ts'
import { isRead, type View, viewsAt } from './view.ts'

const trail = '**/v1/trackers/us-south'
const refused = { status: 403, code: 'UNAUTHORIZED_ERR', detail: 'Not allowed.' }
const broken = { status: 500, code: 'INTERNAL_SERVER_ERROR', detail: 'The server could not read its log.' }

export function reportViews(stage: ProductStage): Readonly<Record<string, View>> {
  const at = viewsAt(stage.url)
  const address = (id: string, search = ''): string => `/reports/us-south/${id}${search}`
  const show = (id: string): View => made(at(address(id)))
  const quarter2001 = '?from=2001-01-01T00:00:00Z&to=2001-04-01T00:00:00Z'

  /** What an export is answered with. */
  const exported =
    (answer: (route: Route) => unknown, id = 'key-lifecycle'): View =>
    async (page) => {
      await page.route(`${trail}/export?**`, answer)
      await page.goto(stage.url + address(id))
    }
  /** The evidence is asked for, the events are answered as ever. */
  const evidence =
    (answer: (route: Route) => unknown, said: string | RegExp): View =>
    async (page) => {
      await show('policy-changes')(page)
      await page.route(`${trail}/export?**`, answer)
      await page.getByRole('button', { name: 'Evidence file' }).click()
      await page.getByText(said).waitFor()
    }

  return {
    ...Object.fromEntries([...reports.map(({ id }) => id), 'sample'].map((id) => [`report-${id}`, show(id)])),
    'report-period-chosen': at('/reports/us-south?from=2025-10-01T00:00:00Z&to=2025-11-13T00:00:00Z'),
    'report-period-wrong': async (page) => {
      await at('/reports/us-south')(page)
      await page.getByLabel('First day').fill('2025-12-01')
      await page.getByLabel('Last day').fill('2025-10-15')
      await page.getByRole('button', { name: 'Apply' }).click()
      await page.getByText('The last day must not be').waitFor()
    },
    'report-making': async (page) => {
      await exported(() => new Promise(() => {}))(page)
      await page.getByText('Reading the events').waitFor()
    },
    'report-empty': made(at(address('key-lifecycle', quarter2001))),
    'report-sample-empty': at(address('sample', quarter2001)),
    'report-unknown': at(address('no-such-report')),
    'report-failed': async (page) => {
      await exported((route) => route.fulfill(problem(broken)))(page)
      await page.getByText('could not be made').waitFor()
    },
    'report-forbidden': async (page) => {
      await exported((route) => route.fulfill(problem(refused)))(page)
      await page.getByText('takes the role Auditor').waitFor()
    },
    'report-partial': async (page) => {
      await page.route(`${trail}/groups?**`, async (route) => {
        const answer = (await (await route.fetch()).json()) as object
        await route.fulfill({ json: { ...answer, isComplete: false } })
      })
      await show('key-use')(page)
      await page.getByText('This report is partial').waitFor()
    },
    'report-now-forbidden': async (page) => {
      await page.route('**/v1/iam/**', (route) => route.fulfill(problem(refused)))
      await show('access-review')(page)
      await page.getByText('for its Administrators').scrollIntoViewIfNeeded()
    },
    'report-now-failed': async (page) => {
      await page.route(`${trail}/continuity?**`, (route) => route.fulfill(problem(broken)))
      await show('log-continuity')(page)
      await page.getByText('This part could not be read').scrollIntoViewIfNeeded()
    },
    'report-now-partial': async (page) => {
      await page.route(`${trail}/access?**`, async (route) => {
        const answer = (await (await route.fetch()).json()) as object
        await route.fulfill({ json: { ...answer, next: 'and-on' } })
      })
      await show('access-review')(page)
      await page.getByText('This part is partial').scrollIntoViewIfNeeded()
    },
    'report-untrusted': async (page) => {
      // Of a browser that has verified another history than the one it is shown now.
      await at('/reports/us-south')(page)
      await page.getByRole('button', { name: /Log verified/ }).waitFor()
      await page.route(`${trail}/log/consistency?**`, otherHashes)
      await grow(stage, 'grown')
      await at(address('key-lifecycle'))(page)
      await page.getByText('Rely on nothing in this report').waitFor()
    },
    'report-evidence-made': evidence(() => new Promise(() => {}), 'The server makes the evidence'),
    'report-evidence-done': evidence((route) => route.continue(), /^Downloaded/),
    'report-evidence-failed': evidence((route) => route.fulfill(problem(broken)), 'could not be fetched'),
    'report-repeat': async (page) => {
      await show('key-lifecycle')(page)
      await page.getByRole('heading', { name: 'To repeat it' }).scrollIntoViewIfNeeded()
      await page.getByText(/^keywitness evidence verify/).scrollIntoViewIfNeeded()
    },
    'report-rechecked': async (page) => {
      await show('log-integrity')(page)
      await page.getByRole('heading', { name: 'The log checked again in this browser' }).scrollIntoViewIfNeeded()
    },
    // The parts that tell how things stand, which come last; and on paper.
    'report-now': async (page) => {
      await show('access-review')(page)
      await page.getByRole('heading', { name: 'As things stand, not from the checkpoint' }).scrollIntoViewIfNeeded()
    },
    'report-print': async (page) => {
      await show('key-lifecycle')(page)
      await page.emulateMedia({ media: 'print' })
    },
  }
}

const made =
  (view: View): View =>
  async (page) => {
    await view(page)
    await page.getByRole('heading', { name: 'In short' }).waitFor()
    await page.getByText('This browser checks the checkpoint').waitFor({ state: 'detached' })
    await isRead(page)
  }

export function problem(body: { readonly status: number; readonly code: string; readonly detail: string }): {
  status: number
  contentType: string
  body: string
} {
  return { status: body.status, contentType: 'application/problem+json', body: JSON.stringify(body) }
}

/** The log grows by a key; the sizes of its newest checkpoint before, and once one is signed that has more. */
export async function grow(stage: ProductStage, name: string): Promise<{ older: number; newer: number }> {
  const newest = async (): Promise<number> => {
    const { text } = await stage.client.call('GET', '/v1/trackers/us-south/log/checkpoint')
    return Number(text.split('\n')[1])
  }
  const older = await newest()
  await stage.client.createKey(name)
  let newer = older
  for (const began = Date.now(); newer === older && Date.now() - began < 10_000;) newer = await newest()
  return { older, newer }
}

/** Proofs that prove nothing. */
export async function otherHashes(route: Route): Promise<void> {
  const { hashes } = (await (await route.fetch()).json()) as { hashes: string[] }
  await route.fulfill({ json: { hashes: hashes.map((hash) => `${hash.slice(1, 43)}A=`.padStart(44, 'B')) } })
}
