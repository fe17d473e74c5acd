/** Pictures of every page over a whole product that has led a life: each address that a page has by itself. */
import en from '../../src/i18n/en.json' with { type: 'json' }
import { leadLife } from '../../../testkit/src/fixture-life.ts'
import { ProductStage } from '../fixture/product-stage.ts'
import type { ShotSet } from './shot-set.ts'

export async function openProductShots(): Promise<ShotSet> {
  const stage = await ProductStage.open('keys:impatient')
  await leadLife(stage.product)
  return {
    views: Object.fromEntries(
      Object.keys(en.pages).map((id) => [
        `page-${id}`,
        async (page) => {
          await page.goto(`${stage.url}/${id}`)
          await page.locator('main h1').waitFor()
          await page.locator('main [data-kind="loading"]').waitFor({ state: 'detached' })
        },
      ]),
    ),
    page: (options) => stage.signedIn('/locations', stage.product.apiKey, options),
    reset: () => stage.reset(),
    close: () => stage.close(),
  }
}
