/** Pictures of every page over a whole product that has led a life: each address that a page has by itself. */
import { reports } from '@keywitness/cadf'
import type { Page } from 'playwright-core'
import en from '../../src/i18n/en.json' with { type: 'json' }
import { integrityViews } from '../../src/integrity/search.ts'
import { leadLife } from '../../../testkit/src/fixture-life.ts'
import { ProductStage } from '../fixture/product-stage.ts'
import type { ShotSet } from './shot-set.ts'

export async function openProductShots(): Promise<ShotSet> {
  const stage = await ProductStage.open('keys:impatient')
  await leadLife(stage.product)
  const show =
    (path: string) =>
    async (page: Page): Promise<void> => {
      await page.goto(`${stage.url}/${path}`)
      await page.locator('main h1').waitFor()
      await page.waitForFunction(() => document.querySelector('main [data-kind="loading"]') === null)
    }
  const reportIds = [...reports.map(({ id }) => id), 'sample']
  return {
    views: Object.fromEntries([
      ...Object.keys(en.pages).map((id) => [`page-${id}`, show(id)] as const),
      ...integrityViews.map((view) => [`integrity-${view}`, show(`integrity/us-south?view=${view}`)] as const),
      ...reportIds.map((id) => [`report-${id}`, showReport(show(`reports/us-south/${id}`))] as const),
      // The parts that tell how things stand, which come last; and on paper.
      ['report-now', showEnd(showReport(show('reports/us-south/access-review')))],
      ['report-print', onPaper(showReport(show('reports/us-south/key-lifecycle')))],
    ]),
    page: (options) => stage.signedIn('/locations', stage.product.apiKey, options),
    reset: () => stage.reset(),
    close: () => stage.close(),
  }
}

type View = (page: Page) => Promise<void>

const showReport =
  (show: View): View =>
  async (page) => {
    await show(page)
    await page.getByRole('heading', { name: 'In short' }).waitFor()
    await page.waitForFunction(() => document.querySelector('main [data-kind="loading"]') === null)
  }

const showEnd =
  (show: View): View =>
  async (page) => {
    await show(page)
    await page.getByRole('heading', { name: 'As things stand, not from the checkpoint' }).scrollIntoViewIfNeeded()
  }

const onPaper =
  (show: View): View =>
  async (page) => {
    await show(page)
    await page.emulateMedia({ media: 'print' })
  }
