/** Reports of a real product in a real browser: a quarter is handed over, made again byte for byte, and proven. */
import { AxeBuilder } from '@axe-core/playwright'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reports } from '@keywitness/cadf'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { terminalAt } from '../../cli/test/in-process.ts'
import { secondAdministrator } from '../../testkit/test/second-person.ts'
import { run as verifier } from '../../verifier/src/run.ts'
import { tabTo } from './fixture/keyboard.ts'
import { ProductStage } from './fixture/product-stage.ts'
import { isShown, isSkipped } from './fixture/stage.ts'

const hostile = '<img src=x onerror=alert(1)> javascript:alert(1) "quoted" & {{braces}}'

describe.skipIf(isSkipped)('reports of a product, in Chromium', () => {
  let stage: ProductStage
  let auditor: string
  /** Where somebody else has the files, and nothing of the server. */
  let elsewhere: string
  beforeAll(async () => {
    elsewhere = await mkdtemp(join(tmpdir(), 'keywitness-handed-over-'))
    stage = await ProductStage.open()
    await seed(stage)
    auditor = await secondAdministrator(stage.client, 'Audra', { kind: 'tracker', id: 'us-south' }, 'Auditor')
    // The console is built first.
  }, 240_000)
  afterAll(async () => {
    await stage.close()
    await rm(elsewhere, { recursive: true })
  })
  afterEach(() => stage.reset())

  const open = async (id: string): Promise<Page> => {
    const page = await stage.signedIn(`/reports/us-south/${id}`)
    await page.getByRole('heading', { name: 'In short' }).waitFor()
    return page
  }

  /** Takes a file by the button of this name, by keyboard. */
  const take = async (page: Page, name: string): Promise<Buffer> => {
    await page.getByRole('button', { name, exact: true }).focus()
    const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
    return readFile(await file.path())
  }

  /** The verifier that stands alone, on a file elsewhere. */
  const verify = async (...words: readonly string[]): Promise<{ code: number; said: string }> => {
    let said = ''
    const tell = (text: string): void => void (said += text)
    const [what = '', file = '', ...others] = words
    const code = await verifier([what, join(elsewhere, file), ...others], { out: tell, err: tell })
    return { code, said }
  }

  /** The command line, of somebody who may read this product's trail; or with no server at all. */
  const keywitness = async (
    words: readonly string[],
    isOffline = false,
  ): Promise<{ exitCode: number; out: string }> => {
    const terminal = terminalAt(undefined)
    if (!isOffline) {
      terminal.environment['KEYWITNESS_URL'] = stage.product.url
      terminal.environment['KEYWITNESS_API_KEY'] = stage.product.apiKey
    }
    const { exitCode, out, err } = await terminal.keywitness(words)
    await rm(terminal.folder, { recursive: true })
    return { exitCode, out: out + err }
  }

  test('a quarter’s report is handed over by keyboard alone: it verifies without a server, and is the same again', async () => {
    const page = await stage.signedIn('/reports/us-south')
    await tabTo(page, page.getByRole('button', { name: 'This quarter' }))
    await page.keyboard.press('Enter')
    await tabTo(page, page.getByRole('link', { name: 'Key lifecycle register' }))
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'In short' }).waitFor()
    await page.getByText(/^Signed by the key that this browser trusts/).waitFor()
    const address = new URL(page.url())
    expect(address.search).toMatch(/^\?from=\d{4}-\d\d-01T00:00:00Z&to=\d{4}-\d\d-01T00:00:00Z&size=\d+$/)
    const first = await take(page, 'CSV: Keys')
    const steps = await take(page, 'CSV: All steps')
    const evidence = await take(page, 'Evidence file')
    await page.getByText(/^Downloaded\./).waitFor()
    expect(first.toString()).toMatch(/^name,keyId,state,.*\r\n.*quarterly-root.*,deleted,/s)

    // Meanwhile more happens, of which the report must know nothing.
    await stage.deleteKey('after-the-report')
    const again = await stage.signedIn(address.pathname + address.search)
    await again.getByRole('heading', { name: 'In short' }).waitFor()
    expect(again.url()).toBe(address.href)
    expect((await take(again, 'CSV: Keys')).equals(first)).toBe(true)
    expect((await take(again, 'CSV: All steps')).equals(steps)).toBe(true)

    // Elsewhere, with the files and the log's key alone.
    const key = (await stage.client.call('GET', '/v1/trackers/us-south/log/key')).text.trim()
    await writeFile(join(elsewhere, 'quarter.evidence'), evidence)
    const proved = await verify('evidence', 'quarter.evidence', '--key', key)
    expect(proved.said).toContain('✓')
    expect(proved.code).toBe(0)
    const bent = Buffer.from(evidence)
    const at = bent.indexOf('quarterly-root')
    bent.write('quarterly-r00t', at)
    await writeFile(join(elsewhere, 'bent.evidence'), bent)
    expect((await verify('evidence', 'bent.evidence', '--key', key)).code).toBe(1)

    // The command line makes the same of the evidence, and of the server.
    const offline = ['report', '1', '--from-evidence', join(elsewhere, 'quarter.evidence'), '--key', key]
    expect(await keywitness([...offline, '-o', join(elsewhere, 'offline.csv')], true)).toMatchObject({ exitCode: 0 })
    const [from = '', to = '', size = ''] = ['from', 'to', 'size'].map((name) => address.searchParams.get(name) ?? '')
    const asked = ['report', 'key-lifecycle', '--location', 'us-south', '--from', from, '--to', to, '--size', size]
    const online = [...asked, '--evidence', '-o', join(elsewhere, 'online.csv')]
    expect(await keywitness(online)).toMatchObject({ exitCode: 0 })
    for (const name of ['offline', 'online']) {
      expect((await readFile(join(elsewhere, `${name}-keys.csv`))).equals(first), name).toBe(true)
      expect((await readFile(join(elsewhere, `${name}-steps.csv`))).equals(steps), name).toBe(true)
    }
    expect((await readFile(join(elsewhere, 'online.evidence'))).equals(evidence)).toBe(true)
    expect(await keywitness([...offline.with(1, '3'), '-o', join(elsewhere, 'other.csv')], true)).toMatchObject({
      exitCode: 2,
      out: expect.stringContaining('another question'),
    })
  }, 90_000)

  test('who used which key: counted alike in the console and on the command line, and the keys that nobody used', async () => {
    const page = await open('key-use')
    const uses = page.getByRole('table', { name: 'Who used them' })
    await uses.getByText('rotated-root').first().waitFor()
    const now = page.getByRole('region', { name: 'As things stand, not from the checkpoint' })
    await now.getByRole('table', { name: 'Keys without a use' }).getByText('idle-root').waitFor()
    expect(await now.getByText('rotated-root').count()).toBe(0)
    const csv = await take(page, 'CSV: Who used them')
    expect(csv.toString()).toMatch(/\r\n[\da-f-]{36},rotated-root,[^,]+,[^,]+,[^,]+,1,/)
    const [asOf] = (await take(page, 'CSV: Keys without a use')).toString().split('\r\n')
    expect(asOf).toMatch(/,asOf$/)
    const { searchParams } = new URL(page.url())
    const [from = '', to = '', size = ''] = ['from', 'to', 'size'].map((name) => searchParams.get(name) ?? '')
    const file = join(elsewhere, 'uses.csv')
    const said = await keywitness(['report', '4', '--from', from, '--to', to, '--size', size, '-o', file])
    expect(said).toMatchObject({ exitCode: 0, out: expect.stringContaining('proved by nothing') })
    expect((await readFile(join(elsewhere, 'uses-uses.csv'))).equals(csv)).toBe(true)
    expect(
      (await readdir(elsewhere)).filter((name) => /^uses-unusedKeys-as-of-\d{8}T\d{6}Z\.csv$/.test(name)),
    ).toHaveLength(1)
  })

  test('what stands now is apart, and what an auditor may not see is said to be missing while the rest stands', async () => {
    const page = await stage.signedIn('/reports/us-south/access-review', auditor)
    const part = (name: string) => page.getByRole('region', { name, exact: true })
    await part('Who reaches the audit of this location').getByRole('cell', { name: 'Audra' }).first().waitFor()
    await part('Every role of the account').getByText('for its Administrators').waitFor()
    expect(await isShown(page.getByRole('table', { name: 'Roles', exact: true }))).toBe(true)

    await page.route('**/continuity?**', (route) => route.abort())
    await page.goto(`${stage.url}/reports/us-south/log-continuity`)
    const read = part('The log read through, entry by entry')
    await read.getByText('The server does not answer').waitFor()
    await page.unroute('**/continuity?**')
    await read.getByRole('button', { name: 'Try again' }).click()
    await read.getByRole('table', { name: 'Producers' }).getByRole('row').nth(1).waitFor({ timeout: 30_000 })
    await read.getByText('newest checkpoint, size').waitFor()

    await page.goto(`${stage.url}/reports/us-south/log-integrity`)
    const again = page.getByRole('table', { name: 'The log checked again in this browser' })
    await again.getByText('Continues, signed', { exact: true }).first().waitFor()
    await part('Keys that sign the log').getByText('Current').waitFor()
    await page.goto(`${stage.url}/reports/us-south/retention-holds`)
    await part('Retention').getByText('for ever').first().waitFor()
    expect(await isShown(part('Proposals of two people').getByText('Nothing.'))).toBe(true)
  }, 90_000)

  test('a checkpoint that is none of this log’s history is said so in the report, and loudest of all', async () => {
    const page = await stage.signedIn('/reports/us-south')
    await page.getByRole('button', { name: /Log verified/ }).waitFor()
    // Grown since: the report's checkpoint is a later one than the head that was verified.
    const newest = async (): Promise<number> =>
      Number((await stage.client.call('GET', '/v1/trackers/us-south/log/checkpoint')).text.split('\n')[1])
    const verified = await newest()
    await stage.client.createKey('grown')
    await expect.poll(newest, { timeout: 20_000 }).toBeGreaterThan(verified)
    await page.context().route('**/log/consistency?**', async (route) => {
      const { hashes } = (await (await route.fetch()).json()) as { hashes: string[] }
      await route.fulfill({ json: { hashes: hashes.map((hash) => `${hash.slice(1, 43)}A=`.padStart(44, 'B')) } })
    })
    await page.getByRole('link', { name: 'Key lifecycle register' }).click()
    await page.getByText('Rely on nothing in this report').waitFor()
    await page.getByRole('alert').getByRole('heading', { name: "The log's history has been rewritten" }).waitFor()
    await page.emulateMedia({ media: 'print' })
    expect(await isShown(page.getByRole('alert').getByText('Do not rely on what this trail shows now'))).toBe(true)
  })

  test('every report that is offered can be made, and read on a laptop', { timeout: 120_000 }, async () => {
    const page = await stage.signedIn('/reports/us-south')
    await page.setViewportSize({ width: 1280, height: 800 })
    const list = page.getByRole('list', { name: 'Reports' })
    await list.waitFor()
    expect(await list.getByRole('link').count()).toBe(reports.length + 1)
    for (let at = 0; at <= reports.length; at++) {
      await list.getByRole('link').nth(at).click()
      await page.getByRole('heading', { name: 'In short' }).waitFor()
      expect(await page.locator('main article table').count(), page.url()).toBeGreaterThan(0)
      expect(await sidewaysFaults(page), page.url()).toEqual([])
      await page.getByRole('link', { name: 'All reports' }).click()
      await list.waitFor()
    }
  })

  test('on paper there is nothing but the sheet, light, with every row', async () => {
    const page = await open('key-lifecycle')
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    expect(await isShown(page.getByRole('heading', { name: 'Key lifecycle register' }))).toBe(true)
    expect(await page.getByRole('button', { name: /Print|Evidence|Go to/ }).count()).toBe(0)
    expect(await page.getByRole('link', { name: 'Alerts' }).count()).toBe(0)
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('light')
    // The head of a table is repeated on each sheet, which takes a title that is in no button.
    const time = page.getByRole('columnheader', { name: 'Created', exact: true }).first()
    expect(await time.evaluate((head) => getComputedStyle(head, '::before').content)).toBe('"Created"')
    expect(await page.getByText(/ by owner · times in /).count()).toBe(1)
    // Its paper is neither empty nor one cut page; wide tables turn it.
    const paper = await page.pdf({ preferCSSPageSize: true })
    expect(paper.length).toBeGreaterThan(10_000)
    const [, width = 0, height = 0] = /MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(paper.toString('latin1')) ?? []
    expect(Number(width)).toBeGreaterThan(Number(height))
    const foot = await page.evaluate(() => document.documentElement.style.getPropertyValue('--kw-paper-foot'))
    expect(foot).toMatch(/^"Key lifecycle register · us-south · checkpoint of \d+ entries"$/)
    const tables = await page
      .locator('main table')
      .evaluateAll((all) => all.map(({ parentElement: box }) => [box?.scrollHeight, box?.clientHeight]))
    for (const [whole, shown] of tables) expect(whole).toBeLessThanOrEqual((shown ?? 0) + 1)
  })

  test(
    'everybody can use it: no violation in light, dark and high contrast, and nothing sticks out on a phone',
    { timeout: 120_000 },
    async () => {
      const page = await stage.signedIn('/reports/us-south')
      await page.getByRole('link', { name: 'Key lifecycle register' }).waitFor()
      expect(await violations(page)).toEqual([])
      await page.goto(`${stage.url}/reports/us-south/access-review`)
      await page.getByRole('table', { name: 'Roles and identities' }).waitFor()
      expect(await violations(page)).toEqual([])
      await page.emulateMedia({ colorScheme: 'dark' })
      expect(await violations(page, ['color-contrast'])).toEqual([])
      await page.evaluate(() => document.documentElement.setAttribute('data-contrast', ''))
      expect(await violations(page, ['color-contrast'])).toEqual([])
      await page.setViewportSize({ width: 390, height: 844 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    },
  )

  test('an unknown report, an empty period, no right, and an export that breaks off say so', async () => {
    const page = await stage.signedIn('/reports/us-south/no-such-report')
    expect(await isShown(page.getByText('There is no such report'))).toBe(true)
    await page.goto(`${stage.url}/reports/us-south/key-lifecycle?from=2001-01-01T00:00:00Z&to=2001-04-01T00:00:00Z`)
    await page.getByText('No event of the period answers this question').waitFor()
    await page.route('**/export?**', (route) =>
      route.fulfill({
        status: 403,
        contentType: 'application/problem+json',
        body: JSON.stringify({ status: 403, code: 'UNAUTHORIZED_ERR', detail: 'Not allowed.' }),
      }),
    )
    await page.goto(`${stage.url}/reports/us-south/failed-access`)
    await page.getByText('takes the role Auditor on its tracker').waitFor()
    await page.unroute('**/export?**')
    await page.route('**/export?**', (route) => route.fulfill({ status: 200, body: 'cut off' }))
    await page.goto(`${stage.url}/reports/us-south/key-lifecycle`)
    await page.getByText('The report could not be made').waitFor()
    await page.unroute('**/export?**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('heading', { name: 'In short' }).waitFor()
  })

  test('what an attacker chose stays text, in the page and in the file', async () => {
    const page = await open('key-lifecycle')
    await page.getByText('javascript:alert(1)').first().waitFor()
    expect(await page.locator('main img, main [href^="javascript:"]').count()).toBe(0)
    const csv = (await take(page, 'CSV: Keys')).toString()
    expect(csv).toContain("'=cmd()")
    expect(csv).toContain('""quoted""')

    const reason = `=${hostile}`
    const placed = await stage.client.call('POST', '/v1/trackers/us-south/holds', { body: { reason } })
    expect(placed.status).toBe(201)
    await page.goto(`${stage.url}/reports/us-south/retention-holds`)
    const holds = page.getByRole('region', { name: 'Legal holds', exact: true })
    await holds.getByText('javascript:alert(1)').waitFor()
    expect(await page.locator('main img, main [href^="javascript:"]').count()).toBe(0)
    expect((await take(page, 'CSV: Holds')).toString()).toContain(`"'=<img src=x`)
  })
})

/** Tables that a laptop does not show whole; a very wide one may be scrolled, its rows named all the while. */
function sidewaysFaults(page: Page): Promise<string[]> {
  return page.locator('main article table').evaluateAll((all) =>
    all
      .filter((table) => {
        const [box, name] = [table.parentElement, table.querySelector('tbody td')]
        if (box === null || name === null || box.scrollWidth <= box.clientWidth) return false
        box.scrollLeft = box.scrollWidth
        const isNamed = name.getBoundingClientRect().left - box.getBoundingClientRect().left < 2
        return table.querySelectorAll('th').length < 10 || !isNamed
      })
      .map((table) => table.ariaLabel ?? ''),
  )
}

/** What axe finds wrong; of these rules only, when given. */
async function violations(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page })
  const { violations: found } = await (rules === undefined ? axe : axe.withRules(rules)).analyze()
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
}

async function seed(stage: ProductStage): Promise<void> {
  await stage.deleteKey('quarterly-root')
  await stage.deleteKey(hostile)
  await stage.deleteKey('=cmd()')
  await stage.client.createKey('idle-root')
  const key = await stage.client.createKey('rotated-root')
  const wrapped = await stage.client.call('POST', `/api/v2/keys/${key}/actions/wrap`, {
    body: { plaintext: Buffer.alloc(32, 1).toString('base64') },
  })
  expect(wrapped.status).toBe(200)
  await stage.client.call('POST', `/api/v2/keys/${key}/actions/rotate`)
  const policy = {
    metadata: { collectionType: 'application/vnd.ibm.kms.policy+json', collectionTotal: 1 },
    resources: [{ type: 'application/vnd.ibm.kms.policy+json', rotation: { interval_month: 3 } }],
  }
  const set = await stage.client.call('PUT', `/api/v2/keys/${key}/policies?policy=rotation`, { body: policy })
  expect(set.status).toBe(200)
  await fetch(`${stage.product.url}/v1/trackers`, { headers: { authorization: 'Bearer no' } })
}
