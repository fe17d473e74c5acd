/** Who may do what, on a real product in a real browser: a colleague becomes an auditor, and everything around it. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../../testkit/src/client.ts'
import { press } from './fixture/keyboard.ts'
import { ProductStage } from './fixture/product-stage.ts'
import { isShown, isSkipped } from './fixture/stage.ts'
import { accessFaults } from './fixture/page-checks.ts'

const hostile = '<img src=x onerror=alert(1)> javascript:alert(2) <b>bold</b> {{braces}}'

describe.skipIf(isSkipped)('access to an account, in Chromium', () => {
  let stage: ProductStage
  let auditor: string

  beforeAll(async () => {
    stage = await ProductStage.open()
    const ada = await makeUser('Ada')
    await does('POST', '/v1/iam/roles', { identity: ada, role: 'Auditor', scope: { kind: 'tracker', id: 'us-south' } })
    auditor = (await does<{ apikey: string }>('POST', '/v1/iam/api-keys', { identity: ada, name: 'own' })).apikey
    await makeUser('Cleo')
    await makeUser(hostile)
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  async function does<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await stage.client.call<Body>(method, path, body === undefined ? {} : { body })
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return answer.json
  }

  const makeUser = async (name: string): Promise<string> =>
    (await does<{ id: string }>('POST', '/v1/iam/users', { name })).id
  const panel = (page: Page) => page.getByRole('complementary', { name: 'User', exact: true })
  const dialog = (page: Page) => page.getByRole('dialog')
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

  test(
    'a colleague is granted the role Auditor and an API key, by keyboard, and can read the trail then',
    { timeout: 120_000 },
    async () => {
      const page = await stage.signedIn('/access')
      await press(page, 'Cleo')
      await panel(page).getByText('None: without a role, nothing is allowed.').waitFor()
      await press(page, 'Grant a role')
      await dialog(page).getByText('Reads, searches, proves and exports events, and changes nothing').waitFor()
      await dialog(page).getByLabel('Role').focus()
      await page.keyboard.type('Off')
      await dialog(page).getByText('acknowledges alerts').waitFor()
      await page.keyboard.press('ArrowUp')
      await dialog(page).getByText('on the trail of us-south', { exact: false }).first().waitFor()
      // It might have been oneself: what one may is asked anew.
      const asked = page.waitForResponse((response) => response.url().endsWith('/v1/session'))
      await press(page, 'Grant Auditor')
      await page.getByText('Cleo has the role Auditor now.').waitFor()
      expect((await asked).status()).toBe(200)
      await panel(page).getByText('changes nothing: on the trail of us-south').waitFor()

      await press(page, 'Create an API key')
      await dialog(page).getByLabel('What it is for').waitFor()
      // The dialog takes the focus a moment after it is there.
      await dialog(page).locator('input:focus').waitFor()
      await page.keyboard.type('laptop')
      await page.keyboard.press('Enter')
      await panel(page).getByText('The new API key, shown this once').waitFor()
      await page.locator('button:focus[aria-label="Copy the API key"]').waitFor()
      const apiKey = await panel(page).locator('code').first().innerText()
      await press(page, 'I have stored it')
      await panel(page).getByText('laptop').waitFor()
      expect(await page.content()).not.toContain(apiKey)

      const { url, instance, location } = stage.product
      const cleo = await new Client({ url, instance, location, apiKey }).signIn()
      expect((await cleo.call('GET', '/v1/trackers/us-south/events?limit=1')).status).toBe(200)
      await press(page, 'Take back: Auditor on the trail of us-south')
      await press(page, 'Take Auditor back')
      await page.getByText('Cleo has lost the role Auditor.').waitFor()
      expect((await cleo.call('GET', '/v1/trackers/us-south/events?limit=1')).status).toBe(401)

      await press(page, 'Disable the API key laptop')
      await dialog(page).locator(':focus').waitFor()
      await page.keyboard.press('Escape')
      await page.locator('button:focus[aria-label="Disable the API key laptop"]').waitFor()
      await page.keyboard.press('Enter')
      await press(page, 'Disable it')
      await page.getByText('The API key laptop is disabled.').waitFor()
      await page.keyboard.press('Escape')
      await panel(page).waitFor({ state: 'detached' })
      expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Cleo')
    },
  )

  test('a service ID is made and granted a role on one key ring; a held role is told in words, and so is the last administrator', async () => {
    const page = await stage.signedIn('/access?view=services')
    await page.getByText('There is no service ID yet').waitFor()
    await button(page, 'Create a service ID').click()
    await dialog(page).getByLabel('Name', { exact: true }).fill('billing-db')
    await dialog(page).getByLabel('What it is for').fill('The database')
    await button(page, 'Create the service ID').last().click()
    await page.getByText('billing-db is there. Grant a role next.').waitFor()
    const grant = async (): Promise<void> => {
      await button(page, 'Grant a role').click()
      await dialog(page).getByLabel('Role').selectOption('Writer')
      await dialog(page).getByLabel('Only this key ring').fill('default')
      await dialog(page).getByText('on the key ring “default” of the instance').waitFor()
      await button(page, 'Grant Writer').click()
    }
    await grant()
    await page.getByText('billing-db has the role Writer now.').waitFor()
    await grant()
    await page.getByRole('alert').getByText('this role is held there already').waitFor()

    await page.goto(`${stage.url}/access`)
    await button(page, 'owner').click()
    await button(page, 'Delete').click()
    await dialog(page).getByText('This is you').waitFor()
    await dialog(page).getByLabel('Type its name').fill('owner')
    await button(page, 'Delete the identity').click()
    expect(await isShown(page.getByRole('alert').getByText('without an administrator'))).toBe(true)
  })

  test('an auditor sees who sees the audit; what is for administrators is said, and ends no session', async () => {
    const page = await stage.signedIn('/access', auditor)
    await page.getByRole('cell', { name: 'Ada' }).waitFor()
    await page.getByText('Auditor on the trail of us-south,').filter({ visible: true }).waitFor()
    await page.getByText('Grant roles', { exact: true }).waitFor()
    await button(page, 'People').click()
    await page.getByText('You may not read this').waitFor()
    await page.getByText('is shown to whoever has the role Administrator').waitFor()
    await button(page, 'Who sees the audit').click()
    expect(await isShown(page.getByRole('cell', { name: 'Ada' }))).toBe(true)
  })

  test('what an attacker chose stays text; nothing sticks out on a phone; trouble is told', async () => {
    const page = await stage.signedIn('/access')
    await page.route('**/v1/iam/users?*', async (route) => {
      const answer = await route.fetch()
      const body = (await answer.json()) as { users: object[] }
      const users = body.users.map((user) => ({ ...user, email: `\u202E${'x'.repeat(300)}` }))
      await route.fulfill({ response: answer, json: { ...body, users } })
    })
    await page.setViewportSize({ width: 390, height: 844 })
    await page.reload()
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    await page.getByRole('button', { name: hostile }).waitFor()
    expect(await overflow()).toBeLessThanOrEqual(0)
    await page.getByRole('button', { name: hostile }).click()
    await panel(page).getByRole('heading', { name: hostile }).waitFor()
    await button(page, 'Delete').click()
    await dialog(page).getByText(hostile).waitFor()
    expect(await page.locator('#root img, #root b, [role="dialog"] img, a[href^="javascript"]').count()).toBe(0)
    expect(await overflow()).toBeLessThanOrEqual(0)
    await page.unroute('**/v1/iam/users?*')
    await page.route('**/v1/iam/users?*', (route) => route.fulfill({ status: 503, json: { code: 'X', title: 'busy' } }))
    await page.goto(`${stage.url}/access`)
    await page.getByText('The identities could not be read').waitFor()
    await button(page, 'Who sees the audit').click()
    await page.getByRole('cell', { name: /^owner/ }).waitFor()
    expect(await overflow()).toBeLessThanOrEqual(0)
  })

  test('axe finds nothing wrong, in any theme', { timeout: 120_000 }, async () => {
    const page = await stage.signedIn('/access')
    const views = {
      people: async () => {
        await button(page, 'Ada').click()
        await panel(page).getByText('own', { exact: true }).waitFor()
      },
      grant: async () => {
        await button(page, 'Grant a role').click()
        await dialog(page).getByLabel('Role').waitFor()
      },
      audit: async () => {
        await button(page, 'Cancel').click()
        await button(page, 'Who sees the audit').click()
        await page.getByRole('cell', { name: 'Ada' }).waitFor()
      },
    }
    for (const [view, open] of Object.entries(views)) {
      await open()
      expect(await accessFaults(page), view).toEqual([])
    }
  })
})
