/** Proofs and lies in a real browser: what holds is shown to hold, what does not is the loudest thing on the page. */
import { readFile } from 'node:fs/promises'
import { parseVerifierKey, verifyReceipt } from '@keywitness/tlog'
import type { Download, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { newLogKey } from './fixture/log.ts'
import { Stage, isShown, isSkipped, sampleLog } from './fixture/stage.ts'

describe.skipIf(isSkipped)('proofs, in Chromium', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await Stage.open(700)
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  const alarm = (page: Page) => page.getByRole('alert')
  const openProof = (page: Page, index: number): Promise<unknown> =>
    page.goto(`${stage.server.url}/trail/us-south?event=${index}&view=proof`)

  async function save(page: Page, name: RegExp | string): Promise<{ name: string; text: string }> {
    const waiting = page.waitForEvent('download')
    await page.getByRole('button', { name }).click()
    const download: Download = await waiting
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') }
  }

  test('a proof is made step by step, and its receipt verifies outside of the browser', async () => {
    const page = await stage.signedIn()
    await openProof(page, 321)
    await page.getByText('Proven in this browser').waitFor()
    await page.getByText('All 10 joins').click()
    await page.getByText('Join 10: covers entries 0 to 699').waitFor()
    const { name, text } = await save(page, 'Download receipt')
    expect(name).toBe(`${stage.log.events[321]?.id}.tlog-proof`)
    const verified = await verifyReceipt(text, [parseVerifierKey(stage.log.key.text)])
    expect(verified.index).toBe(321)
    expect(new TextDecoder().decode(verified.entry)).toContain(stage.log.events[321]?.id)
  })

  test('the rows in sight are proven by hashes alone, without reading events again', async () => {
    const page = await stage.signedIn()
    await page.waitForFunction(() => {
      const marks = [...document.querySelectorAll('[role="row"][data-index] [data-stage]')]
      return marks.length > 10 && marks.every((mark) => mark.getAttribute('data-stage') === 'proven')
    })
    const reads = stage.server.requests.filter((request) => request.startsWith('GET /v1/trackers/us-south/'))
    const kinds = new Set(
      reads.map((request) =>
        request
          .split('/')
          .slice(4)
          .join('/')
          .replace(/tile\/.*/, 'tile'),
      ),
    )
    // The bars above the list are counted by the server, and prove nothing.
    kinds.delete('histogram')
    // How the server itself finds its log.
    kinds.delete('status')
    expect([...kinds].sort()).toEqual(['alerts/status', 'events', 'log/checkpoint', 'log/key', 'log/tile', 'tail'])
  })

  test('an event waits for its checkpoint and is then proven by itself', async () => {
    const page = await stage.signedIn()
    const index = stage.happen()
    await page.locator(`[role="row"][data-index="${index}"]`).click()
    await page.getByRole('tab', { name: 'Proof' }).click()
    await page.getByText('Waiting for the next checkpoint').waitFor()
    stage.server.publish('us-south')
    expect(await isShown(page.getByText('Proven in this browser'))).toBe(true)
  })

  test('the log is known by its key and its last verified head, over a reload', async () => {
    const page = await stage.signedIn()
    await page.reload()
    await page.getByRole('button', { name: /Log verified/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(stage.log.key.text).waitFor()
    const { text } = await save(page, 'Download checkpoint')
    expect(text).toBe(stage.log.checkpoint)
  })

  test('an entry altered in the store is found in the list and told with its number', async () => {
    const bent = sampleLog(0).forged(stage.log.events)
    bent.alterEntry(bent.size - 3, (event) => ({ ...event, initiator: { ...event.initiator, name: 'Somebody else' } }))
    stage.server.logs.set('us-south', bent)
    const page = await stage.page()
    await page.goto(stage.server.signInUrl.replace('/#', '/trail#'))
    await alarm(page).getByText('An event is not what was recorded').waitFor()
    await alarm(page)
      .getByText(`The bytes of entry ${bent.size - 3} in us-south do not lead to the signed root`)
      .waitFor()
    await page.getByText('Not proven').waitFor()
    expect(await isShown(page.getByRole('button', { name: /Log contradicted/ }))).toBe(true)
  })

  test('an altered entry fails its proof at the root, loudly', async () => {
    const bent = sampleLog(0).forged(stage.log.events)
    bent.alterEntry(5, (event) => ({ ...event, severity: 'normal', message: 'nothing to see' }))
    stage.server.logs.set('us-south', bent)
    const page = await stage.page()
    await page.goto(stage.server.signInUrl.replace('/#', '/trail#'))
    await page.getByRole('grid').waitFor()
    await openProof(page, 5)
    await page.getByText('This event is not proven').waitFor()
    await page.getByText('The climb ends elsewhere').waitFor()
    expect(await isShown(alarm(page).getByText('An event is not what was recorded'))).toBe(true)
  })

  test('removed entries raise the alarm, which stays, and both heads can be taken away as evidence', async () => {
    const page = await stage.signedIn()
    const forged = stage.log.forged(stage.log.events.slice(0, 600))
    stage.server.logs.set('us-south', forged)
    await page.reload()
    await alarm(page).getByText('Entries have been removed from the log').waitFor()
    const size = stage.log.size.toLocaleString('en')
    await alarm(page).getByText(`This browser verified ${size} entries`).waitFor()
    const { text } = await save(page, 'Download both as evidence')
    expect(text).toContain(stage.log.checkpoint)
    expect(text).toContain(forged.checkpoint)
    // Nobody overlooks it on the pages of another location.
    await page.goto(`${stage.server.url}/trail/eu-de`)
    await alarm(page).getByText('The log in us-south contradicts what this browser verified').waitFor()
    await alarm(page).getByRole('link', { name: 'Show both' }).click()
    await alarm(page).getByText('Entries have been removed from the log').waitFor()
    // The true log is back, but what was seen was seen.
    stage.server.logs.set('us-south', stage.log)
    await page.goto(`${stage.server.url}/trail/us-south`)
    expect(await isShown(alarm(page).getByText('Entries have been removed from the log'))).toBe(true)
  })

  test('a rewritten history raises the alarm', async () => {
    const page = await stage.signedIn()
    const { events } = stage.log
    stage.server.logs.set(
      'us-south',
      stage.log.forged([...events.slice(0, 9), ...events.slice(10), ...events.slice(0, 9)]),
    )
    await page.reload()
    expect(await isShown(alarm(page).getByText("The log's history has been rewritten"))).toBe(true)
  })

  test('a changed key raises the alarm', async () => {
    const page = await stage.signedIn()
    const other = sampleLog(0)
    other.key = newLogKey(other.origin)
    for (const event of stage.log.events) other.append(event)
    other.publish()
    stage.server.logs.set('us-south', other)
    await page.reload()
    expect(await isShown(alarm(page).getByText("The log's key has changed"))).toBe(true)
  })

  test('a person can decide that a log is a new one, by typing its location', async () => {
    const page = await stage.signedIn()
    const other = sampleLog(50)
    stage.server.logs.set('us-south', other)
    await page.reload()
    await alarm(page).waitFor()
    await page.getByRole('button', { name: 'Forget the old log' }).click()
    const dialog = page.getByRole('dialog')
    const confirm = dialog.getByRole('button', { name: 'Forget the old log' })
    expect(await confirm.isDisabled()).toBe(true)
    await dialog.getByLabel('Type us-south to confirm').fill('us-south')
    await confirm.click()
    await page.getByRole('button', { name: /Log verified/ }).waitFor()
    expect(await alarm(page).count()).toBe(0)
  })

  test('a log that cannot be checked is no alarm, and is said to be unchecked', async () => {
    const page = await stage.signedIn()
    await page.route('**/log/checkpoint', (route) => route.abort())
    stage.happen()
    stage.server.publish('us-south')
    await page.getByRole('button', { name: /Log not checked/ }).waitFor()
    expect(await alarm(page).count()).toBe(0)
  })
})
