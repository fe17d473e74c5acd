/** The keys of a real product in a real browser: one's life, and a deletion that two people go through. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { press, tabTo } from './fixture/keyboard.ts'
import { ProductStage } from './fixture/product-stage.ts'
import { isShown, isSkipped } from './fixture/stage.ts'
import { accessFaults, phoneFaults } from './fixture/page-checks.ts'

const hostile = '<img src=x onerror=alert(1)><b>bold</b> javascript:alert(2) & {{braces}}'
const keyType = 'application/vnd.ibm.kms.key+json'
const policyType = 'application/vnd.ibm.kms.policy+json'

describe.skipIf(isSkipped)('keys of a product, in Chromium', () => {
  let stage: ProductStage
  let instance: string
  /** API keys. */
  let ben: string
  let stranger: string
  let billing: string
  let payments: string

  beforeAll(async () => {
    stage = await ProductStage.open()
    instance = stage.product.instance
    billing = await makeKey('billing')
    payments = await makeKey('payments-root')
    await makeKey(hostile)
    await stage.deleteKey('gone')
    await does('POST', `/api/v2/keys/${billing}/actions/wrap`, { plaintext: 'aGVsbG8=' })
    await setPolicy(billing, 'rotation', { enabled: true, interval_month: 3 })
    await setPolicy(payments, 'dualAuthDelete', { enabled: true })
    ben = await makeUser('Ben', [
      ['Manager', { kind: 'instance', id: instance }],
      ['Auditor', { kind: 'tracker', id: 'us-south' }],
    ])
    stranger = await makeUser('Stranger', [['CryptoUnitAdministrator', { kind: 'instance', id: instance }]])
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  async function does<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await stage.client.call<Body>(method, path, body === undefined ? {} : { body })
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return answer.json
  }

  async function makeKey(name: string): Promise<string> {
    const metadata = { collectionType: keyType, collectionTotal: 1 }
    const body = { metadata, resources: [{ type: keyType, name, extractable: false }] }
    const made = await does<{ resources: { id: string }[] }>('POST', '/api/v2/keys', body)
    return made.resources[0]?.id ?? ''
  }

  function setPolicy(key: string, name: string, policy: object): Promise<unknown> {
    const metadata = { collectionType: policyType, collectionTotal: 1 }
    const body = { metadata, resources: [{ type: policyType, [name]: policy }] }
    return does('PUT', `/api/v2/keys/${key}/policies?policy=${name}`, body)
  }

  function setInstancePolicy(kind: string, data: object): Promise<unknown> {
    const metadata = { collectionType: policyType, collectionTotal: 1 }
    const body = { metadata, resources: [{ policy_type: kind, policy_data: data }] }
    return does('PUT', `/api/v2/instance/policies?policy=${kind}`, body)
  }

  async function makeUser(name: string, roles: readonly (readonly [string, object])[]): Promise<string> {
    const { id } = await does<{ id: string }>('POST', '/v1/iam/users', { name })
    for (const [role, scope] of roles) await does('POST', '/v1/iam/roles', { identity: id, role, scope })
    return (await does<{ apikey: string }>('POST', '/v1/iam/api-keys', { identity: id, name: 'own' })).apikey
  }

  const panel = (page: Page) => page.getByRole('complementary', { name: 'Key', exact: true })
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
  const keysPath = (query = '') => `/keys/${instance}${query}`

  test(
    'a deletion by two people, by keyboard: authorised by one, who cannot be the second; approved by another',
    { timeout: 120_000 },
    async () => {
      const first = await stage.signedIn(keysPath())
      await button(first, 'payments-root').waitFor()
      await first.keyboard.press('/')
      await first.keyboard.type('payments')
      await first.keyboard.press('Enter')
      await first.waitForURL(/search=payments/)
      await button(first, 'billing').waitFor({ state: 'detached' })
      expect(await first.locator('input[type="search"]:focus').inputValue()).toBe('payments')
      await press(first, 'payments-root')
      await press(first, 'Authorise deletion')
      await first.getByRole('dialog').getByText('You are the first of two people.').waitFor()
      await press(first, 'Authorise its deletion')
      await first.getByText('You authorised its deletion. Another person must agree.').waitFor()
      await panel(first).getByText('owner authorised it,').waitFor()
      await panel(first).getByText('you cannot be the second person').waitFor()
      expect(await isShown(panel(first).getByRole('timer'))).toBe(true)
      expect(await panel(first).getByRole('timer').innerText()).toMatch(/^6 d 23 h$|^7 d$/)
      expect(await button(first, 'Approve: delete the key').count()).toBe(0)
      const link = first.url()

      const second = await stage.signedIn(new URL(link).pathname + new URL(link).search, ben)
      await panel(second).getByText('No resource is registered with it.').waitFor()
      await panel(second).getByText('It never wrapped or unwrapped anything, as far as the trail goes.').waitFor()
      await press(second, 'Approve: delete the key')
      const dialog = second.getByRole('dialog')
      await dialog.getByText('The key stops working at once').waitFor()
      expect(await button(second, 'Delete it').isDisabled()).toBe(true)
      await dialog.getByLabel('Type its name').focus()
      await second.keyboard.type('payments-root')
      await second.keyboard.press('Enter')
      await second.getByText('Deleted, by two people.').waitFor()
      await panel(second).getByText('Destroyed').waitFor()
      await press(second, 'Its life')
      await panel(second).getByText('Ben deleted root key payments-root').waitFor()
      const sentences = await panel(second).locator('ol a bdi').allInnerTexts()
      expect(sentences.map((text) => text.split(' ')[0])).toEqual(['owner', 'owner', 'owner', 'Ben'])
      await second.keyboard.press('Escape')
      await panel(second).waitFor({ state: 'detached' })
      const events = await does<{ events: { event: { outcome: string } }[] }>(
        'GET',
        `/v1/trackers/us-south/events?keyId=${payments}&action=hs-crypto.secrets.delete`,
      )
      expect(events.events.map(({ event }) => event.outcome)).toEqual(['success'])
    },
  )

  test('a refusal is told in words, and leaves everything as it was', async () => {
    const twice = await makeKey('twice')
    await setPolicy(twice, 'dualAuthDelete', { enabled: true })
    await does('POST', `/api/v2/keys/${twice}/actions/setKeyForDeletion`)
    const page = await stage.signedIn(keysPath(`?key=${twice}`), ben)
    // The time left is the server's: a computer that is three days ahead shows the same.
    await page.clock.setFixedTime(Date.now() + 3 * 86_400_000)
    await page.reload()
    await panel(page).getByRole('timer').waitFor()
    expect(await panel(page).getByRole('timer').innerText()).toMatch(/^6 d 23 h$|^7 d$/)
    await button(page, 'Approve: delete the key').click()
    await does('POST', `/api/v2/keys/${twice}/actions/unsetKeyForDeletion`)
    await page.getByRole('dialog').getByLabel('Type its name').fill(twice)
    await button(page, 'Delete it').click()
    await page.getByRole('alert').getByText('two different people must agree').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    // The authorisation that is gone is shown no more.
    await panel(page).getByText('Deletion waits for a second person').waitFor({ state: 'detached' })
    expect(await isShown(panel(page))).toBe(true)
  })

  test('a key is rotated, disabled, given an alias, and its policy changed; each shown when it is done', async () => {
    const page = await stage.signedIn(keysPath(`?key=${billing}&use=true`))
    await page.locator(`tr[data-key="${billing}"]`).getByRole('link').waitFor()
    await panel(page).getByText('Every 3 months of 30 days').waitFor()
    const act = async (name: string, confirm: string, done: string, fill?: (page: Page) => Promise<unknown>) => {
      await panel(page).getByRole('button', { name, exact: true }).click()
      await fill?.(page)
      await button(page, confirm).click()
      await page.getByText(done, { exact: true }).waitFor()
    }
    await act('Rotate', 'Rotate it', 'Rotated: a new version wraps from now on.')
    await panel(page).getByText('Versions: 2').waitFor()
    await button(page, 'Show the versions').click()
    await panel(page).locator('ol code').nth(1).waitFor()
    await panel(page).getByRole('button', { name: 'Rotate', exact: true }).click()
    await button(page, 'Rotate it').click()
    await page.getByRole('alert').getByText('less than an hour ago').waitFor()
    await button(page, 'Cancel').click()
    await act('Add alias', 'Add it', 'The alias is there.', () =>
      page.getByRole('dialog').getByLabel('Alias', { exact: true }).fill('billing-main'),
    )
    await act('Change rotation', 'Set it', 'The rotation policy is set.', () =>
      page.getByLabel('Rotation', { exact: true }).selectOption('12'),
    )
    await panel(page).getByText('Every 12 months of 30 days').waitFor()
    await act('Disable', 'Disable it', 'Disabled.')
    // The button that was pressed is gone; the keyboard goes on where it stood.
    await panel(page).getByRole('region', { name: 'What can be done' }).locator(':focus').waitFor()
    await page.locator(`tr[data-key="${billing}"]`).getByText('Suspended').waitFor()
    await act('Remove the alias billing-main', 'Remove it', 'The alias is gone.')
    await act('Require two people to delete', 'Require two people', 'Its deletion takes two people from now on.')
    await panel(page).getByText('Two people must agree. This cannot be switched off.').waitFor()
    const read = await does<{ resources: { state: number }[] }>('GET', `/api/v2/keys/${billing}/metadata`)
    expect(read.resources[0]?.state).toBe(2)
  })

  test('the inventory is narrowed by its address, counts included; a payload is never read', async () => {
    const page = await stage.signedIn(keysPath())
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await button(page, 'Destroyed 2').click()
    await page.waitForURL(/state=destroyed/)
    await button(page, 'gone').waitFor()
    await page.getByLabel('Rotation due').selectOption('30')
    await page.getByText('No key matches').waitFor()
    await button(page, 'Show all keys').click()
    await button(page, 'billing').click()
    await panel(page).getByText('What it is').waitFor()
    await button(page, 'Its life').click()
    await panel(page).getByText('owner created root key billing').waitFor()
    expect(await panel(page).getByText('wrapped').count()).toBe(0)
    await page.getByLabel('Also show each use').check()
    await page.waitForURL(/uses=true/)
    await panel(page).getByText('owner wrapped').first().waitFor()
    await panel(page)
      .getByRole('link', { name: /^Proof: owner created root key/ })
      .click()
    await page.getByText('Proven in this browser').waitFor()
    expect(asked.filter((path) => /^\/api\/v2\/keys\/[^/]+$/.test(path))).toEqual([])
  })

  test(
    'a ring and a key in it are made by keyboard, and the ring is deleted when nothing is in it',
    { timeout: 120_000 },
    async () => {
      const page = await stage.signedIn(keysPath())
      await press(page, 'Key rings')
      await page.getByText('There always; the keys that name no other ring are in it.').waitFor()
      await press(page, 'New key ring')
      const dialog = page.getByRole('dialog')
      await dialog.locator('input:focus').waitFor()
      await page.keyboard.type('pay')
      await page.keyboard.press('Enter')
      await page.getByText('The key ring pay is there.').waitFor()
      expect(await accessFaults(page)).toEqual([])
      expect(await phoneFaults(page)).toEqual([])
      await press(page, 'Its keys: pay')
      await page.waitForURL(/ring=pay/)
      await page.getByText('No key matches').waitFor()
      await press(page, 'New key')
      await tabTo(page, page.getByLabel(/^Root key/))
      await page.keyboard.press('ArrowDown')
      await tabTo(page, page.getByLabel('Name', { exact: true }))
      await page.keyboard.type('made here')
      await tabTo(page, page.getByLabel('Alias, if you like'))
      await page.keyboard.type('made-here')
      await tabTo(page, page.getByLabel('The policies that this instance gives to new keys'))
      await page.keyboard.press('ArrowDown')
      expect(await accessFaults(page)).toEqual([])
      expect(await phoneFaults(page)).toEqual([])
      const answered = page.waitForResponse((response) => response.url().includes('keys_with_policy_overrides'))
      await press(page, 'Make the standard key')
      // A key that the service makes keeps its material to itself.
      expect(await (await answered).text()).not.toContain('payload')
      await panel(page).getByRole('heading', { name: 'made here' }).waitFor()
      await panel(page).getByText('made-here', { exact: true }).waitFor()
      await panel(page).getByText('Two people must agree. This cannot be switched off.').waitFor()
      await panel(page)
        .getByText(/^\d+ min$/)
        .waitFor()

      const removeRing = async (): Promise<void> => {
        await button(page, 'Key rings').click()
        await button(page, 'Delete the key ring pay').click()
        await dialog.getByText('Every role that was granted on it is taken back at once.').waitFor()
        await dialog.getByLabel('Type its name').fill('pay')
        await button(page, 'Delete it').click()
      }
      await removeRing()
      await page.getByRole('alert').getByText('keys are in it').waitFor()
      await button(page, 'Cancel').click()
      await button(page, 'Keys').click()
      await page.getByRole('button', { name: /^made here/ }).click()
      await button(page, 'Move to another ring').click()
      // The ring that it is in is no choice, and none is chosen for whoever asks.
      expect(await dialog.getByLabel('Key ring').locator('option').allInnerTexts()).toEqual([
        'Choose a key ring',
        'default',
      ])
      expect(await button(page, 'Move it').isDisabled()).toBe(true)
      await dialog.getByLabel('Key ring').selectOption('default')
      await button(page, 'Move it').click()
      await page.getByText('Moved.', { exact: true }).waitFor()
      await removeRing()
      await page.getByText('The key ring pay is gone.').waitFor()
    },
  )

  test(
    'a policy of the instance is shown before and after, and whoever would shut themselves out is warned',
    { timeout: 120_000 },
    async () => {
      const page = await stage.signedIn(keysPath('?show=policies'))
      const dialog = page.getByRole('dialog')
      const policy = (name: string) => page.getByRole('region', { name, exact: true })
      await policy('Rotation of new root keys').getByText('Never set').waitFor()
      expect(await accessFaults(page)).toEqual([])
      expect(await phoneFaults(page)).toEqual([])
      await press(page, 'Change: Rotation of new root keys')
      await dialog.getByLabel('Rotation of new root keys').selectOption('6')
      await dialog.getByRole('row', { name: /No rotation by policy Every 6 months of 30 days/ }).waitFor()
      await button(page, 'Change it').click()
      await page.getByText('Changed: Rotation of new root keys.').waitFor()
      await policy('Rotation of new root keys').getByText('Every 6 months of 30 days').waitFor()
      await button(page, 'Change: Allowed addresses').click()
      await dialog.getByLabel('Take calls only from these addresses').check()
      const blocks = dialog.getByLabel('CIDR blocks, one a line')
      await blocks.fill('here')
      await dialog.getByText('This is no CIDR block: here').waitFor()
      await blocks.fill('198.51.100.0/24')
      await dialog.getByText('According to the trail, you are calling from 127.0.0.1.').waitFor()
      await dialog.getByRole('alert').getByText('This shuts you out.').waitFor()
      expect(await button(page, 'Change it').isDisabled()).toBe(true)
      expect(await accessFaults(page)).toEqual([])
      expect(await phoneFaults(page)).toEqual([])
      await blocks.fill('127.0.0.0/8 ::1/128')
      await dialog.getByText('This shuts you out.').waitFor({ state: 'detached' })
      await button(page, 'Change it').click()
      await page.getByText('Changed: Allowed addresses.').waitFor()
      await policy('Allowed addresses').getByText('127.0.0.0/8, ::1/128').waitFor()
      const other = await stage.signedIn(keysPath('?show=policies'), stranger)
      expect(await isShown(other.getByText('with the role Manager on the whole of it'))).toBe(true)
      await setInstancePolicy('allowedIP', { enabled: false, attributes: { allowed_ip: [] } })
      await setInstancePolicy('rotation', { enabled: false })
    },
  )

  test('a destroyed key is purged by who may; who lost a right meanwhile is told, and offered it no more', async () => {
    const nina = await makeUser('Nina', [['KeyPurge', { kind: 'instance', id: instance }]])
    const { users } = await does<{ users: { id: string; name: string }[] }>('GET', '/v1/iam/users')
    const id = users.find(({ name }) => name === 'Nina')?.id
    const granted = await does<{ id: string }>('POST', '/v1/iam/roles', {
      identity: id,
      role: 'Manager',
      scope: { kind: 'instance', id: instance },
    })
    const page = await stage.signedIn('/locations', nina)
    // Four hours after its deletion, which nobody waits for here.
    await page.route('**/inventory/keys?*', async (route) => {
      const answer = await route.fetch()
      const body = (await answer.json()) as { keys: object[] }
      const keys = body.keys.map((key) => ({ ...key, purgeFrom: '2026-01-01T00:00:00Z' }))
      await route.fulfill({ response: answer, json: { ...body, keys } })
    })
    await page.goto(`${stage.url}${keysPath('?state=destroyed&search=gone')}`)
    await button(page, 'gone').click()
    await panel(page).getByRole('button', { name: 'Purge', exact: true }).click()
    await page.getByRole('dialog').getByLabel('Type its name').fill('gone')
    await button(page, 'Purge it').click()
    await page.getByRole('alert').getByText('less than four hours ago').waitFor()
    await page.route('**/purge', (route) => route.fulfill({ status: 204 }))
    await button(page, 'Purge it').click()
    await page.getByText('Purged. Its life is still in the trail.').waitFor()
    await panel(page).waitFor({ state: 'detached' })

    await button(page, 'gone').click()
    await does('DELETE', `/v1/iam/roles/${granted.id}`)
    await panel(page).getByRole('button', { name: 'Restore', exact: true }).click()
    await button(page, 'Restore it').click()
    await page.getByRole('alert').getByText('Your roles do not permit this').waitFor()
    await button(page, 'Cancel').click()
    await panel(page).getByText('Your roles do not permit here: Restore.').waitFor()
    expect(await panel(page).getByRole('button', { name: 'Restore', exact: true }).count()).toBe(0)
  })

  test('what an attacker chose stays text; nothing sticks out on a phone', async () => {
    const page = await stage.signedIn(keysPath('?search=bold'))
    await page.route('**/inventory/keys?*', async (route) => {
      const answer = await route.fetch()
      const body = (await answer.json()) as { keys: object[] }
      const strange = {
        name: `\u202E${hostile}`,
        aliases: ['a'.repeat(300)],
        description: '\u2066'.repeat(9) + 'x'.repeat(300),
      }
      await route.fulfill({
        response: answer,
        json: { ...body, keys: body.keys.map((key) => ({ ...key, ...strange })) },
      })
    })
    await page.setViewportSize({ width: 390, height: 844 })
    await page.reload()
    expect(await page.getByLabel('Rotation due').isVisible()).toBe(false)
    await press(page, 'More filters')
    await page.getByLabel('Rotation due').waitFor()
    await press(page, 'More filters')
    await page.getByLabel('Rotation due').waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: hostile }).first().click()
    await panel(page).getByRole('heading', { name: hostile }).waitFor()
    await panel(page).getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('dialog').getByText(hostile).waitFor()
    expect(await page.locator('#root img, #root b, [role="dialog"] img, a[href^="javascript"]').count()).toBe(0)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await panel(page).waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
  })

  test('who has no role on keys is told what it takes, and stays signed in', async () => {
    const page = await stage.signedIn(keysPath(), stranger)
    await page.getByText('You may not read this').waitFor()
    await page.getByText('Reader, ReaderPlus, Writer or Manager').waitFor()
    await page.reload()
    await page.getByText('You may not read this').waitFor()
    expect(await page.getByLabel('API key').count()).toBe(0)
  })

  test('an empty instance, a server in trouble and a key that is gone are told apart', async () => {
    const page = await stage.signedIn(keysPath())
    const counts = { active: 0, suspended: 0, deactivated: 0, 'pre-active': 0, destroyed: 0, waiting: 0, overdue: 0 }
    await page.route('**/inventory/keys?*', (route) => route.fulfill({ json: { keys: [], counts, next: null } }))
    await page.reload()
    await page.getByText('There is no key here yet').waitFor()
    await page.unroute('**/inventory/keys?*')
    await page.route('**/inventory/keys?*', (route) =>
      route.fulfill({ status: 500, json: { code: 'INTERNAL', title: 'x' } }),
    )
    await page.reload()
    await page.getByText('The keys could not be read').waitFor()
    await page.unroute('**/inventory/keys?*')
    await page.goto(`${stage.url}${keysPath('?key=0199c5f2-0000-7000-8000-000000000001')}`)
    expect(await isShown(page.getByText('There is no such key here'))).toBe(true)
  })

  test('axe finds nothing wrong, in any theme', { timeout: 120_000 }, async () => {
    const page = await stage.signedIn(keysPath('?use=true'))
    const views = {
      list: () => page.locator('tr[data-key] a').first().waitFor(),
      key: async () => {
        await button(page, 'billing').click()
        await panel(page).getByRole('heading', { name: 'billing' }).waitFor()
      },
      dialog: async () => {
        await button(page, 'Add alias').click()
        await page.getByRole('dialog').waitFor()
      },
      life: async () => {
        await button(page, 'Cancel').click()
        await button(page, 'Its life').click()
        await panel(page).getByText('owner created root key billing').waitFor()
      },
      waiting: async () => {
        const waits = await makeKey('waits')
        await setPolicy(waits, 'dualAuthDelete', { enabled: true })
        await does('POST', `/api/v2/keys/${waits}/actions/setKeyForDeletion`)
        await button(page, 'Refresh').click()
        await button(page, 'waits').click()
        await panel(page).getByRole('timer').waitFor()
      },
    }
    for (const [view, open] of Object.entries(views)) {
      await open()
      expect(await accessFaults(page), view).toEqual([])
    }
  })
})
