/** Views of locations and instances: side by side, counted and not, without roles, and when nothing answers. */
import type { SomePerson } from '../fixture/people.ts'
import type { ProductStage } from '../fixture/product-stage.ts'
import { answered, seenBy, after, type View, viewAt, type Views, waiting } from './view.ts'

/** @param far an instance in another location */
export function locationViews(stage: ProductStage, reader: SomePerson, far: string): Views {
  const { instance, location } = stage.product
  const at = (search = ''): View => viewAt(stage, `/locations${search}`)
  const count: View = async (page) => {
    await page.getByRole('button', { name: 'Count events and keys' }).first().click()
    await page.getByRole('button', { name: 'Refresh' }).waitFor()
  }
  const instances = after(at(`?instances=${instance},${far}`), count)
  const list = '**/v1/instances?*'
  const end: View = async (page) => {
    await page.getByRole('table', { name: 'Instances side by side' }).locator('tr').last().scrollIntoViewIfNeeded()
  }
  return {
    'locations-uncounted': at(`?locations=${location},eu-de`),
    'locations-counted': after(at(`?locations=${location},eu-de`), count),
    'locations-counted-end': after(after(at(`?locations=${location},eu-de`), count), async (page) => {
      await page.getByRole('table', { name: 'Instances' }).locator('tr').last().scrollIntoViewIfNeeded()
    }),
    'locations-instances': instances,
    'locations-instances-end': after(instances, end),
    'locations-reader': seenBy(reader, at(`?locations=${location},eu-de`)),
    'locations-loading': waiting(stage, '/locations', list),
    'locations-failed': answered(at(), list, { code: 'INTERNAL', detail: 'It broke.' }, 500),
  }
}
