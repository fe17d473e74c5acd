/** The trail in a real browser: live, still when asked, narrowed, read, and deaf to markup. */
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { attachments, keys, longPolicy, people, sampleEvent } from './fixture/events.ts'
import { trackerStatus } from './fixture/overview-samples.ts'
import { Stage, isShown, isSkipped } from './fixture/stage.ts'

const indexes = (page: Page): Promise<number[]> =>
  page.locator('[role="row"][data-index]').evaluateAll((rows) =>
    rows
      .map((row) => ({ index: Number(row.getAttribute('data-index')), top: row.getBoundingClientRect().top }))
      .sort((a, b) => a.top - b.top)
      .map((row) => row.index),
  )

describe.skipIf(isSkipped)('the trail, in Chromium', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await Stage.open(1500)
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  const row = (page: Page, index: number) => page.locator(`[role="row"][data-index="${index}"]`)
  const grid = (page: Page) => page.getByRole('grid')

  test('an event appears at the top as it happens, and its mark goes from recorded to proven', async () => {
    const page = await stage.signedIn()
    const index = stage.happen()
    await row(page, index).getByText('Recorded').waitFor()
    expect((await indexes(page))[0]).toBe(index)
    stage.server.publish('us-south')
    expect(await isShown(row(page, index).getByText('Proven'))).toBe(true)
  })

  test('while paused nothing moves, new events are counted, and then shown once each', async () => {
    const page = await stage.signedIn()
    const before = (await indexes(page)).slice(0, 20)
    await page.getByRole('button', { name: 'Pause' }).click()
    const [first, second] = [stage.happen(), stage.happen()]
    await page.getByRole('button', { name: '2 new events: show them' }).waitFor()
    expect((await indexes(page)).slice(0, 20)).toEqual(before)
    await page.getByText('2 new events, waiting at the top').waitFor({ state: 'attached' })
    await page.getByRole('button', { name: 'Resume' }).click()
    await row(page, second).waitFor()
    expect((await indexes(page)).slice(0, 2)).toEqual([second, first])
  })

  test('scrolled away, the list stays where the reader is until new events are asked for', async () => {
    const page = await stage.signedIn()
    await grid(page).evaluate((element) => element.scrollTo(0, 2000))
    await page.waitForFunction(
      () => Number(document.querySelector('[role="row"][data-index]')?.getAttribute('aria-rowindex')) > 20,
    )
    const before = await indexes(page)
    const index = stage.happen()
    await page.getByRole('button', { name: '1 new event: show it' }).click()
    await row(page, index).waitFor()
    expect(before).not.toContain(index)
    expect(await grid(page).evaluate((element) => element.scrollTop)).toBe(0)
  })

  test('a broken connection is said and resumed, with nothing lost and nothing twice', async () => {
    const page = await stage.signedIn()
    const first = stage.happen()
    await row(page, first).waitFor()
    stage.server.cutTails()
    const second = stage.happen()
    await page.getByText('The live connection is broken').waitFor()
    await row(page, second).waitFor()
    await page.getByText('The live connection is broken').waitFor({ state: 'detached' })
    const third = stage.happen()
    await row(page, third).waitFor()
    expect((await indexes(page)).slice(0, 3)).toEqual([third, second, first])
  })

  test('older events come as one scrolls, and only the rows in sight are in the page', async () => {
    const page = await stage.signedIn()
    const last = page.getByText('No earlier events')
    // Each scroll to the end asks for a page; the last one brings the first event of all.
    await expect
      .poll(
        async () => {
          await grid(page).evaluate((element) => element.scrollTo(0, element.scrollHeight))
          return row(page, 0).count()
        },
        { timeout: 15_000 },
      )
      .toBe(1)
    await last.waitFor()
    expect(await page.locator('[role="row"][data-index]').count()).toBeLessThan(80)
    expect(await row(page, 0).getAttribute('aria-rowindex')).toBe(String(stage.log.size + 1))
    expect(await grid(page).getAttribute('aria-rowcount')).toBe(String(stage.log.size + 1))
  })

  test('older events that fail to come are said where they are missing, and can be asked for again', async () => {
    stage.server.switches.refuseOlder = 500
    const page = await stage.signedIn()
    await grid(page).evaluate((element) => element.scrollTo(0, element.scrollHeight))
    await page.getByText('Older events could not be loaded.').waitFor()
    stage.server.switches.refuseOlder = undefined
    await page.getByRole('button', { name: 'Try again' }).click()
    const lost = page.getByText('Older events could not be loaded.')
    await lost.waitFor({ state: 'detached' })
    expect(await lost.count()).toBe(0)
  })

  test('filters narrow the list, stand in the address and survive a reload', async () => {
    const page = await stage.signedIn()
    await page.getByRole('button', { name: 'Critical' }).click()
    await page.waitForURL(/severity=critical/)
    await page.getByRole('combobox', { name: 'Search the trail' }).fill('billing')
    await page.keyboard.press('Enter')
    await page.waitForURL(/words=billing/)
    const check = async (): Promise<void> => {
      await page.locator('[role="row"][data-severity="critical"]').first().waitFor()
      expect(await page.locator('[role="row"]:is([data-severity="normal"], [data-severity="warning"])').count()).toBe(0)
      for (const text of await page.locator('[role="row"][data-index]').allInnerTexts())
        expect(text).toContain('billing')
    }
    await check()
    await page.reload()
    await check()
    await page.getByRole('button', { name: /Remove filter Words: billing/ }).click()
    await page.goBack()
    expect(await isShown(page.getByRole('button', { name: /Remove filter Words: billing/ }))).toBe(true)
  })

  test('an action is found by its former name', async () => {
    const page = await stage.signedIn()
    await page.getByRole('combobox', { name: 'Search the trail' }).fill('hs-crypto.secrets.readmetadata')
    await page.getByText('formerly hs-crypto.secrets.readmetadata').waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/action=hs-crypto.secrets-metadata.read/)
    expect(await isShown(page.getByText('read the metadata of').first())).toBe(true)
  })

  test('a time range can be a preset or two times, and a wrong time is said', async () => {
    const page = await stage.signedIn()
    await page.getByRole('button', { name: /Time range/ }).click()
    await page.getByRole('button', { name: 'Last hour' }).click()
    await page.waitForURL(/from=-1h/)
    await page.getByRole('button', { name: /Time range/ }).click()
    await page.getByLabel('From').fill('yesterday')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('Write it as YYYY-MM-DD hh:mm.').waitFor()
    await page.getByLabel('From').fill('2001-01-01 00:00')
    await page.getByLabel('Until').fill('2001-01-02 00:00')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('No event matches').waitFor()
    await page.getByText('Past only').waitFor()
    await page.getByRole('button', { name: 'Clear all filters' }).click()
    expect(await isShown(grid(page))).toBe(true)
  })

  test('days begin in the zone of the address, which a link keeps and a key changes; any zone can be chosen', async () => {
    const page = await stage.signedIn({ timezoneId: 'Europe/Berlin' })
    await page.getByRole('button', { name: /Time range/ }).click()
    await page.getByLabel('Another zone').fill('mars')
    await page.keyboard.press('Enter')
    await page.getByText('There is no zone of this name.').waitFor()
    await page.getByLabel('Another zone').fill('asia/kathmandu')
    await page.keyboard.press('Enter')
    await page.waitForURL(/tz=Asia\/Kat|tz=Asia%2FKat/)
    await page.getByRole('button', { name: 'Yesterday' }).click()
    await page.waitForURL(/from=yesterday&to=today/)
    await page.getByText('Past only').waitFor()
    const asked = (): string | undefined => stage.server.urls.findLast((url) => url.includes('/events?'))
    expect(asked()).toContain('from=yesterday&to=today&tz=Asia/Kat')
    await page.getByRole('columnheader', { name: 'Time (UTC+05:45)' }).or(page.getByText('No event matches')).waitFor()
    const link = page.url()
    await page.keyboard.press('u')
    await page.waitForURL(/tz=UTC/)
    const other = await stage.signedIn({ timezoneId: 'Europe/Berlin' }, link.slice(stage.server.url.length))
    await other.getByRole('button', { name: /Times in Asia\/Kat/ }).click()
    await other.waitForURL(/tz=UTC/)
    await other.keyboard.press('u')
    await other.waitForURL(/tz=Europe/)
    await other.getByRole('button', { name: /Times in UTC\+0[12]:00/ }).waitFor()
    expect(asked()).toContain('tz=Europe/Berlin')
  })

  test('a file that is gone is told where it was wanted and for the whole console, which can be loaded anew', async () => {
    const page = await stage.signedIn()
    await row(page, stage.log.size - 1).waitFor()
    await page.route(/panel-views-.*js/, (route) => route.abort())
    await row(page, stage.log.size - 1).click()
    const panel = page.getByRole('complementary', { name: 'Event' })
    await panel.getByRole('button', { name: 'Try again' }).waitFor()
    const notice = page.getByRole('complementary', { name: 'This part of the console could not be loaded' })
    await notice.getByText('the server may have a newer version by now').waitFor()
    await page.unroute(/panel-views-.*js/)
    await notice.getByRole('button', { name: 'Reload' }).click()
    await panel.getByRole('tab', { name: 'Proof' }).waitFor()
    expect(await notice.count()).toBe(0)
  })

  test('a search whose first pages hold nothing goes on by itself, and says that it does', async () => {
    const page = await stage.page()
    let empty = 0
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    await page.route(/\/v1\/trackers\/us-south\/events\?/, async (route) => {
      empty += 1
      if (empty > 24) await held
      if (empty > 24)
        return route.continue({
          url: route
            .request()
            .url()
            .replace(/cursor=\w+/, 'x=1')
            .replace('x=1&', ''),
        })
      return route.fulfill({ json: { events: [], next: String(stage.log.size - 1), covered: 0 } })
    })
    await page.goto(stage.server.signInUrl.replace('/#', '/trail/us-south#'))
    await page.getByText('Nothing found so far').waitFor()
    release()
    expect(await isShown(row(page, stage.log.size - 1))).toBe(true)
  })

  test('a list too long for its event is downloaded whole, and only when it hashes to what the event says', async () => {
    const page = await stage.signedIn()
    const event = sampleEvent(longPolicy, Date.now(), 77)
    const index = stage.server.append('us-south', event)
    await row(page, index).click()
    const panel = page.getByRole('complementary', { name: 'Event' })
    await panel.getByText('… and 1,490 more, kept beside the event').waitFor()
    const button = panel.getByRole('button', { name: 'Download all 1,500 values' })
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()])
    expect(download.suggestedFilename()).toBe(`${event.id}-newValue.policyAllowedIPAttribute.json`)
    const list = JSON.parse(await readFile(await download.path(), 'utf8')) as string[]
    expect([list.length, list.at(-1)]).toEqual([1500, '10.5.219.0/24'])
    await panel.getByText('Downloaded: they hash to what the event says.').waitFor()
    const [sha256 = '', content = new Uint8Array()] = [...attachments].at(-1) ?? []
    attachments.set(sha256, Buffer.from('["0.0.0.0/0"]'))
    await button.click()
    await panel.getByText('Not downloaded: what the server sent does not hash').waitFor()
    attachments.set(sha256, content)
  })

  test('the panel tells who, what, when, where, why it failed and what to do', async () => {
    const index = stage.log.events.findLastIndex((event) => event.reason.reasonCode === 409)
    const page = await stage.signedIn({}, '/trail/us-south?code=409')
    await row(page, index).click()
    const panel = page.getByRole('complementary', { name: 'Event' })
    await panel.getByRole('heading', { name: /Ana Ruiz was refused: delete root key/ }).waitFor()
    await panel.getByText('Why it may have failed').waitFor()
    const text = await panel.innerText()
    for (const part of ['What to do:', '/registrations', 'IBMid-2700044V6T', '192.0.2.17', '409 Conflict']) {
      expect(text).toContain(part)
    }
    expect(page.url()).toContain(`event=${index}`)
    await panel.getByRole('button', { name: /Filter for Id IBMid-2700044V6T/ }).click()
    await page.waitForURL(/initiator=IBMid-2700044V6T/)
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
  })

  test('the event that is open stays in sight, from its address, by the arrows, and when the list makes room', async () => {
    const page = await stage.signedIn()
    const inSight = (index: number): Promise<boolean> =>
      row(page, index).evaluate((element) => {
        const box = element.getBoundingClientRect()
        const list = element.closest('[role="grid"]')?.getBoundingClientRect()
        return list !== undefined && box.top >= list.top && box.bottom <= list.bottom
      })
    const deep = stage.log.size - 120
    await page.goto(`${stage.server.url}/trail/us-south?event=${deep}`)
    await page.getByText('Entry').first().waitFor()
    await row(page, deep).waitFor()
    await expect.poll(() => inSight(deep), { timeout: 5000 }).toBe(true)
    await page.getByRole('button', { name: 'Close the event' }).click()
    await page.getByRole('complementary', { name: 'Event' }).waitFor({ state: 'detached' })
    await row(page, deep + 3).click()
    await page.getByRole('complementary', { name: 'Event' }).waitFor()
    await expect.poll(() => inSight(deep + 3), { timeout: 5000 }).toBe(true)
    for (let i = 0; i < 40; i++) await page.getByRole('button', { name: 'Older event' }).click()
    await expect.poll(() => inSight(deep - 37), { timeout: 5000 }).toBe(true)
  })

  test('values before and after a change stand side by side', async () => {
    const index = stage.log.events.findLastIndex((event) => event.action === 'hs-crypto.policies.write')
    const page = await stage.signedIn({}, `/trail/us-south?event=${index}`)
    const change = page.getByRole('row', { name: /policyDualAuthDeleteEnabled/ })
    await change.waitFor()
    expect(await change.getByRole('cell').allInnerTexts()).toEqual(['true', 'false'])
  })

  test('a link to an event opens it though it is far down, and an unknown one is said', async () => {
    const page = await stage.signedIn({}, '/trail/us-south?event=3&view=json')
    await page.getByText(`"id": "${stage.log.events[3]?.id}"`).waitFor()
    await page.goto(`${stage.server.url}/trail/us-south?event=999999`)
    expect(await isShown(page.getByText('There is no such event'))).toBe(true)
  })

  test('content of events is never markup', async () => {
    const page = await stage.signedIn()
    const evil = `"><img src=x onerror="window.pwned=1"><script>window.pwned=1</script><a href="javascript:alert(1)">x</a>`
    const facts = {
      action: 'hs-crypto.secrets.unwrap',
      who: { ...people.ana, name: `${evil}who`, host: { ...people.ana.host, agent: `${evil}agent` } },
      key: { id: keys[0].id, name: `${evil}key` },
      outcome: 'failure',
      code: 422,
      why: `${evil}why`,
    } as const
    const index = stage.server.append('us-south', sampleEvent(facts, Date.now(), 77_001))
    stage.server.publish('us-south')
    await row(page, index).click()
    const panel = page.getByRole('complementary', { name: 'Event' })
    // Once where it is told why it failed, once among the fields.
    await panel.getByText(`${evil}why`).nth(1).waitFor()
    await panel.getByText(`${evil}agent`).waitFor()
    await panel.getByRole('tab', { name: 'JSON' }).click()
    await panel.getByText('onerror').first().waitFor()
    await panel.getByRole('tab', { name: 'Proof' }).click()
    await panel.getByText('Proven in this browser').waitFor()
    await page.getByRole('combobox', { name: 'Search the trail' }).fill(evil)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /Remove filter Words/ }).waitFor()
    expect(await page.locator('img, a[href^="javascript"], script:not([src])').count()).toBe(0)
    expect(await page.evaluate(() => 'pwned' in window)).toBe(false)
  })

  test('an empty location, a forbidden one and a failing server each say what they are', async () => {
    const page = await stage.signedIn()
    await page.getByRole('button', { name: /Location/ }).click()
    await page.getByRole('button', { name: 'eu-de' }).click()
    await page.getByText('Nothing has happened yet').waitFor()
    stage.server.switches.refuseEvents = 403
    await page.reload()
    await page.getByText('You may not read this trail').waitFor()
    stage.server.switches.refuseEvents = 500
    await page.reload()
    await page.getByText('The events could not be read').waitFor()
    stage.server.switches.refuseEvents = undefined
    await page.getByRole('button', { name: 'Try again' }).click()
    expect(await isShown(page.getByText('Nothing has happened yet'))).toBe(true)
  })

  test.each([
    ['https://there.example:8443', ['https://there.example:8443']],
    ['javascript:alert(1)', []],
  ])('a trail kept at %s leads there only when that is an address of the web', async (url, links) => {
    const page = await stage.signedIn()
    const status = { ...trackerStatus({ endedAt: new Date().toISOString() }), remote: { url, location: 'eu-de' } }
    await page.route('**/us-south/status', (route) => route.fulfill({ json: status }))
    const refusal = { status: 421, json: { code: 'TRACKER_ELSEWHERE', detail: 'Elsewhere.', title: 'Elsewhere' } }
    await page.route('**/us-south/events?*', (route) => route.fulfill(refusal))
    await page.reload()
    await page.getByText(`Events of us-south go to ${url}`).waitFor()
    const link = page.getByRole('link', { name: 'Open that console' })
    expect(await link.evaluateAll((all) => all.map((each) => each.getAttribute('href')))).toEqual(links)
  })
})
