/** Beside the trail's list, in a real browser: what else happened, what a policy lets through now, what was missed. */
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { people, sampleEvent } from './fixture/events.ts'
import { tabTo } from './fixture/keyboard.ts'
import { Stage, isShown, isSkipped } from './fixture/stage.ts'

describe.skipIf(isSkipped)('an event and what is around it, in Chromium', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await Stage.open(300)
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  const around = (page: Page) => page.getByRole('region', { name: 'What else happened' })
  const asked = (): string[] => stage.server.urls.filter((url) => url.includes('/context?'))

  test('what else happened to the key is asked when it is wanted, oldest last, and leads on', async () => {
    const index = stage.log.events.findIndex((event, i) => i > 100 && event.target.id.includes(':key:'))
    const key = stage.log.events[index]?.target.id
    const page = await stage.signedIn({}, `/trail/us-south?event=${index}`)
    await around(page).getByRole('button', { name: 'Same key' }).waitFor()
    expect(asked()).toEqual([])
    await around(page).getByRole('button', { name: 'Same key' }).click()
    const items = around(page).getByRole('listitem').getByRole('button')
    await items.first().waitFor()
    expect([asked().length, await items.count()]).toEqual([1, 21])
    expect(await items.nth(10).getAttribute('aria-current')).toBe('true')
    const older = stage.log.events.findLastIndex((event, i) => i < index && event.target.id === key)
    await items.nth(11).click()
    await page.waitForURL((url) => url.searchParams.get('event') === String(older))
    await around(page).getByRole('button', { name: 'Same initiator' }).click()
    await around(page).getByRole('button', { name: 'Search the whole trail for this initiator' }).click()
    expect(await page.waitForURL(/initiator=/)).toBeUndefined()
  })

  test('of a policy each address that was added or removed is told, and whether it lets more through', async () => {
    const policy = (before: readonly string[], after: readonly string[]): number =>
      stage.server.append(
        'us-south',
        sampleEvent(
          {
            action: 'hs-crypto.instance-policies.write',
            who: people.ana,
            code: 204,
            request: {
              'initialValue.policyAllowedIPEnabled': true,
              'newValue.policyAllowedIPEnabled': true,
              'initialValue.policyAllowedIPAttribute': before,
              'newValue.policyAllowedIPAttribute': after,
            },
          },
          Date.now(),
          88_000 + after.length,
        ),
      )
    const wide = policy(['10.0.0.0/8', '192.0.2.1/32'], ['192.0.2.1/32', '0.0.0.0/0'])
    const narrow = policy(['10.0.0.0/8', '192.0.2.1/32'], ['192.0.2.1/32'])
    const page = await stage.signedIn({}, `/trail/us-south?event=${wide}`)
    const row = page.getByRole('row', { name: /policyAllowedIPAttribute/ })
    await row.getByText('0.0.0.0/0 added').waitFor()
    await row.getByText('10.0.0.0/8 removed').waitFor()
    await page.getByText('Looser: this lets more through than before.').waitFor()
    await row.getByRole('button', { name: '1 value as before' }).click()
    await row.getByText('192.0.2.1/32 as before').waitFor()
    await page.getByRole('row', { name: /policyAllowedIPEnabled .*as before/ }).waitFor()
    await page.goto(`${stage.server.url}/trail/us-south?event=${narrow}`)
    expect(await isShown(page.getByText('Stricter: this lets less through than before.'))).toBe(true)
  })

  test('an instance is called by its name from when another page has read it; the trail itself asks for none', async () => {
    const scope = 'instance/6d3f5a1e-8c0b-4f7a-9b1d-2e4c6a8b0d1f'
    const action = 'iam-access.role.grant'
    const granted = sampleEvent({ action, who: people.ana, request: { role: 'Writer', scope } }, Date.now(), 89_000)
    const index = stage.server.append('us-south', granted)
    const read = (): string[] => stage.server.requests.filter((request) => request === 'GET /v1/instances')
    const page = await stage.signedIn({}, `/trail/us-south?event=${index}`)
    const headline = page.getByRole('complementary').getByRole('heading', { name: /granted role Writer/ })
    await headline.filter({ hasText: 'for the instance 6d3f5a1e' }).waitFor()
    expect(read()).toEqual([])
    await page.getByRole('link', { name: 'Locations' }).click()
    await page.getByRole('link', { name: 'Payments' }).waitFor()
    await page.goBack()
    await headline.filter({ hasText: 'for the instance Payments' }).waitFor()
    expect(await isShown(page.getByRole('row', { name: /for the instance Payments/ }))).toBe(true)
    expect(read()).toHaveLength(1)
  })

  test('the keyboard keeps its place: what is taken away hands the focus on, and Escape leads to the list', async () => {
    const page = await stage.signedIn()
    const isAt = (target: Locator): Promise<boolean> => target.evaluate((element) => element === document.activeElement)
    const grid = page.getByRole('grid')
    await page.locator('[role="row"][data-index]').nth(4).click()
    await page.getByRole('button', { name: 'Older event' }).focus()
    const first = page.url()
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.href !== first)
    await expect.poll(() => isAt(page.getByRole('button', { name: 'Older event' }))).toBe(true)
    await page.keyboard.press('Escape')
    expect(await isAt(grid)).toBe(true)
    // Opened by mouse, moved by a button: arrows go on from there.
    expect(await grid.getAttribute('aria-activedescendant')).toBe(`event-${stage.log.size - 6}`)

    await page.keyboard.press('/')
    await page.keyboard.press('Escape')
    expect(await isAt(grid)).toBe(true)
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => isAt(grid)).toBe(true)

    await page.goto(`${stage.server.url}/trail/us-south?words=nonesuch`)
    await tabTo(page, page.getByRole('button', { name: 'Clear all filters' }))
    await page.keyboard.press('Enter')
    await grid.waitFor()
    await expect.poll(() => isAt(grid)).toBe(true)
    await tabTo(page, page.getByRole('button', { name: /Time range/ }), 'Shift+Tab')
    await page.keyboard.press('Enter')
    await tabTo(page, page.getByRole('button', { name: 'Last hour' }))
    await page.keyboard.press('Enter')
    await page.waitForURL(/from=-1h/)
    await expect.poll(() => isAt(page.getByRole('button', { name: 'Time range Last hour' }))).toBe(true)
  })

  test('what came while the tab was out of sight waits, and is told by how grave it is', async () => {
    const page = await stage.signedIn()
    const turn = (state: 'hidden' | 'visible'): Promise<void> =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => value })
        document.dispatchEvent(new Event('visibilitychange'))
      }, state)
    const first = page.locator('[role="row"][data-index]').first()
    await first.waitFor()
    await turn('hidden')
    const fresh = Array.from({ length: 12 }, () => stage.happen())
    const counts = ['critical', 'warning', 'normal'].flatMap((severity) => {
      const count = fresh.filter((index) => stage.log.events[index]?.severity === severity).length
      return count === 0 ? [] : [`${count} ${severity}`]
    })
    const told = page.getByRole('button', { name: '12 new events: show them' })
    await told.waitFor()
    await turn('visible')
    expect(await told.innerText()).toContain('While this tab was out of sight:')
    expect(await told.innerText()).toContain(counts.join(', '))
    await told.click()
    await page.locator(`[role="row"][data-index="${fresh.at(-1)}"]`).waitFor()
    await turn('hidden')
    await turn('visible')
    const next = stage.happen()
    expect(await isShown(page.locator(`[role="row"][data-index="${next}"]`))).toBe(true)
  })
})
