/** Client certificates of a real product in a real browser: in force, proved, and the way back by two people. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CertificateAdministrator } from '../../testkit/src/certificate-administrator.ts'
import { newCertificate } from '../../testkit/src/new-certificate.ts'
import { press } from './fixture/keyboard.ts'
import { accessFaults, hostileNames, phoneFaults } from './fixture/page-checks.ts'
import { clientOf, newPerson, type SomePerson } from './fixture/people.ts'
import { ProductStage } from './fixture/product-stage.ts'
import { isShown, isSkipped } from './fixture/stage.ts'

describe.skipIf(isSkipped)('certificates of a product, in Chromium', () => {
  let stage: ProductStage
  let path = ''
  let bob: SomePerson
  beforeAll(async () => {
    stage = await ProductStage.open()
    path = `/certificates/${stage.product.instance}`
    bob = await newPerson(stage, 'Bob', 'Administrator')
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  test('without a certificate it says that clients need none, and how that is changed', async () => {
    const page = await stage.signedIn(path, bob.apiKey)
    await page.getByText('Clients of EP11 need no certificate here').waitFor()
    expect(await isShown(page.getByText(`keywitness cert adminkey set --instance ${stage.product.instance}`))).toBe(
      true,
    )
  })

  test(
    'certificates are listed with their ends and whose they are; those that nobody can change are named',
    { timeout: 120_000 },
    async () => {
      const own = await CertificateAdministrator.make(stage.client, stage.product)
      await own.set('clients-2026', newCertificate('Clients 2026'))
      const ben = await newPerson(stage, 'Ben')
      const client = await clientOf(stage, ben, 'Reader')
      const other = await CertificateAdministrator.make(client, stage.product, stage.client)
      await other.set('databases', newCertificate('Databases'))
      await other.send('DELETE', '/adminkey')
      const page = await stage.signedIn(path)
      await page.getByText('2 certificates end soon.').waitFor()
      await page.getByText('Clients of EP11 need a certificate.').waitFor()
      await page.getByText('1 certificate can be changed by nobody.').waitFor()
      await page.getByRole('button', { name: 'clients-2026', exact: true }).click()
      const panel = page.getByRole('complementary', { name: 'clients-2026' })
      await panel
        .getByText(`keywitness cert delete --cert-id clients-2026 --instance ${stage.product.instance}`)
        .waitFor()
      expect(await accessFaults(page)).toEqual([])
      expect(await phoneFaults(page)).toEqual([])
      await page.keyboard.press('Escape')
      await panel.waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'databases', exact: true }).click()
      expect(await isShown(page.getByText('Nobody can change this one'))).toBe(true)
    },
  )

  test('every command that was done is proved in the browser by its signature', { timeout: 120_000 }, async () => {
    const page = await stage.signedIn(`${path}?view=transcript`)
    await page.getByText('Everything that was done is proved').waitFor()
    await page.getByText('set certificate clients-2026').waitFor()
    await page.getByText('From here on clients of EP11 needed a certificate.').waitFor()
    expect(await page.getByText('Proved', { exact: true }).count()).toBe(5)
    expect(await accessFaults(page)).toEqual([])
    expect(await phoneFaults(page)).toEqual([])
  })

  test(
    'one proposes by keyboard, another approves, time left is told in words, and it is withdrawn',
    { timeout: 120_000 },
    async () => {
      const page = await stage.signedIn(`${path}?view=recoveries`)
      await page.getByText('Nothing is proposed.').waitFor()
      await press(page, 'Propose to remove what Ben has')
      const dialog = page.getByRole('dialog', { name: 'Propose to remove what Ben has' })
      await dialog.getByText('Clients of these authorities are cut off.').waitFor()
      expect(await accessFaults(page)).toEqual([])
      await press(page, 'Propose it')
      await page.getByText(/It can be approved for another (?:7 days|6 days 23 hours)/).waitFor()
      await page.getByText('You proposed it: another administrator').waitFor()
      expect(await page.getByRole('button', { name: 'Approve as the second person' }).count()).toBe(0)

      const second = await stage.signedIn(`${path}?view=recoveries`, bob.apiKey)
      await second.getByRole('button', { name: 'Approve as the second person' }).click()
      await second.getByText('From now it takes 24 hours until it is performed').waitFor()
      await second.getByRole('button', { name: 'Approve it' }).click()
      await second.getByText(/It is performed in (?:1 day|23 hours)/).waitFor()
      expect(await phoneFaults(second)).toEqual([])
      await second.getByRole('button', { name: 'Withdraw' }).click()
      await second.getByRole('button', { name: 'Withdraw it' }).click()
      await second.getByText('Withdrawn', { exact: true }).waitFor()
      expect(await isShown(second.getByText('Nothing is proposed.'))).toBe(true)
    },
  )

  test('whoever only reads the trail sees certificates and proofs, and is told why not recoveries', async () => {
    const auditor = await newPerson(stage, 'Audra', 'Auditor')
    const page = await stage.signedIn('/certificates', auditor.apiKey)
    await page.getByRole('link', { name: stage.product.instance }).click()
    await page.getByRole('button', { name: 'clients-2026', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Transcript' }).click()
    await page.getByText('Everything that was done is proved').waitFor()
    await page.getByRole('button', { name: 'Recoveries' }).click()
    expect(await isShown(page.getByText('Recoveries are for administrators of the account'))).toBe(true)
  })

  test('hostile names stay text, a certificate that has ended is said, and so is an answer that fails', async () => {
    const page = await stage.signedIn('/locations')
    const certs = hostileNames.map((name, at) => ({
      certId: name,
      fingerprint: 'ab'.repeat(32),
      subject: name,
      issuer: name,
      serialNumber: '01',
      notBefore: '2020-01-01T00:00:00Z',
      notAfter: '2021-01-01T00:00:00Z',
      certificate: name,
      createdAt: '2020-01-01T00:00:00Z',
      updatedAt: '2020-01-01T00:00:00Z',
      administrator: { id: `KWid-${at}`, name },
      frozen: at === 0,
    }))
    const list = { certs, mtlsEnabled: true, generation: 7 }
    await page.route('**/v1/certs/*/certs?*', (route) => route.fulfill({ json: list }))
    await page.goto(`${stage.url}${path}`)
    await page.getByText('Every certificate has ended: no client of EP11 is let in.').waitFor()
    for (const name of hostileNames) expect(await page.getByText(name).count()).toBeGreaterThan(1)
    await page.getByRole('button', { name: 'javascript:alert(1)', exact: true }).click()
    await page.getByText('keywitness cert delete --cert-id <id>').waitFor()
    expect(await page.locator('main img, main script, aside img, a[href^="javascript"]').count()).toBe(0)
    expect(await phoneFaults(page)).toEqual([])
    await page.unroute('**/v1/certs/*/certs?*')
    await page.route('**/v1/certs/*/certs?*', (route) => route.fulfill({ status: 500, json: { detail: 'It broke.' } }))
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Refresh' }).click()
    // What was read before stays, and is told to be old.
    await page.getByText('This could not be read anew: It broke.').waitFor()
    expect(await page.getByText('Every certificate has ended').count()).toBe(1)
    await page.reload()
    await page.getByText('The certificates could not be read').waitFor()
    expect(await isShown(page.getByText('It broke.'))).toBe(true)
  })
})
