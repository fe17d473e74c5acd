/** KMIP adapters of a real product in a real browser: an adapter is made, a client is let in, seen, and cut off. */
import { createHash, X509Certificate } from 'node:crypto'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { newKmipSite } from '../../testkit/src/kmip-adapter.ts'
import { kmipPlace } from '../../testkit/src/kmip-client.ts'
import { type Identity, newIdentity } from '../../testkit/src/new-certificate.ts'
import { VCenter } from '../../testkit/src/vcenter.ts'
import { press, tabTo } from './fixture/keyboard.ts'
import { accessFaults, hostileNames, phoneFaults } from './fixture/page-checks.ts'
import { clientOf, newPerson } from './fixture/people.ts'
import { ProductStage } from './fixture/product-stage.ts'
import { isShown, isSkipped } from './fixture/stage.ts'

describe.skipIf(isSkipped)('KMIP of a product, in Chromium', () => {
  let stage: ProductStage
  let path = ''
  let client: Identity
  beforeAll(async () => {
    stage = await ProductStage.open()
    path = `/kmip/${stage.product.instance}`
    client = newIdentity('vcenter-1')
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  const panel = (page: Page) => page.getByRole('complementary', { name: 'vcenter' })

  test(
    'an adapter is made and a client let in by keyboard alone, and listed by its fingerprint',
    { timeout: 120_000 },
    async () => {
      const key = await stage.client.createKey('storage-root')
      const page = await stage.signedIn(path)
      await page.getByText('There is no KMIP adapter yet').waitFor()
      await press(page, 'New adapter')
      await page.getByLabel('Name', { exact: true }).waitFor()
      await page.keyboard.type('vcenter')
      await page.locator(`option[value="${key}"]`).waitFor({ state: 'attached' })
      await tabTo(page, page.getByLabel('Root key', { exact: true }))
      await page.keyboard.type('storage')
      await press(page, 'Create the adapter')
      await panel(page).getByText('Nobody yet: add the certificate of a client.').waitFor()
      await panel(page).getByRole('link', { name: 'storage-root' }).waitFor()
      await press(page, 'Add a certificate')
      await tabTo(page, page.getByLabel("The client's certificate, as PEM"))
      await page.keyboard.insertText(client.certificate)
      // What it is, is shown before anything is sent.
      const fingerprint = new X509Certificate(client.certificate).fingerprint256
      await panel(page).getByRole('region', { name: 'What it is' }).getByText(fingerprint).waitFor()
      await tabTo(page, page.getByLabel('What you call it, if you like'))
      await page.keyboard.type('vcenter-1')
      await press(page, 'Let it in')
      await panel(page).getByText('The certificate is registered').waitFor()
      await panel(page).locator(':focus').waitFor()
      const listed = panel(page).getByRole('region', { name: 'vcenter-1' })
      await listed.getByText(fingerprint).waitFor()
      expect(await isShown(listed.getByText('CN=vcenter-1'))).toBe(true)
      await page.keyboard.press('Escape')
      await panel(page).waitFor({ state: 'detached' })
      expect(await isShown(page.getByRole('button', { name: 'vcenter', exact: true }))).toBe(true)
    },
  )

  test('a private key that is pasted by mistake is sent nowhere', async () => {
    const page = await stage.signedIn(path)
    await page.getByRole('button', { name: 'vcenter', exact: true }).click()
    await panel(page).getByRole('button', { name: 'Add a certificate' }).click()
    const sent: string[] = []
    page.on('request', (request) => sent.push(`${request.method()} ${request.url()}`))
    await panel(page)
      .getByLabel(/as PEM/)
      .fill(`${client.key}${client.certificate}`)
    await panel(page).getByText('This holds a private key.').waitFor()
    expect(await panel(page).getByRole('button', { name: 'Let it in' }).isDisabled()).toBe(true)
    await panel(page)
      .getByLabel(/as PEM/)
      .fill('no certificate')
    await panel(page).getByText('This is no certificate in PEM').waitFor()
    expect(sent.filter((one) => one.startsWith('POST'))).toEqual([])
    // What the server refuses is told in its words alone.
    await panel(page)
      .getByLabel(/as PEM/)
      .fill(client.certificate)
    await panel(page).getByRole('button', { name: 'Let it in' }).click()
    await panel(page).getByText('It was not let in: The certificate belongs to a KMIP adapter already.').waitFor()
  })

  test('the guide tells where the listener is, and whether the first request has arrived', async () => {
    const page = await stage.signedIn(`${path}?view=vcenter`)
    const [, port = ''] = stage.product.kmip.split(/:(?=\d+$)/)
    await page.getByText(port, { exact: true }).waitFor()
    await page.getByText('The listener is for its own machine only').waitFor()
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Certificate of the authority' }).click()
    expect((await downloading).suggestedFilename()).toBe('keywitness-kmip-ca.pem')
    await page.getByLabel('Adapter', { exact: true }).selectOption('vcenter')
    await page.getByText('1 certificate is registered').waitFor()
    await page.getByRole('button', { name: 'Look in the trail' }).click()
    await page.getByText("No request of this adapter's clients is in the trail yet").waitFor()
    const vcenter = new VCenter(kmipPlace(stage.product), client)
    await vcenter.fetchKey(await vcenter.createKey())
    await vcenter.createKey()
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Look in the trail' }).click()
        return page.getByText('It works').count()
      })
      .toBe(1)
    expect(await isShown(page.getByRole('link', { name: 'The first event' }))).toBe(true)
  })

  test('root keys are read when an adapter is to be named, and not again while somebody is signed in', async () => {
    const page = await stage.signedIn('/locations')
    const read: string[] = []
    page.on('request', (request) => request.url().includes('/inventory/keys') && read.push(request.url()))
    await page.clock.install()
    await page.goto(`${stage.url}${path}?view=vcenter`)
    await page.getByLabel('Adapter', { exact: true }).waitFor()
    expect(read).toEqual([])
    await page.getByRole('button', { name: 'Back to the adapters' }).click()
    const open = async (): Promise<void> => {
      await page.getByRole('button', { name: 'vcenter', exact: true }).click()
      await panel(page).getByRole('link', { name: 'storage-root' }).waitFor()
    }
    await open()
    await page.getByRole('navigation').getByRole('link', { name: 'Locations' }).click()
    await page.getByRole('heading', { name: 'Locations', level: 1 }).waitFor()
    await page.clock.fastForward('30:00')
    await page.getByRole('navigation').getByRole('link', { name: 'KMIP' }).click()
    await open()
    expect(read).toHaveLength(1)
  })

  test('when a client was last there is looked up on demand; cut off, it is cut off at once', async () => {
    const page = await stage.signedIn(path)
    await page.getByRole('button', { name: 'vcenter', exact: true }).click()
    await panel(page).getByText('Symmetric key').first().waitFor()
    await panel(page).getByRole('button', { name: 'When were they last here?' }).click()
    await panel(page)
      .getByText(/\d+ requests/)
      .waitFor()
    await panel(page).getByRole('button', { name: 'Delete the adapter' }).click()
    await page.getByRole('dialog').getByText('vcenter goes with its one certificate, for good.').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete vcenter' }).click()
    await page.getByRole('dialog').getByRole('alert').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await panel(page).getByRole('button', { name: 'Remove vcenter-1' }).click()
    await page.getByRole('dialog').getByText('is cut off at once, on open connections too').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Cut it off' }).click()
    await panel(page).getByText('vcenter-1 was removed: it is not let in any more.').waitFor()
    await expect(new VCenter(kmipPlace(stage.product), client).createKey()).rejects.toThrow(
      /Authentication|closed|ended|ECONNRESET/i,
    )
  })

  test(
    'an object that its client uses is destroyed only by who says so twice, by keyboard; it is shown as destroyed then',
    { timeout: 120_000 },
    async () => {
      const page = await stage.signedIn(path)
      await page.getByRole('button', { name: 'vcenter', exact: true }).click()
      await panel(page).getByRole('row').filter({ hasText: 'Pre-active' }).getByRole('button').click()
      await panel(page).getByText('may be in use already').waitFor()
      const used = panel(page)
        .getByRole('row')
        .filter({ hasText: /Active/ })
      await tabTo(page, used.getByRole('button'))
      await page.keyboard.press('Enter')
      await panel(page).getByText('Its client uses it.').waitFor()
      await press(page, 'Destroy the object')
      const dialog = page.getByRole('dialog')
      await dialog.getByText('virtual machines and disks of vCenter do not start').waitFor()
      await tabTo(page, dialog.getByRole('button', { name: 'When was it last used?' }))
      await page.keyboard.press('Enter')
      await dialog.getByText(/^Last fetched or used:/).waitFor()
      expect(await isShown(dialog.getByRole('link', { name: 'The newest event' }))).toBe(true)
      await dialog.getByLabel('Type vcenter, the name of its adapter').fill('vcenter')
      expect(await page.getByRole('button', { name: 'Destroy it' }).isDisabled()).toBe(true)
      await tabTo(page, dialog.getByLabel('It is active: its client relies on it now.'))
      await page.keyboard.press('Space')
      expect(await accessFaults(page)).toEqual([])
      await press(page, 'Destroy it')
      await panel(page).getByText('The object is destroyed.').waitFor()
      await panel(page).getByText('Its material is gone. What is known of it stays.').waitFor()
      await panel(page).getByRole('button', { name: 'Active', exact: true }).click()
      await panel(page).getByText('None is in this state.').waitFor()
      await page.waitForURL(/state=2/)
      expect(await phoneFaults(page)).toEqual([])
    },
  )

  test(
    'nothing is wrong with an adapter for whoever sees or aims badly, or has a phone',
    { timeout: 120_000 },
    async () => {
      const { adapter } = await newKmipSite(stage.client, 'looked-at')
      const page = await stage.signedIn(`${path}?adapter=${adapter.id}`)
      const open = page.getByRole('complementary', { name: 'looked-at' })
      await open.getByRole('button', { name: 'Add a certificate' }).click()
      await open.getByLabel(/as PEM/).fill(client.certificate)
      await open.getByRole('region', { name: 'What it is' }).waitFor()
      expect(await accessFaults(page)).toEqual([])
      expect(await phoneFaults(page)).toEqual([])
      // Whom no adapter knows any more, the trails tell.
      await page.goto(`${stage.url}${path}?adapter=${adapter.id}&view=vcenter`)
      await page.getByRole('button', { name: 'Look in the trail' }).click()
      await page.getByText('Looked for in the trails that you may read: us-south.').waitFor()
      await page.getByText(new X509Certificate(client.certificate).fingerprint256).waitFor()
    },
  )

  test('the events of an adapter are found without one’s own searches for them', async () => {
    const page = await stage.signedIn(path)
    await page.getByRole('button', { name: 'vcenter', exact: true }).click()
    const link = panel(page).getByRole('link', { name: 'Events in the trail' }).first()
    const id = await panel(page).locator('dd code').first().innerText()
    await stage.client.events(`query=${id}`)
    await link.click()
    const rows = page.getByRole('grid', { name: 'Events, newest first' }).getByRole('row')
    // The newest stand in the window: one’s own searches would be the newest of all.
    await rows.filter({ hasText: 'deleted KMIP object' }).waitFor()
    expect(await rows.filter({ hasText: 'searched the audit trail' }).count()).toBe(0)
  })

  test.each([
    ['vcenter', 'Certificate of the authority'],
    ['new', 'Create the adapter'],
  ])('nor with the view %s', { timeout: 120_000 }, async (view, button) => {
    const page = await stage.signedIn(`${path}?view=${view}`)
    await page.getByRole('button', { name: button }).waitFor()
    expect(await accessFaults(page)).toEqual([])
    expect(await phoneFaults(page)).toEqual([])
  })

  test('hostile names stay text', async () => {
    const page = await stage.signedIn('/locations')
    const made = { created_at: new Date(0).toISOString(), created_by: hostileNames[1] }
    const adapters = hostileNames.map((name, at) => ({
      id: `adapter-${at}`,
      name,
      description: name,
      profile_data: { crk_id: name },
      ...made,
    }))
    const fingerprint = createHash('sha256').digest('hex')
    const notBefore = '2999-01-01T00:00:00Z'
    const certificates = hostileNames.map((name) => ({
      id: name,
      name,
      subject: name,
      notBefore,
      fingerprint,
      ...made,
    }))
    await page.route('**/api/v2/kmip_adapters?*', (route) => route.fulfill({ json: { resources: adapters } }))
    await page.route('**/certificates?*', (route) => route.fulfill({ json: { resources: certificates } }))
    await page.route('**/kmip_objects?*', (route) => route.fulfill({ json: { resources: [] } }))
    await page.goto(`${stage.url}${path}?adapter=adapter-0`)
    await page.getByRole('complementary').getByText('Nothing yet: clients make objects').waitFor()
    for (const name of hostileNames) expect(await page.getByText(name).count()).toBeGreaterThan(1)
    expect(await page.getByText('not yet valid').count()).toBe(hostileNames.length)
    expect(await page.locator('main img, main script, aside img, a[href^="javascript"]').count()).toBe(0)
    expect(await phoneFaults(page)).toEqual([])
  })

  test('who may not is told what it takes, and stays signed in', async () => {
    const reader = await newPerson(stage, 'Rosa')
    await clientOf(stage, reader, 'Reader')
    const page = await stage.signedIn(path, reader.apiKey)
    await page.getByText('takes the role Manager or KMIP Adapter Manager').waitFor()
    expect(await page.getByLabel('API key').count()).toBe(0)
  })
})
