/** Keystores, and locations side by side, of one real product in a real browser. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { accessFaults, hostileNames, phoneFaults } from './fixture/page-checks.ts'
import { tabTo } from './fixture/keyboard.ts'
import { clientOf, newPerson } from './fixture/people.ts'
import { newPlace } from './fixture/places.ts'
import { ProductStage } from './fixture/product-stage.ts'
import { isShown, isSkipped } from './fixture/stage.ts'

describe.skipIf(isSkipped)('keystores and locations of a product, in Chromium', () => {
  let stage: ProductStage
  let keystores = ''
  /** An instance in another location. */
  let far = ''
  beforeAll(async () => {
    stage = await ProductStage.open()
    const { instance } = stage.product
    keystores = `/keystores/${instance}`
    far = await newPlace(stage.client, 'eu-de', 'far')
    const base = `/v1/keystores/${instance}`
    for (const name of ['billing', 'archive']) {
      const made = await stage.client.call<{ id: string }>('POST', base, { body: { type: 'public', name } })
      const body = { object: Buffer.from('kept').toString('base64'), attributes: { CKA_CLASS: 0 } }
      const stored = await stage.client.call('POST', `${base}/${made.json.id}/keys`, { body })
      if (stored.status !== 201) throw new Error(`nothing stored: ${stored.status} ${stored.text}`)
    }
    await stage.client.createKey('near')
    await stage.deleteKey('gone')
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
  const told = (status: number, json: object) => (route: { fulfill: (answer: object) => Promise<void> }) =>
    route.fulfill({ status, json })

  test(
    'a keystore is opened, looked into and closed by keyboard alone; its address leads there again',
    { timeout: 120_000 },
    async () => {
      const page = await stage.signedIn(keystores)
      const asked: string[] = []
      page.on('request', (request) => asked.push(request.url()))
      await tabTo(page, button(page, 'billing'))
      await page.keyboard.press('Enter')
      const panel = page.getByRole('complementary', { name: 'billing' })
      await panel.getByText('In it: 1 object').waitFor()
      await panel.getByRole('cell', { name: 'Data', exact: true }).waitFor()
      await panel.getByText('owner', { exact: true }).waitFor()
      expect(page.url()).toMatch(/keystore=/)
      // What is in it is listed; the objects themselves are not asked for.
      expect(asked.filter((url) => url.includes('/keys?')).every((url) => url.includes('objects=false'))).toBe(true)
      expect(await accessFaults(page)).toEqual([])
      expect(await phoneFaults(page)).toEqual([])
      await page.reload()
      await panel.getByText('In it: 1 object').waitFor()
      await page.keyboard.press('Escape')
      await panel.waitFor({ state: 'detached' })
      expect(await phoneFaults(page)).toEqual([])
    },
  )

  test(
    'keystores that are read, of which there is none, a part, or none that one may read, are told apart',
    { timeout: 120_000 },
    async () => {
      const page = await stage.signedIn('/locations')
      const list = `**/v1/keystores/${stage.product.instance}?*`
      const states = [
        ['There is no keystore here yet', told(200, { keystores: [], next: null })],
        ['The keystores could not be read', told(500, { code: 'INTERNAL', title: 'x' })],
        ['Keystores are closed to the browser here', told(403, { code: 'KEYSTORE_OVER_EP11_ONLY', title: 'x' })],
        ['Reading the keystores…', () => new Promise<void>(() => undefined)],
      ] as const
      for (const [text, answer] of states) {
        await page.route(list, answer)
        await page.goto(`${stage.url}${keystores}`)
        await page.getByText(text).first().waitFor()
        await page.unroute(list)
      }
      const made = { type: 'public', authenticated: false, objects: 1, version: 1, createdAt: '2026-01-01T00:00:00Z' }
      const strange = hostileNames.map((name, at) => ({ ...made, id: `k-${at}`, name, createdBy: name }))
      await page.route(list, told(200, { keystores: strange, next: 'more' }))
      await page.goto(`${stage.url}${keystores}`)
      await page.getByText('4 are shown; there are more.').waitFor()
      for (const name of hostileNames) expect(await page.getByText(name).count()).toBeGreaterThan(0)
      expect(await page.locator('main img, main script, a[href^="javascript"]').count()).toBe(0)
      expect(await phoneFaults(page)).toEqual([])
      const auditor = await newPerson(stage, 'Ada', 'Auditor')
      await clientOf(stage, auditor, 'CertificateAdministrator')
      const other = await stage.signedIn(keystores, auditor.apiKey)
      expect(await isShown(other.getByText('Reading keystores takes a role on this instance'))).toBe(true)
    },
  )

  test('another instance or location is shown in the same view, without what was open', async () => {
    const { instance } = stage.product
    const page = await stage.signedIn(keystores)
    await button(page, 'billing').click()
    await page.waitForURL(/keystore=/)
    const choose = (guid: string) => page.getByLabel('Instance', { exact: true }).selectOption(guid)
    await choose(far)
    await page.waitForURL(`${stage.url}/keystores/${far}`)
    await page.goto(`${stage.url}/keys/${instance}?show=policies`)
    await choose(far)
    await page.waitForURL(`${stage.url}/keys/${far}?show=policies`)
    expect(await isShown(page.getByRole('region', { name: 'Allowed addresses' }))).toBe(true)
    await page.goto(`${stage.url}/integrity/us-south?view=checkpoints&checkpoint=1`)
    await page.getByRole('button', { name: /^Location.*us-south/ }).click()
    await button(page, 'eu-de').click()
    await page.waitForURL(/eu-de/)
    expect(page.url()).toBe(`${stage.url}/integrity/eu-de?view=checkpoints`)
  })

  test(
    'locations and instances are put side by side by keyboard; nothing is counted before somebody asks',
    { timeout: 120_000 },
    async () => {
      const page = await stage.signedIn('/locations')
      const counted: string[] = []
      page.on('request', (request) => {
        const { pathname } = new URL(request.url())
        if (/facets$|inventory\/keys$|instances\/[^/]+$/.test(pathname)) counted.push(pathname)
      })
      for (const name of ['Compare eu-de', 'Compare us-south']) {
        await tabTo(page, page.getByLabel(name, { exact: true }))
        await page.keyboard.press('Space')
      }
      const side = page.getByRole('table', { name: 'Locations side by side' })
      const row = (name: string) =>
        side.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) })
      await row('Kept').getByText('for ever').nth(1).waitFor()
      await row('Open alerts').getByRole('link').nth(1).waitFor()
      expect(await row('Destroyed').getByText('not counted').count()).toBe(2)
      expect(counted).toEqual([])
      await tabTo(page, button(page, 'Count events and keys'))
      await page.keyboard.press('Enter')
      await row('Destroyed').getByText('1', { exact: true }).waitFor()
      await row('Events')
        .getByRole('link', { name: /^Events of eu-de: \d/ })
        .waitFor()
      // A search of each trail, and the keys of each instance.
      expect(counted.length).toBe(4)
      expect(page.url()).toMatch(/locations=eu-de(,|%2C)us-south/)

      await page.goto(`${stage.url}/locations?instances=${stage.product.instance},${far}&range=7d`)
      const instances = page.getByRole('table', { name: 'Instances side by side' })
      await instances.getByRole('link', { name: 'far' }).waitFor()
      await button(page, 'Count events and keys').click()
      await instances.getByRole('row', { name: /^Root keys 0 1$/ }).waitFor()
      await instances.getByRole('link', { name: /^Failures of far: 0$/ }).waitFor()
      await page.getByLabel('Events of the last').selectOption('30 days')
      await page.waitForURL(/range=30d/)
      expect(await accessFaults(page)).toEqual([])
      expect(await phoneFaults(page)).toEqual([])
      await button(page, 'Compare none').click()
      await instances.waitFor({ state: 'detached' })
    },
  )

  test('of what one may not read it is said where it would stand; hostile names stay text', async () => {
    const reader = await newPerson(stage, 'Rosa')
    await clientOf(stage, reader, 'KmipAdapterManager')
    const page = await stage.signedIn('/access', reader.apiKey)
    const instances = hostileNames.map((name, at) => ({
      guid: `0199c5f2-0000-7000-8000-00000000000${at}`,
      name,
      location: 'us-south',
      resourceGroup: 'default',
      crn: 'crn',
      createdAt: '2026-01-01T00:00:00Z',
    }))
    await page.route('**/v1/instances?*', told(200, { instances, next: null }))
    const compared = instances.map(({ guid }) => guid).join(',')
    await page.goto(`${stage.url}/locations?instances=${compared}&locations=us-south`)
    const side = page.getByRole('table', { name: 'Instances side by side' })
    await side.waitFor()
    await page.getByText('not yours to read').first().waitFor()
    await button(page, 'Count events and keys').click()
    await side.getByText('not yours to read').nth(3).waitFor()
    for (const name of hostileNames) expect(await side.getByText(name).count()).toBe(1)
    expect(await page.locator('main img, main script, a[href^="javascript"]').count()).toBe(0)
    expect(await phoneFaults(page)).toEqual([])
    await page.unroute('**/v1/instances?*')
    await page.route('**/v1/instances?*', told(503, { code: 'X', title: 'busy' }))
    await page.reload()
    expect(await isShown(page.getByText('The locations could not be read'))).toBe(true)
  })
})
