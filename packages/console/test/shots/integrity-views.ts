/** Pictures of the integrity page: every view, what is open in it, what two people decide, and what is lacking or wrong. */
import type { Page } from 'playwright-core'
import { integrityViews as pageViews } from '../../src/integrity/search.ts'
import type { ProductStage } from '../fixture/product-stage.ts'
import { type View, viewsAt } from './view.ts'
import * as samples from './integrity-samples.ts'
import { grow, otherHashes, problem } from './report-views.ts'

const trail = '**/v1/trackers/us-south'
const refused = { status: 403, code: 'UNAUTHORIZED_ERR', detail: 'Not allowed.' }
const broken = { status: 500, code: 'INTERNAL_SERVER_ERROR', detail: 'The server could not read its log.' }

export function integrityViews(stage: ProductStage): Readonly<Record<string, View>> {
  const go = viewsAt(stage.url)
  const at = (view: string, more = ''): View => go(`/integrity/us-south?view=${view}${more}`)

  /** With some answers of the server given for it. */
  const answered =
    (answers: Readonly<Record<string, object>>, view: View): View =>
    async (page) => {
      for (const [path, json] of Object.entries(answers)) {
        const given = 'status' in json && 'code' in json ? problem(json as typeof broken) : { json }
        await page.route(`${trail}${path}`, (route) =>
          route.request().method() === 'GET' ? route.fulfill(given) : route.fulfill(problem(refused)),
        )
      }
      await view(page)
    }
  const withStatus =
    (changes: object, view: View): View =>
    async (page) => {
      await page.route(`${trail}/status`, async (route) => {
        const status = (await (await route.fetch()).json()) as object
        await route.fulfill({ json: { ...status, ...changes } })
      })
      await view(page)
    }
  /** Two checkpoints that were handed out. */
  const pair = async (): Promise<string> => {
    const { older, newer } = await grow(stage, 'between')
    return `&checkpoint=${newer}&with=${older}`
  }
  const keeping = (search = '', answers = {}): View =>
    answered(
      {
        '/holds?**': { holds: samples.holds },
        '/proposals?**': { proposals: samples.proposals },
        '/proposals/**': refused,
        '/retention': samples.retention,
        ...answers,
      },
      at('keeping', search),
    )
  const then =
    (view: View, more: (page: Page) => Promise<unknown>): View =>
    async (page) => {
      await view(page)
      await more(page)
    }
  const press = (name: string) => (page: Page) => page.getByRole('button', { name, exact: true }).first().click()

  return {
    ...Object.fromEntries(pageViews.map((view) => [`integrity-${view}`, at(view)])),
    'integrity-odd': withStatus(samples.oddStatus, at('health')),
    'integrity-status-failed': answered({ '/status': broken }, at('health')),
    'integrity-remote': withStatus(samples.remoteStatus, at('health')),
    'integrity-checkpoint': async (page) => at('checkpoints', (await pair()).replace(/&with.*/, ''))(page),
    'integrity-pair': async (page) => {
      await at('checkpoints', await pair())(page)
      await page.getByText('Proven: one growing log').scrollIntoViewIfNeeded()
      await page.getByText(/^(All )?\d+ foldings?$/).click()
    },
    'integrity-pair-broken': async (page) => {
      const search = await pair()
      await page.route(`${trail}/log/consistency?**`, otherHashes)
      await at('checkpoints', search)(page)
      await page.getByText('Not proven: these are not one growing log').scrollIntoViewIfNeeded()
    },
    'integrity-checkpoint-missing': then(at('checkpoints', '&checkpoint=999999'), (page) =>
      page.getByText('There is no checkpoint of this size').waitFor(),
    ),
    'integrity-checkpoints-entry': then(at('checkpoints'), async (page) => {
      await page.getByLabel('Number of an entry').fill('12a')
      await press('Find its checkpoint')(page)
    }),
    'integrity-checkpoints-failed': answered({ '/log/checkpoints?**': broken }, at('checkpoints')),
    'integrity-checkpoints-forbidden': answered({ '/log/checkpoints?**': refused }, at('checkpoints')),
    'integrity-verified': answered(
      { '/log/verifications?**': { verifications: samples.verifications } },
      at('verifications', '&verification=v3'),
    ),
    'integrity-verified-bad': answered(
      { '/log/verifications?**': { verifications: samples.verifications } },
      at('verifications', '&verification=v2'),
    ),
    'integrity-verifying': withStatus(
      samples.verifyingStatus,
      answered({ '/log/verifications?**': { verifications: samples.verifications } }, at('verifications')),
    ),
    'integrity-verify-refused': then(
      answered({ '/log/verifications**': { verifications: samples.verifications } }, at('verifications')),
      press('Verify now'),
    ),
    'integrity-continuity-read': then(at('continuity'), async (page) => {
      await press('Read the log through')(page)
      await page.getByRole('button', { name: 'Read it again' }).waitFor()
    }),
    'integrity-continuity-broken': async (page) => {
      await page.route(`${trail}/continuity**`, async (route) => {
        const lines = (await (await route.fetch()).text()).trim().split('\n')
        const { report } = JSON.parse(lines.at(-1) ?? '') as { report: Parameters<typeof samples.brokenReport>[0] }
        await route.fulfill({ body: `${JSON.stringify({ report: samples.brokenReport(report) })}\n` })
      })
      await at('continuity')(page)
      await press('Read the log through')(page)
      await page.getByRole('button', { name: 'Read it again' }).waitFor()
    },
    'integrity-continuity-reading': async (page) => {
      await page.route(`${trail}/continuity**`, () => new Promise(() => {}))
      await at('continuity')(page)
      await press('Read the log through')(page)
    },
    'integrity-continuity-failed': then(answered({ '/continuity**': broken }, at('continuity')), async (page) => {
      await press('Read the log through')(page)
      await page.getByText('The report could not be finished').waitFor()
    }),
    'integrity-kept': keeping(),
    'integrity-kept-ended': then(keeping(), (page) => page.getByText(/ended proposals?$/).click()),
    'integrity-kept-partial': keeping('', { '/holds?**': broken }),
    'integrity-kept-partial-proposals': keeping('', { '/proposals?**': broken }),
    'integrity-kept-failed': keeping('', { '/holds?**': broken, '/proposals?**': broken, '/retention': broken }),
    'integrity-kept-forbidden': keeping('', { '/holds?**': refused, '/proposals?**': refused, '/retention': refused }),
    'integrity-hold': keeping('&hold=h1'),
    'integrity-hold-proposed': keeping('&hold=h2'),
    'integrity-hold-released': keeping('&hold=h3'),
    'integrity-hold-new': then(keeping(), async (page) => {
      await press('Place a hold')(page)
      await page.getByLabel('Reason').fill('Case 4711, order of 12 November')
      await page.getByLabel('What it covers').fill('action:(')
      await press('Place the hold')(page)
      await page.getByRole('alert').last().scrollIntoViewIfNeeded()
    }),
    'integrity-hold-release': then(keeping('&hold=h1'), press('Propose its release')),
    'integrity-retention-shorter': then(keeping(), async (page) => {
      await press('Change the retention')(page)
      await page.getByLabel('Days that events are kept').fill('90')
    }),
    'integrity-retention-asked': then(keeping(), async (page) => {
      await press('Change the retention')(page)
      await page.getByLabel('Days that events are kept').fill('90')
      await press('Propose it')(page)
      await page.getByRole('dialog').waitFor()
    }),
    'integrity-retention-longer': then(keeping(), async (page) => {
      await press('Change the retention')(page)
      await page.getByLabel('Days that events are kept').fill('0')
      await press('Keep longer')(page)
      await page.getByRole('dialog').waitFor()
    }),
    'integrity-removal': then(keeping(), press('Propose to remove the tracker')),
    'integrity-approve': then(keeping(), press('Approve…')),
    'integrity-approve-refused': then(keeping(), async (page) => {
      await press('Approve…')(page)
      await page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click()
      await page.getByText('That takes the role Administrator').waitFor()
    }),
    'integrity-withdraw': then(keeping(), press('Withdraw…')),
    'integrity-keys-changed': answered(
      { '/log/keys': { keys: samples.keys }, '/producers': { producers: samples.producers } },
      at('keys'),
    ),
    'integrity-keys-partial': answered({ '/producers': broken }, at('keys')),
  }
}
