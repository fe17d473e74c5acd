/** The trail's numbers, values, queries and surroundings against the real product: what the page shows is what it recorded. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ProductStage } from './fixture/product-stage.ts'
import { isShown, isSkipped } from './fixture/stage.ts'

describe.skipIf(isSkipped)('the trail of the product, in Chromium', () => {
  let stage: ProductStage
  beforeAll(async () => {
    stage = await ProductStage.open()
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  test('who deleted a key is found by keyboard, counted, and shown among what else happened to it', async () => {
    const hostile = '<img src=x onerror="window.pwned=1">'
    const key = await stage.deleteKey(hostile)
    const page = await stage.signedIn('/trail')
    await page.getByRole('application', { name: 'Events over time' }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type(`key:${key} action:*.delete -outcome:failure time:-1h`)
    await page.keyboard.press('Enter')
    await page.waitForURL(/query=/)
    await expect.poll(() => page.locator('[role="row"][data-index]').count(), { timeout: 10_000 }).toBe(1)
    const bars = page.getByRole('region', { name: 'Events over time', exact: true })
    await bars.getByText('1 event', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Values', exact: true }).click()
    const values = page.getByRole('complementary', { name: 'Values of the events found' })
    await values.getByRole('button', { name: 'Filter for Action hs-crypto.secrets.delete 1 events' }).waitFor()
    await page.getByRole('grid').focus()
    await page.keyboard.press('Enter')
    const around = page.getByRole('region', { name: 'What else happened' })
    await around.getByRole('button', { name: 'Same key' }).click()
    await expect.poll(() => around.getByRole('listitem').count(), { timeout: 10_000 }).toBe(2)
    expect(await page.evaluate(() => 'pwned' in window)).toBe(false)
  })

  test('what only the server finds wrong is told, too', async () => {
    // A backreference: browsers know it, the language of the product does not.
    const page = await stage.signedIn('/trail')
    const line = page.getByRole('combobox', { name: 'Search the trail' })
    await line.fill(String.raw`agent:/(a)\1/`)
    await page.keyboard.press('Enter')
    expect(await isShown(page.getByText(/The query cannot be read at character/))).toBe(true)
  })
})
