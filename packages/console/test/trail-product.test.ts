/** The trail against the real product: numbers, values, queries, saved views, ranges of the calendar; what the page shows is what it recorded. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { tabTo } from './fixture/keyboard.ts'
import { accessFaults, hostileNames } from './fixture/page-checks.ts'
import { clientOf, newPerson } from './fixture/people.ts'
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

  test('who disabled a key last night is found by keyboard alone, from signing in to the name', async () => {
    const marek = await newPerson(stage, 'Marek Novák')
    const client = await clientOf(stage, marek, 'Manager')
    const key = await stage.createKey('payroll')
    const { status, text } = await client.call('POST', `/api/v2/keys/${key}/actions/disable`)
    expect([status, text]).toEqual([204, ''])
    const auditor = await newPerson(stage, 'Ada Auditor', 'Auditor')
    const page = await stage.page({ timezoneId: zoneAtNight() })
    await page.goto(stage.url)
    await tabTo(page, page.getByLabel('API key'))
    await page.keyboard.type(auditor.apiKey)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await page.keyboard.press('Control+k')
    // The menu takes the focus a moment after it is there.
    await page.locator('input:focus').waitFor()
    await page.keyboard.type('Trail')
    await page
      .getByRole('option', { name: /^Trail/ })
      .first()
      .waitFor()
    await page.keyboard.press('Enter')
    await rows(page).first().waitFor()
    await page.keyboard.press('u')
    const range = page.getByRole('button', { name: /Time range/ })
    await tabTo(page, range)
    await page.keyboard.press('Enter')
    await tabTo(page, page.getByRole('button', { name: 'Last night' }))
    await page.keyboard.press('Enter')
    await page.waitForURL(/from=last-night&to=this-morning/)
    await page.keyboard.press('/')
    await page.keyboard.type('disab')
    await page.getByRole('option').filter({ hasText: 'hs-crypto.secrets.disable' }).waitFor()
    const chosen = page.locator('[role="option"][aria-selected="true"], [role="option"][data-combobox-selected]')
    for (let i = 0; i < 8 && !(await chosen.innerText()).includes('secrets.disable'); i++) {
      await page.keyboard.press('ArrowDown')
    }
    await page.keyboard.press('Enter')
    await page.waitForURL(/action=hs-crypto.secrets.disable/)
    await expect.poll(() => rows(page).count(), { timeout: 10_000 }).toBe(1)
    await page.keyboard.press('Escape')
    await tabTo(page, page.getByRole('grid'))
    await page.keyboard.press('Enter')
    const panel = page.getByRole('complementary', { name: 'Event', exact: true })
    await panel.getByRole('heading', { name: /Marek Novák disabled/ }).waitFor()
    await panel.getByText('As recorded').waitFor()
    // The night is that of the browser: four in the morning there.
    expect(await panel.innerText()).toMatch(/\d{4}-\d{2}-\d{2} 0[3-6]:\d{2}:\d{2}/)
    expect(await panel.getByText('In other zones').count()).toBe(page.url().includes('tz=Etc') ? 1 : 0)
  })

  test('a search is saved by keyboard, found again, changed, shared by an officer, and taken by the others as it is', async () => {
    const page = await stage.signedIn('/trail')
    await rows(page).first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('outcome:failure code:4xx')
    await page.keyboard.press('Enter')
    await page.waitForURL(/query=/)
    await tabTo(page, page.getByRole('button', { name: 'Views' }))
    await page.keyboard.press('Enter')
    await page.getByText('No view is saved yet').waitFor()
    await tabTo(page, page.getByRole('button', { name: 'Save this search…' }))
    await page.keyboard.press('Enter')
    await page.getByLabel('Name').waitFor()
    await page.keyboard.type('Refused')
    await page.keyboard.press('Tab')
    await page.keyboard.type('Daily')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await page.waitForURL(/saved=/)
    await page.getByRole('button', { name: 'View: Refused' }).waitFor()
    await page.getByRole('button', { name: 'Critical' }).click()
    await page.getByText('The search is no longer that of').waitFor()
    await tabTo(page, page.getByRole('button', { name: 'Save it there…' }))
    await page.keyboard.press('Enter')
    await page.getByText('in place of').waitFor()
    // Somebody else was quicker.
    const [view] = await savedViews()
    await stage.client.call('PUT', `${path()}/${view?.id}`, {
      body: { name: 'Refused', category: 'Daily', isShared: true },
    })
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'Somebody else changed the view meanwhile' }).waitFor()
    await page.getByRole('button', { name: 'Read it again' }).click()
    await page.getByText('in place of every event').waitFor()
    await page.getByRole('button', { name: 'Save the change' }).click()
    await page.waitForURL((url) => url.searchParams.get('query') === 'outcome:failure code:4xx severity:critical')
    expect(await page.getByText('The search is no longer that of').count()).toBe(0)
    expect((await savedViews()).map(({ version, query }) => [version, query])).toEqual([
      [3, 'outcome:failure code:4xx severity:critical'],
    ])

    const { apiKey } = await newPerson(stage, 'Theo', 'Auditor')
    const other = await stage.signedIn('/trail', apiKey)
    await rows(other).first().waitFor()
    await other.getByRole('button', { name: 'Views' }).click()
    await other.getByLabel('Find a view').fill('daily ref')
    await other.keyboard.press('Enter')
    await other.getByRole('button', { name: 'View: Refused' }).waitFor()
    const link = page.url()
    expect(other.url()).toBe(link)
    await other.getByRole('button', { name: 'View: Refused' }).click()
    await other.getByRole('button', { name: 'Rename, share or delete Refused' }).click()
    await other.getByText('What all see is kept by officers').waitFor()
    expect(await other.getByRole('button', { name: 'Save the change' }).isDisabled()).toBe(true)
    await other.keyboard.press('Escape')
    const rule = other.getByRole('button', { name: 'Alert me about this' })
    expect([await rule.getAttribute('aria-disabled'), await rule.getAttribute('title')]).toEqual([
      'true',
      'Alert me about this. Rules are made by officers: this takes the role Officer on the tracker.',
    ])
    await other.keyboard.press('Control+k')
    await other.locator('input:focus').waitFor()
    await other.keyboard.type('refused')
    await other.getByRole('option', { name: 'Refused Saved view' }).waitFor()
    await other.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Alert me about this' }).click()
    await page.waitForURL(
      (url) =>
        url.pathname.startsWith('/alerts/') &&
        url.searchParams.get('new') === 'rule' &&
        url.searchParams.get('query') === 'outcome:failure code:4xx severity:critical',
    )
    await page.goBack()
    await page.getByRole('button', { name: 'View: Refused' }).click()
    await page.getByRole('button', { name: 'Rename, share or delete Refused' }).click()
    await page.getByRole('button', { name: 'Delete…' }).click()
    await page.getByText('The view is deleted for everybody').waitFor()
    await page.getByRole('button', { name: 'Delete the view' }).click()
    await page.getByRole('button', { name: 'Views' }).waitFor()
    expect(await savedViews()).toEqual([])
  })

  test('what people call a view is only ever text, for axe and on a phone, too; refusals are told in words', async () => {
    for (const [at, name] of hostileNames.entries()) {
      const body = { name: name.slice(0, 100), category: name.slice(0, 50), query: 'agent:"<b>"', isShared: at > 1 }
      // What turns the direction of text is refused by the server.
      expect([201, 400]).toContain((await stage.client.call('POST', path(), { body })).status)
    }
    const query = encodeURIComponent('agent:"<img src=x onerror=1>"')
    const page = await stage.signedIn(`/trail/${stage.product.location}?query=${query}`)
    await page.getByText('No event matches').waitFor()
    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByText('javascript:alert(1)').first().waitFor()
    expect(await page.locator('img, a[href^="javascript"], script:not([src])').count()).toBe(0)
    expect(await accessFaults(page)).toEqual([])
    await page.getByRole('button', { name: /^Rename, share or delete javascript/ }).click()
    await page.getByLabel('Name').fill('<b>new</b>')
    expect(await accessFaults(page)).toEqual([])
    await page.setViewportSize({ width: 390, height: 844 })
    const excess = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - 390)
    expect(await excess()).toBe(0)
    // What is asked above a dialog takes Escape first, and the dialog stays.
    await page.keyboard.press('Escape')
    await page.getByText('is not saved').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('is not saved').waitFor({ state: 'detached' })
    expect(await page.getByLabel('Name').inputValue()).toBe('<b>new</b>')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Discard it and leave' }).click()
    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByLabel('Find a view').waitFor()
    expect(await excess()).toBe(0)
    await page.getByRole('button', { name: /^Rename, share or delete javascript/ }).click()
    for (const [code, told] of [
      ['QUOTA_EXCEEDED', 'There are as many views as there may be'],
      ['ALREADY_EXISTS', 'There is a view of this name already'],
    ]) {
      await page.route(/\/views\//, (route) => route.fulfill({ status: 409, json: { code, detail: code } }))
      await page.getByRole('button', { name: 'Save the change' }).click()
      await page
        .getByRole('alert')
        .filter({ hasText: told ?? '' })
        .waitFor()
      await page.unroute(/\/views\//)
    }
    await page.route(/\/views\//, (route) => route.abort())
    await page.getByRole('button', { name: 'Save the change' }).click()
    expect(await isShown(page.getByRole('alert').filter({ hasText: 'The server did not answer' }))).toBe(true)
  })

  const path = (): string => `/v1/trackers/${stage.product.location}/views`
  const savedViews = async (): Promise<{ id: string; version: number; query: string }[]> =>
    (await stage.client.call<{ views: { id: string; version: number; query: string }[] }>('GET', path())).json.views
})

const rows = (page: Page) => page.locator('[role="row"][data-index]')

/** A zone in which it is four in the morning: what happens now happens there in the night that everybody calls last night. */
function zoneAtNight(): string {
  const offset = ((4 - new Date().getUTCHours() + 36) % 24) - 12
  return `Etc/GMT${offset === 0 ? '' : offset > 0 ? `-${offset}` : `+${-offset}`}`
}
