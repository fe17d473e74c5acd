/** Pictures of every page over a whole product that has led a life: each address that a page has by itself, and views of some. */
import en from '../../src/i18n/en.json' with { type: 'json' }
import { leadLife } from '../../../testkit/src/fixture-life.ts'
import { ProductStage } from '../fixture/product-stage.ts'
import { overviewViews } from './overview-views.ts'
import { keysViews } from './keys-views.ts'
import { newInstance, newPlace } from '../fixture/places.ts'
import { accessViews } from './access-views.ts'
import { certificateViews } from './certificate-views.ts'
import { locationViews } from './location-views.ts'
import { integrityViews } from './integrity-views.ts'
import { reportViews } from './report-views.ts'
import type { ShotSet } from './shot-set.ts'
import { unitViews } from './unit-views.ts'
import { newOnlookers, type View, viewsAt } from './view.ts'

export async function openProductShots(): Promise<ShotSet> {
  const stage = await ProductStage.open('keys:impatient')
  await leadLife(stage.product)
  const far = await newPlace(stage.client, 'eu-de', 'far')
  const { instance, location } = stage.product
  const partners = await newInstance(stage.client, location, 'partners')
  const onlookers = await newOnlookers(stage)
  const adapters = await stage.client.call<{ resources: { id: string; name: string }[] }>(
    'GET',
    '/api/v2/kmip_adapters',
  )
  const adapter = adapters.json.resources.find(({ name }) => name === 'datacentre')?.id ?? ''
  const at = viewsAt(stage.url)
  const pages = Object.keys(en.pages).map((id) => [`page-${id}`, at(`/${id}`)] as const)
  const keys = `/keys/${instance}`
  const views: Readonly<Record<string, View>> = {
    'keys-rings': at(`${keys}?show=rings`),
    'keys-ring-deleted': async (page) => {
      await at(`${keys}?show=rings`)(page)
      await page.getByRole('button', { name: 'Delete the key ring archive' }).click()
      await page.getByRole('dialog').waitFor()
    },
    'keys-new': async (page) => {
      await at(`${keys}?show=new`)(page)
      await page.getByLabel('Policies of its own').check()
    },
    'keys-policies': at(`${keys}?show=policies`),
    'keys-policy-shut': async (page) => {
      await at(`${keys}?show=policies`)(page)
      await page.getByRole('button', { name: 'Change: Allowed addresses' }).click()
      await page.getByLabel('Take calls only from these addresses').check()
      await page.getByLabel('CIDR blocks, one a line').fill('198.51.100.0/24\n2001:db8::/32')
      await page.getByText('This shuts you out.').waitFor()
    },
    'keys-destroyed': async (page) => {
      await at(`${keys}?state=destroyed`)(page)
      await page.locator('tr[data-key] button').first().click()
      await page.getByRole('button', { name: 'Purge', exact: true }).waitFor()
    },
    'kmip-object': async (page) => {
      await at(`/kmip/${instance}?adapter=${adapter}`)(page)
      await page.locator('aside tr[data-key] button').first().click()
      await page.getByRole('button', { name: 'Close the object' }).scrollIntoViewIfNeeded()
    },
    'locations-compared': async (page) => {
      await at(`/locations?locations=${location},eu-de&instances=${instance},${far}`)(page)
      for (const nth of [0, 0]) await page.getByRole('button', { name: 'Count events and keys' }).nth(nth).click()
      await page.getByRole('button', { name: 'Refresh' }).nth(1).waitFor()
    },
  }
  const owner = await stage.signedIn('/locations')
  const storageState = await owner.context().storageState()
  return {
    views: {
      ...Object.fromEntries(pages),
      ...integrityViews(stage),
      ...reportViews(stage),
      ...views,
      ...overviewViews(stage, at),
      ...(await keysViews(stage, { far, at })),
      ...(await unitViews(stage, onlookers, far)),
      ...(await certificateViews(stage, onlookers.reader, partners)),
      ...(await accessViews(stage, onlookers)),
      ...locationViews(stage, onlookers.reader, far),
    },
    page: (options) => stage.page({ ...options, storageState }),
    reset: () => stage.reset(),
    close: () => stage.close(),
  }
}
