/** The integrity page over a real product: proofs by keyboard, two people, what the server verifies, and how loud a fault is. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { secondAdministrator } from '../../testkit/test/second-person.ts'
import { run as verifier } from '../../verifier/src/run.ts'
import { tabTo } from './fixture/keyboard.ts'
import { accessFaults, phoneFaults } from './fixture/page-checks.ts'
import { ProductStage } from './fixture/product-stage.ts'
import { isShown, isSkipped } from './fixture/stage.ts'

const trail = '/v1/trackers/us-south'
const at = '2026-01-02T03:04:05.000Z'
/** The console is built first, beside whatever else the machine does. */
const openMs = 180_000
/** Axe looks at each page in three looks. */
const axeMs = 90_000
const hostile = `<img src=x onerror=alert(1)> javascript:alert(1) ${'x'.repeat(300)}`

describe.skipIf(isSkipped)('the integrity of a product, in Chromium', () => {
  let stage: ProductStage
  let bobKey: string
  let auditorKey: string
  beforeAll(async () => {
    stage = await ProductStage.open()
    bobKey = await secondAdministrator(stage.client)
    auditorKey = await secondAdministrator(stage.client, 'Audra', { kind: 'account' }, 'Auditor')
  }, openMs)
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  /** The size of a checkpoint that the log keeps, since it was handed out. */
  async function handedOut(): Promise<number> {
    const { text } = await stage.client.call('GET', `${trail}/log/checkpoint`)
    return Number(text.split('\n')[1])
  }

  /** What the verifier says of a receipt, in a folder that has nothing else. */
  async function verifiedElsewhere(receipt: string): Promise<{ readonly code: number; readonly said: string }> {
    const key = (await stage.client.call('GET', `${trail}/log/key`)).text.trim()
    const folder = await mkdtemp(join(tmpdir(), 'keywitness-outsider-'))
    try {
      await writeFile(join(folder, 'event.tlog-proof'), receipt)
      let said = ''
      const tell = (text: string): void => void (said += text)
      const code = await verifier(['receipt', join(folder, 'event.tlog-proof'), '--key', key], { out: tell, err: tell })
      return { code, said }
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  const panel = (page: Page) => page.getByRole('complementary')
  const dialog = (page: Page) => page.getByRole('dialog')

  test('an event is proven to an outsider, and its checkpoint found, by keyboard alone', async () => {
    await stage.client.createKey('proven-root')
    const page = await stage.signedIn('/trail/us-south?words=proven-root')
    await page.getByText('proven-root').first().waitFor()
    await tabTo(page, page.getByRole('grid'))
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await panel(page).getByRole('tab', { name: 'Event', exact: true }).waitFor()
    await tabTo(page, panel(page).getByRole('tab', { name: 'Event', exact: true }))
    await page.keyboard.press('ArrowRight')
    await panel(page).getByText('Proven in this browser').waitFor()
    const download = page.waitForEvent('download')
    await tabTo(page, panel(page).getByRole('button', { name: 'Download receipt' }))
    await page.keyboard.press('Enter')
    const receipt = await readFile(await (await download).path(), 'utf8')

    await tabTo(page, panel(page).getByRole('link', { name: /The checkpoint it is under/ }))
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/integrity\/us-south\?view=checkpoints&checkpoint=\d+$/)
    await panel(page).getByText('What is signed').waitFor()
    const saved = page.waitForEvent('download')
    await tabTo(page, panel(page).getByRole('button', { name: 'Download checkpoint' }))
    await page.keyboard.press('Enter')
    const note = await readFile(await (await saved).path(), 'utf8')
    // The receipt ends with the very checkpoint that was found here.
    expect(receipt).toContain(note)
    // The outsider has the file, the log's key and the verifier that stands alone; nothing of the server.
    const honest = await verifiedElsewhere(receipt)
    expect([honest.code, honest.said]).toEqual([0, expect.stringContaining('proven-root')])
    const bent = receipt.replace(/^(extra )(\S+)$/m, (_, name: string, entry: string) => {
      const text = Buffer.from(entry, 'base64').toString('latin1').replaceAll('proven-root', 'pr0ven-root')
      return name + Buffer.from(text, 'latin1').toString('base64')
    })
    expect(bent).not.toBe(receipt)
    expect((await verifiedElsewhere(bent)).code).toBe(1)

    await tabTo(page, panel(page).getByLabel('The other checkpoint'))
    await page.keyboard.press('ArrowDown')
    await panel(page).getByText('Proven: one growing log').waitFor()
    await page.keyboard.press('Escape')
    expect(await isShown(page.getByRole('table', { name: 'Checkpoints' }))).toBe(true)
    expect(await panel(page).count()).toBe(0)
  })

  test('the checkpoint of an entry is found by its number', async () => {
    const size = await handedOut()
    await stage.client.createKey('later')
    const page = await stage.signedIn('/integrity/us-south?view=checkpoints')
    await page.getByLabel('Number of an entry').fill('not a number')
    await page.getByRole('button', { name: 'Find its checkpoint' }).click()
    await page.getByText('Write the number of an entry').waitFor()
    await page.getByLabel('Number of an entry').fill(String(size - 1))
    await page.getByRole('button', { name: 'Find its checkpoint' }).click()
    await page.waitForURL(/checkpoint=\d+/)
    expect(Number(new URL(page.url()).searchParams.get('checkpoint'))).toBeGreaterThanOrEqual(size)
    expect(await isShown(panel(page).getByText('What is signed'))).toBe(true)
  })

  test('a hold is placed and its release proposed by one, and approved by another', async () => {
    const page = await stage.signedIn('/integrity/us-south?view=keeping')
    await page.getByText('There is no hold.').waitFor()
    await page.getByRole('button', { name: 'Place a hold' }).click()
    await page.getByLabel('Reason').fill('Case 4711')
    await page.getByLabel('What it covers').fill('action:(')
    await page.getByRole('form', { name: 'Place a hold' }).getByRole('button', { name: 'Place the hold' }).click()
    await page.getByText(/The query cannot be read at character/).waitFor()
    await page.getByLabel('What it covers').fill('action:*.delete')
    await page.getByRole('button', { name: 'Place the hold' }).click()
    await page.getByText('Done: the hold is placed.').waitFor()
    await page.getByRole('button', { name: 'Case 4711' }).click()
    await panel(page).getByRole('button', { name: 'Propose its release' }).click()
    await dialog(page).getByText('the hold protects nothing any more').waitFor()
    await dialog(page).getByRole('button', { name: 'Propose its release' }).click()
    await page.getByText(/^(7 days|6 days 23 hours) left$/).waitFor()
    await page.getByText('You proposed this: another administrator').waitFor()
    expect(await page.getByRole('button', { name: 'Approve…' }).count()).toBe(0)

    const other = await stage.signedIn('/integrity/us-south?view=keeping', bobKey)
    await tabTo(other, other.getByRole('button', { name: 'Approve…' }))
    await other.keyboard.press('Enter')
    await dialog(other)
      .getByText(/Case 4711.*protects nothing any more/)
      .waitFor()
    await tabTo(other, dialog(other).getByRole('button', { name: 'Approve', exact: true }))
    await other.keyboard.press('Enter')
    await other.getByText('Approved, and done.').waitFor()
    await other.getByText('Released', { exact: true }).waitFor()

    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByText('No proposal waits.').waitFor()
    const { json } = await stage.client.call<{ holds: object[] }>('GET', `${trail}/holds`)
    expect(json.holds).toMatchObject([{ reason: 'Case 4711', state: 'released' }])
  })

  test('keeping events for less time is proposed, withdrawn, and an auditor is told what it takes', async () => {
    const page = await stage.signedIn('/integrity/us-south?view=keeping')
    await page.getByRole('button', { name: 'Change the retention' }).click()
    await page.getByLabel('Days that events are kept').fill('30')
    await page.getByText('you propose it, and another person decides').waitFor()
    await page.getByRole('button', { name: 'Propose it' }).click()
    await dialog(page).getByRole('button', { name: 'Propose it' }).click()
    await page.getByText('Proposed. Another administrator').waitFor()

    const audra = await stage.signedIn('/locations', auditorKey)
    await withClockAhead(audra, 3_600_000)
    await audra.goto(`${stage.url}/integrity/us-south?view=keeping`)
    // By the server's clock, which is an hour on.
    await audra.getByText('6 days 22 hours left').waitFor()
    await audra.getByText(/^This computer's clock is (1 hour|59 minutes.*) behind the server's/).waitFor()
    await audra.getByRole('button', { name: 'Approve…' }).click()
    await dialog(audra).getByRole('button', { name: 'Approve', exact: true }).click()
    await dialog(audra).getByText('That takes the role Administrator on this tracker').waitFor()

    await page.getByRole('button', { name: 'Withdraw…' }).click()
    await dialog(page).getByRole('button', { name: 'Withdraw', exact: true }).click()
    await page.getByText('Withdrawn. Nothing was changed.').waitFor()
    await page.getByText('for ever', { exact: true }).waitFor()
    const { json } = await stage.client.call<{ retentionDays: number }>('GET', `${trail}/retention`)
    expect(json.retentionDays).toBe(0)
  })

  test('a verification is begun, and its result is listed once it has ended', async () => {
    const page = await stage.signedIn('/integrity/us-south?view=verifications')
    await page.getByText('The server has not verified this log yet').waitFor()
    await page.getByRole('button', { name: 'Verify now' }).click()
    await page.getByRole('table', { name: 'Verifications' }).waitFor()
    await page.getByRole('table').getByText('Good').waitFor()
    await page.getByRole('table').getByRole('button').last().click()
    expect(await isShown(panel(page).getByText('Every byte on the disk is what was signed.'))).toBe(true)
  })

  test('the log is read through, and what was found is told in words', async () => {
    const page = await stage.signedIn('/integrity/us-south?view=continuity')
    await page.getByText('Not read through yet').waitFor()
    await page.getByRole('button', { name: 'Read the log through' }).click()
    await page.getByRole('heading', { name: 'Nothing is missing', exact: true }).waitFor()
    await page.getByText('No number is missing.').waitFor()
    await page.getByRole('button', { name: 'Log keys', exact: true }).click()
    await page.getByRole('list', { name: 'Keys that sign the log' }).getByText('Trusts it').waitFor()
    await page.getByRole('button', { name: 'Continuity' }).click()
    expect(await isShown(page.getByText('No number is missing.'))).toBe(true)
  })

  test('a proof that does not hold is the loudest thing, and the whole console knows', async () => {
    const older = await handedOut()
    await stage.client.createKey('between')
    const page = await stage.signedIn('/integrity/us-south')
    await page.getByRole('button', { name: /Log verified/ }).waitFor()
    const newer = await handedOut()
    await stage.client.createKey('after')
    await page.context().route(`**/log/consistency?from=${older}&to=${newer}`, async (route) => {
      const { hashes } = (await (await route.fetch()).json()) as { hashes: string[] }
      await route.fulfill({ json: { hashes: hashes.map((hash) => `${hash.slice(1, 43)}A=`.padStart(44, 'B')) } })
    })
    await page.goto(`${stage.url}/integrity/us-south?view=checkpoints&checkpoint=${newer}&with=${older}`)
    await panel(page).getByText('Not proven: these are not one growing log').waitFor()
    await panel(page).getByText('History was rewritten between them.').waitFor()
    await page.getByRole('heading', { name: "The log's history has been rewritten" }).waitFor()
    expect(await isShown(page.getByRole('button', { name: /Log contradicted/ }))).toBe(true)

    // On every page, of the account too, in every look, above all else; and on paper.
    const alarm = page.getByRole('alert').filter({ hasText: "The log's history has been rewritten" })
    await page.setViewportSize({ width: 390, height: 844 })
    await page.emulateMedia({ contrast: 'more' })
    for (const path of [
      '/overview',
      '/access',
      '/locations',
      '/keys',
      '/trail/us-south',
      '/reports/us-south/log-integrity',
    ]) {
      await page.goto(stage.url + path)
      await alarm.waitFor()
      expect((await alarm.boundingBox())?.y, path).toBe(0)
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    const { violations } = await new AxeBuilder({ page }).include('[data-alarm]').analyze()
    expect(violations.map(({ id }) => id)).toEqual([])
    await page.getByRole('heading', { name: 'In short' }).waitFor()
    await page.emulateMedia({ media: 'print' })
    expect(await isShown(alarm)).toBe(true)
    expect(await alarm.evaluate((banner) => getComputedStyle(banner).color)).toBe('rgb(0, 0, 0)')
  }, 60_000)

  test(
    'a bad verification, a changed entry and a log that takes nothing are on top of every view',
    async () => {
      const page = await stage.signedIn('/locations')
      const finding = { kind: 'leaf-differs', message: `\u202E${hostile}`, index: 3 }
      await page.route(`**${trail}/status`, async (route) => {
        const status = (await (await route.fetch()).json()) as { verification: object; oddities: object }
        const last = { id: 'v1', state: 'bad', startedAt: at, endedAt: at, size: 9, findingsTotal: 1 }
        await route.fulfill({
          json: {
            ...status,
            isFailing: true,
            verification: { last, open: null },
            oddities: { ...status.oddities, altered: 3, missing: 2 },
          },
        })
      })
      await page.route(`**${trail}/log/verifications?*`, (route) =>
        route.fulfill({
          json: {
            verifications: [
              { id: 'v1', state: 'bad', trigger: 'schedule', startedAt: at, endedAt: at, size: 9, root: null }, // oxfmt
            ].map((each) => ({ ...each, findings: [finding], findingsTotal: 1, reason: null })),
          },
        }),
      )
      await page.goto(`${stage.url}/integrity/us-south`)
      await page.getByText('The verification of the log in us-south found 1 thing wrong').waitFor()
      await page.getByText('Entry 3 of the log in us-south was changed after it was recorded').waitFor()
      await page.getByText('The log in us-south takes no events at the moment').waitFor()
      await page.getByText('Missing numbers: 2 times').waitFor()
      await page.getByRole('button', { name: /Log in doubt/ }).waitFor()
      await page.getByRole('link', { name: 'Show what was found' }).click()
      await panel(page).getByText('onerror=alert(1)').waitFor()
      expect(await page.locator('main img, aside img').count()).toBe(0)
      expect(await accessFaults(page)).toEqual([])
      expect(await phoneFaults(page)).toEqual([])
      await page.goto(`${stage.url}/access`)
      expect(await isShown(page.getByText('The verification of the log in us-south found 1 thing wrong'))).toBe(true)
    },
    axeMs,
  )

  test('what cannot be read says so, with a way to try again', async () => {
    const page = await stage.signedIn('/locations')
    const problem = { status: 503, json: { code: 'SEARCH_CANCELLED', detail: 'The search took too long.' } }
    await page.route(`**${trail}/log/checkpoints?*`, (route) => route.fulfill(problem))
    await page.route(`**${trail}/holds?*`, (route) => route.abort())
    await page.route(`**${trail}/continuity*`, (route) =>
      route.fulfill({ body: '{"progress":{"done":1,"total":2}}\n{"error":{"code":"SEARCH_CANCELLED"}}\n' }),
    )
    await page.goto(`${stage.url}/integrity/us-south?view=checkpoints`)
    await page.getByText('The checkpoints could not be read').waitFor()
    await page.unroute(`**${trail}/log/checkpoints?*`)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('table', { name: 'Checkpoints' }).waitFor()
    await page.getByRole('button', { name: 'Retention and holds' }).click()
    // What could be read stands, and what is missing is named.
    const part = (name: string) => page.getByRole('region', { name, exact: true })
    await part('Legal holds').getByText('The server does not answer').waitFor()
    await page.getByText('Not all of this could be read. Missing: Legal holds.').waitFor()
    await part('Retention').getByText('for ever', { exact: true }).waitFor()
    await part('Waiting for a second person').getByText('No proposal waits.').waitFor()
    expect(await page.getByRole('button', { name: 'Place a hold' }).count()).toBe(0)
    await page.unroute(`**${trail}/holds?*`)
    await part('Legal holds').getByRole('button', { name: 'Try again' }).click()
    await part('Legal holds').getByRole('button', { name: 'Place a hold' }).waitFor()
    expect(await page.getByText('Not all of this could be read').count()).toBe(0)
    await page.route(new RegExp(`${trail}/(?:holds|proposals|retention)`), (route) => route.fulfill(problem))
    await page.goto(`${stage.url}/integrity/us-south?view=keeping`)
    await page.getByText('What is kept could not be read').waitFor()
    await page.getByRole('button', { name: 'Continuity' }).click()
    await page.getByRole('button', { name: 'Read the log through' }).click()
    await page.getByText('The report could not be finished').waitFor()
    await page.goto(`${stage.url}/integrity/us-south?view=checkpoints&checkpoint=999999`)
    expect(await isShown(panel(page).getByText('There is no checkpoint of this size'))).toBe(true)
  })

  test(
    'what an attacker wrote stays text',
    async () => {
      const body = { reason: hostile.slice(0, 500) }
      const placed = await stage.client.call<{ id: string }>('POST', `${trail}/holds`, { body })
      expect(placed.status).toBe(201)
      const page = await stage.signedIn(`/integrity/us-south?view=keeping&hold=${placed.json.id}`)
      await panel(page).getByText('onerror=alert(1)').waitFor()
      await panel(page).getByText('Its archive').waitFor()
      expect(await page.locator('main img, aside img').count()).toBe(0)
      expect(await accessFaults(page)).toEqual([])
      expect(await phoneFaults(page)).toEqual([])
    },
    axeMs,
  )

  test.each([
    ['', 'What the server says of it'],
    ['?view=continuity', 'Not read through yet'],
    ['?view=keys', 'Trusts it'],
  ])(
    'axe finds nothing wrong, and it fits on a phone: %s',
    async (path, shown) => {
      const page = await stage.signedIn(`/integrity/us-south${path}`)
      await page.getByText(shown).first().waitFor()
      expect(await accessFaults(page)).toEqual([])
      expect(await phoneFaults(page)).toEqual([])
    },
    axeMs,
  )

  test(
    'a proof of two checkpoints is right for axe, and fits on a phone',
    async () => {
      const older = await handedOut()
      await stage.client.createKey('one-more')
      const path = `/integrity/us-south?view=checkpoints&checkpoint=${await handedOut()}&with=${older}`
      const page = await stage.signedIn(path)
      await page.getByText('Proven: one growing log').waitFor()
      expect(await accessFaults(page)).toEqual([])
      expect(await phoneFaults(page)).toEqual([])

      // On paper: the proof and what it stands on, without the list beside it and without what is pressed.
      await page.emulateMedia({ media: 'print' })
      expect(await isShown(page.getByText('Proven: one growing log'))).toBe(true)
      expect(await isShown(page.getByText(/^Printed \d{4}-\d\d-\d\d .* by owner/))).toBe(true)
      const signed = page.locator('main aside time').first()
      expect(await signed.evaluate((time) => getComputedStyle(time, '::before').content)).toMatch(/^"\d{4}-"$/)
      expect(await page.getByRole('button').or(page.getByRole('table')).count()).toBe(0)
    },
    axeMs,
  )
})

/** What the server answers is dated so much later than it is here. */
async function withClockAhead(page: Page, ms: number): Promise<void> {
  await page.route(/\/v1\//, async (route) => {
    const response = await route.fetch()
    const date = new Date(Date.now() + ms).toUTCString()
    await route.fulfill({ response, headers: { ...response.headers(), date } })
  })
}
