/** Crypto units of a real product in a real browser: how they stand, and a ceremony's transcript walked by keyboard. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ceremonyAdministrators, newTkeAdministrator, TkeCommands } from '../../testkit/src/tke-commands.ts'
import { press, tabTo } from './fixture/keyboard.ts'
import { accessFaults, hostileNames, phoneFaults } from './fixture/page-checks.ts'
import { newPerson } from './fixture/people.ts'
import { ProductStage } from './fixture/product-stage.ts'
import { isShown, isSkipped } from './fixture/stage.ts'

/** Administrators have names of 30 characters at most. */
const hostile = '<img src=x onerror=alert(1)>'

describe.skipIf(isSkipped)('crypto units of a product, in Chromium', () => {
  let stage: ProductStage
  let path = ''
  beforeAll(async () => {
    stage = await ProductStage.open()
    path = `/units/${stage.product.instance}`
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  const openStep = (page: Page) => page.locator('li[data-step][data-open]')

  test('units that agree say so, and wait for nothing', async () => {
    const page = await stage.signedIn(path)
    await page.getByText('All 3 units agree').waitFor()
    await page.getByText('Nothing: the units wait for nothing.').waitFor()
    await page.getByRole('button', { name: /AZ1-SOFT/ }).click()
    const panel = page.getByRole('complementary', { name: /AZ1-SOFT/ })
    await panel.getByText('2 administrators').waitFor()
    expect(await panel.getByText('2 of 2').count()).toBe(2)
    await panel.getByRole('button', { name: 'Close the unit' }).focus()
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('AZ1-SOFT')
  })

  test('a ceremony is walked step by step by keyboard alone, to the proof of one of its events', async () => {
    const page = await stage.signedIn(path)
    await page.getByText('All 3 units agree').waitFor()
    await press(page, 'Transcript')
    await page.getByText('Afterwards the units agree').waitFor()
    const steps = await page.locator('li[data-step]').count()
    expect(steps).toBeGreaterThan(10)
    const open = openStep(page)
    await page.keyboard.press('j')
    await open.getByText('Zeroized and reset crypto unit').waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('ArrowDown')
    const at = async (): Promise<number> => Number(await open.locator('button span').first().textContent())
    await expect.poll(at).toBe(3)
    await page.keyboard.press('k')
    await expect.poll(at).toBe(2)
    await page.keyboard.press('End')
    await expect.poll(at).toBe(steps)
    await page.keyboard.press('Home')
    await expect.poll(at).toBe(1)
    expect(page.url()).toMatch(/step=\d+/)
    // An address leads to the step again.
    const signed = page.locator('li[data-step]').filter({ hasText: 'Committed the new master key register' }).first()
    const index = await signed.getAttribute('data-step')
    await page.goto(`${stage.url}${path}?view=transcript&step=${index}`)
    await open.getByText('As many administrators as the signature threshold agreed').waitFor()
    expect(await open.getByText('development 2').count()).toBe(1)
    await tabTo(page, open.getByRole('link', { name: 'Its proof', exact: true }).first())
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/trail\/us-south\?.*view=proof/)
    await page.getByText('Proven in this browser').waitFor()
    await page.goBack()
    await open.waitFor()
    await page.keyboard.press('Escape')
    await open.waitFor({ state: 'detached' })
  })

  test('on paper it is whole, and nothing else is', async () => {
    const page = await stage.signedIn(`${path}?view=transcript`)
    await page.getByText('Afterwards the units agree').waitFor()
    // What it rests on: each step proved in this browser, up to a checkpoint.
    await page.getByText(/^All \d+ steps: the log holds each one/).waitFor()
    await page.emulateMedia({ media: 'print' })
    const checkpoint = page.locator('dl > div').filter({ hasText: 'Checkpoint' })
    expect(await checkpoint.textContent()).toMatch(/\d entries, root hash [A-Za-z0-9+/]{43}=/)
    // Pages are broken within blocks alone: what stands in a grid would be lost below the first.
    const parts = page.locator('[data-printable], [data-printable] article, [data-printable] ol')
    const displays = await parts.evaluateAll((all) => all.map((part) => getComputedStyle(part).display))
    expect(new Set(displays)).toEqual(new Set(['block']))
    const [first, last] = [page.locator('li[data-step]').first(), page.locator('li[data-step]').last()]
    for (const step of [first, last]) expect(await step.getByText('What it proves').isVisible()).toBe(true)
    for (const name of ['Go to…', 'Print', 'Next step']) {
      expect(await page.getByText(name, { exact: true }).first().isVisible()).toBe(false)
    }
  })

  test.each([
    ['a unit', '', async (page: Page) => page.getByRole('button', { name: /AZ1-SOFT/ }).click()],
    ['a step', '?view=transcript', async (page: Page) => page.locator('li[data-step] button').first().click()],
  ])('nothing is wrong with %s for whoever sees or aims badly, or has a phone', async (_, view, open) => {
    const page = await stage.signedIn(`${path}${view}`)
    await open(page)
    await page
      .getByText(/^(?:2 administrators|Signed by)$/)
      .first()
      .waitFor()
    expect(await accessFaults(page)).toEqual([])
    expect(await phoneFaults(page)).toEqual([])
  })

  test('whoever only reads the trail finds the instance there, its transcript, and why not the units', async () => {
    const auditor = await newPerson(stage, 'Audra', 'Auditor')
    const page = await stage.signedIn('/units', auditor.apiKey)
    await page.getByText('Of which instance?').waitFor()
    await page.getByRole('link', { name: stage.product.instance }).click()
    await page.getByText('takes the role Manager or Crypto Unit Administrator').waitFor()
    await page.getByRole('button', { name: 'Transcript' }).click()
    await page.getByText('Afterwards the units agree').waitFor()
    expect(await isShown(page.getByText('development 1').first())).toBe(true)
  })

  test('a unit that differs is named, and a hostile name stays text', async () => {
    const { product, client } = stage
    const tke = new TkeCommands(client, product.instance, ceremonyAdministrators(product.data, product.instance))
    const [unit] = await tke.units()
    if (unit === undefined) throw new Error('no unit')
    await tke.carryOut(unit, 'ADD_ADMINISTRATOR', newTkeAdministrator(hostile).certificate)
    const page = await stage.signedIn(path)
    await page.getByText('The units differ in their administrators.').waitFor()
    await page.getByRole('button', { name: unit.location }).click()
    await page.getByRole('complementary').getByText(hostile).waitFor()
    await page.getByRole('button', { name: 'Transcript' }).click()
    await page.getByText('Afterwards the units differ in their administrators.').waitFor()
    expect(await page.getByText(hostile).count()).toBeGreaterThan(0)
    expect(await page.locator('main img, aside img').count()).toBe(0)
  })

  test('what comes next is said with its command, of units whose names are hostile, too', async () => {
    const page = await stage.signedIn('/locations')
    const [markup, address, turned, long] = hostileNames
    const unit = (id: string, location: string, next: string) => ({
      hsm_id: id,
      location,
      serial_number: markup,
      state: 'imprint',
      version: 1,
      type: 'operational',
      administrators: [{ ski: 'a1'.repeat(32), name: turned }],
      signatureThreshold: 0,
      revocationThreshold: 0,
      masterKey: { current: { state: 'empty' }, new: { state: 'empty' } },
      next,
    })
    const units = [unit('one', markup, 'set-thresholds'), unit('$(id)', address, 'commit'), unit('three', long, 'none')]
    await page.route('**/v1/tke/*/units', (route) => route.fulfill({ json: { units } }))
    await page.goto(`${stage.url}${path}?unit=one`)
    await page.getByText('The instance has no master key yet').waitFor()
    await page
      .getByText(`cryptounit-thrhld-set --signature 2 --revocation 2 --instance ${stage.product.instance} --unit one`)
      .waitFor()
    expect(await page.getByText('$(id)').count()).toBe(0)
    expect(await page.locator('main img, aside img, main script').count()).toBe(0)
    expect(await phoneFaults(page)).toEqual([])
  })

  test('no units, and an answer that fails, are said', async () => {
    const page = await stage.signedIn('/locations')
    await page.route('**/v1/tke/*/units', (route) => route.fulfill({ json: { units: [] } }))
    await page.goto(`${stage.url}${path}`)
    await page.getByText('This instance has no crypto unit').waitFor()
    await page.unroute('**/v1/tke/*/units')
    const body = JSON.stringify({ code: 'UNIT_UNAVAILABLE', detail: 'The crypto unit does not answer.' })
    await page.route('**/v1/tke/*/units', (route) =>
      route.fulfill({ status: 503, contentType: 'application/problem+json', body }),
    )
    await page.reload()
    await page.getByText('The crypto units could not be read').waitFor()
    expect(await isShown(page.getByText('UNIT_UNAVAILABLE'))).toBe(true)
  })
})
