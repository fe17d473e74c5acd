/** Alerts of a real product in a real browser: a key is deleted, somebody sees it and does something about it. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { press, tabTo } from './fixture/keyboard.ts'
import { ProductStage } from './fixture/product-stage.ts'
import { isShown, isSkipped } from './fixture/stage.ts'
import { WebhookReceiver } from './fixture/webhook-receiver.ts'

const hostile = '<img src=x onerror=alert(1)><b>bold</b> "quoted" & {{braces}}'

describe.skipIf(isSkipped)('alerts of a product, in Chromium', () => {
  let stage: ProductStage
  beforeAll(async () => {
    stage = await ProductStage.open()
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  const panel = (page: Page) => page.getByRole('complementary', { name: 'Alert' })
  const rowOf = (page: Page, name: string) => page.locator('[role="row"][data-alert]').filter({ hasText: name }).first()
  const button = (page: Page, name: string) => panel(page).getByRole('button', { name, exact: true })

  test('a key is deleted: seen without a reload, acknowledged, commented, muted, closed, reopened', async () => {
    const page = await stage.signedIn('/alerts/us-south')
    await page.getByText('Alerts are raised, and nobody is told').waitFor()
    await page.getByText(/Rules are watching: \d+ on\./).waitFor()
    const key = await stage.deleteKey('payments-root')
    await rowOf(page, 'payments-root').waitFor()
    await page.getByText('1 open alert, 1 critical').waitFor({ state: 'attached' })
    await rowOf(page, 'payments-root').click()
    await panel(page).getByText('owner deleted root key payments-root.').first().waitFor()
    await panel(page).getByText('Each key counts for itself.').waitFor()

    await button(page, 'Acknowledge').click()
    await button(page, 'Assign to nobody').waitFor()
    await button(page, 'Assign to nobody').click()
    await button(page, 'Assign to me').click()
    await button(page, 'Assign to nobody').waitFor()

    await button(page, 'Comment').click()
    await panel(page).getByLabel('Comment', { exact: true }).fill(`Asked about it. ${hostile}`)
    await button(page, 'Save the comment').click()
    await panel(page).getByText(`Asked about it. ${hostile}`).waitFor()

    await button(page, 'Mute').click()
    await panel(page).getByLabel('For how long').selectOption('1 day')
    await panel(page).getByLabel('Reason').fill('Planned clean-up')
    await button(page, 'Mute').last().click()
    await panel(page)
      .getByText(/^Muted until/)
      .waitFor()
    await page.getByText('1 active').waitFor()

    await button(page, 'Close').first().click()
    await panel(page).getByLabel('Why it is closed').fill('It was meant.')
    await button(page, 'Close the alert').click()
    await button(page, 'Reopen').click()
    await panel(page).getByLabel('Why it is reopened').fill('It was not.')
    await button(page, 'Reopen the alert').click()
    await panel(page).getByText('It was not.').waitFor()

    // That somebody muted alerts is an alert, too: it came meanwhile, and waited for its reader.
    await page.getByRole('button', { name: '1 new alert: show it' }).click()
    await rowOf(page, 'Alerts were muted, or a rule turned off').waitFor()

    const { json } = await stage.client.call<{ alerts: object[] }>(
      'GET',
      '/v1/trackers/us-south/alerts?state=all&rule=key-deleted',
    )
    expect(json.alerts).toMatchObject([{ state: 'open', assignee: { name: 'owner' }, group: [{ value: key }] }])
    const mutes = await stage.client.call<{ mutes: object[] }>('GET', '/v1/trackers/us-south/mutes')
    expect(mutes.json.mutes).toMatchObject([
      { rule: 'key-deleted', group: { key }, reason: 'Planned clean-up', isActive: true },
    ])
  })

  test('a mute is listed with its reason, and can be ended', async () => {
    const page = await stage.signedIn('/alerts/us-south?view=mutes')
    await page.getByText('Planned clean-up').waitFor()
    await page.getByText('payments-root').waitFor()
    await page.getByRole('button', { name: 'End now' }).click()
    await page.getByLabel('Why it ends').fill('Done')
    await page.getByRole('button', { name: 'End the mute' }).click()
    await page.getByRole('heading', { name: 'Over' }).waitFor()
    expect(await page.getByRole('button', { name: 'End now' }).count()).toBe(0)
  })

  test('an alert of a muted rule is listed with a mark, and counted by nobody', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString()
    const body = { rule: 'key-deleted', reason: 'Moving', until }
    expect((await stage.client.call('POST', '/v1/trackers/us-south/mutes', { body })).status).toBe(201)
    await stage.deleteKey('muted-root')
    const page = await stage.signedIn('/alerts/us-south?rule=key-deleted')
    await rowOf(page, 'muted-root').getByText('Muted', { exact: true }).waitFor()
    expect(await isShown(page.getByText('Only of the rule key-deleted'))).toBe(true)
  })

  test('what an attacker chose stays text, in the list, the panel and the trail', async () => {
    await stage.deleteKey(hostile.slice(0, 90))
    const page = await stage.signedIn('/alerts/us-south')
    const name = hostile.slice(0, 90)
    await rowOf(page, name).click()
    await panel(page).getByText(`owner deleted root key ${name}.`).first().waitFor()
    expect(await page.locator('main img, aside img, main b, aside b').count()).toBe(0)
    await panel(page)
      .getByRole('link', { name: `owner deleted root key ${name}` })
      .click()
    await page.waitForURL(/\/trail\/us-south\?event=\d+/)
    const event = page.getByRole('complementary', { name: 'Event' })
    await event.getByRole('heading', { name: `owner deleted root key ${name}` }).waitFor()
    expect(await page.locator('main img').count()).toBe(0)
  })

  test('the link of a message opens its alert after signing in', async () => {
    const { json } = await stage.client.call<{ alerts: { id: string; title: string }[] }>(
      'GET',
      '/v1/trackers/us-south/alerts',
    )
    const [alert] = json.alerts
    const page = await stage.signedIn(`/alerts/us-south?alert=${alert?.id}`)
    expect(await isShown(panel(page).getByRole('heading', { name: alert?.title ?? '' }))).toBe(true)
  })

  test('an auditor sees everything, and what is not theirs to do is said and not done', async () => {
    const user = await stage.client.call<{ id: string }>('POST', '/v1/iam/users', { body: { name: 'Audra' } })
    const identity = user.json.id
    const grant = { identity, role: 'Auditor', scope: { kind: 'account' } }
    expect((await stage.client.call('POST', '/v1/iam/roles', { body: grant })).status).toBe(201)
    const key = await stage.client.call<{ apikey: string }>('POST', '/v1/iam/api-keys', {
      body: { identity, name: 'own' },
    })
    const page = await stage.signedIn('/alerts/us-south', key.json.apikey)
    await rowOf(page, 'payments-root').click()
    await button(page, 'Acknowledge').click()
    await panel(page).getByText('You may read alerts, and not act on them').waitFor()
    await page.goto(`${stage.url}/alerts/us-south?view=rules&rule=key-deleted`)
    const rule = page.getByRole('complementary', { name: 'Rule' })
    await rule.getByRole('button', { name: 'Turn off' }).click()
    await rule.getByLabel('Why').fill('Nobody looks')
    await rule.getByRole('button', { name: 'Turn the rule off' }).click()
    await rule.getByText('You may read alerts, and not act on them').waitFor()
    await page.goto(`${stage.url}/alerts/us-south?view=channels`)
    expect(await isShown(page.getByText('There is no channel'))).toBe(true)
  })

  test('an alert is answered by the keyboard alone, from the overview to its closing', async () => {
    const ada = await stage.client.call<{ id: string }>('POST', '/v1/iam/users', { body: { name: 'Ada' } })
    const grant = { identity: ada.json.id, role: 'Officer', scope: { kind: 'account' } }
    expect((await stage.client.call('POST', '/v1/iam/roles', { body: grant })).status).toBe(201)
    const page = await stage.signedIn('/overview')
    await tabTo(page, page.getByRole('link', { name: /critical alerts? (?:is|are) open/ }).first())
    await page.keyboard.press('Enter')
    await rowOf(page, 'payments-root').waitFor()
    // Down the list until the alert is the one that Enter opens.
    const wanted = await rowOf(page, 'payments-root').getAttribute('id')
    const active = () => page.getByRole('grid').getAttribute('aria-activedescendant')
    await page.keyboard.press('j')
    while ((await active()) !== wanted) {
      const before = await active()
      await page.keyboard.press('ArrowDown')
      await expect.poll(active).not.toBe(before)
    }
    await page.keyboard.press('Enter')
    await panel(page).getByText('owner deleted root key payments-root.').first().waitFor()
    const address = page.url()
    await tabTo(page, panel(page).getByRole('link', { name: 'owner deleted root key payments-root' }))
    await page.keyboard.press('Enter')
    await page
      .getByRole('complementary', { name: 'Event' })
      .getByRole('heading', { name: 'owner deleted root key payments-root' })
      .waitFor()
    await page.goBack()
    await page.waitForURL(address)
    await press(page, 'Acknowledge and say…')
    await page.keyboard.type('On it, change 4711.')
    await press(page, 'Acknowledge the alert')
    await panel(page).getByText('On it, change 4711.').waitFor()
    await press(page, 'Assign to…')
    const choice = panel(page).getByLabel('Assign to', { exact: true })
    await choice.waitFor()
    await expect.poll(() => choice.evaluate((element) => element === document.activeElement)).toBe(true)
    await page.keyboard.type('Ada')
    await press(page, 'Assign')
    await panel(page).getByText('Ada', { exact: true }).first().waitFor()
    await press(page, 'Close')
    await page.keyboard.type('It was meant: change 4711.')
    await page.keyboard.press('Control+Enter')
    // The comment is said at once where it is typed: what counts is that the form is gone and the server knows.
    await panel(page).getByRole('textbox').waitFor({ state: 'detached' })
    await panel(page).getByText('It was meant: change 4711.').waitFor()
    const { json } = await stage.client.call<{ alerts: { id: string; title: string }[] }>(
      'GET',
      '/v1/trackers/us-south/alerts?state=closed&rule=key-deleted',
    )
    expect(json.alerts).toMatchObject([{ state: 'closed', assignee: { name: 'Ada' } }])
  }, 120_000)

  test('a rule is made by the keyboard, seen to fire, and told to a webhook that verifies it', async () => {
    await using receiver = await WebhookReceiver.open()
    const page = await stage.signedIn('/alerts/us-south?view=channels')
    await page.getByText('There is no channel').waitFor()
    await press(page, 'New channel')
    await tabTo(page, page.getByLabel('Kind'), 'Shift+Tab')
    await page.keyboard.type('Webhook')
    await tabTo(page, page.getByLabel('Name'))
    await page.keyboard.type('Watchers')
    await tabTo(page, page.getByLabel('URL'))
    await page.keyboard.type(receiver.url)
    await press(page, 'Create the channel')
    const secret = await page.getByText(/^whsec_/).innerText()
    await press(page, 'I have kept it')

    await page.goto(
      `${stage.url}/alerts/us-south?view=rules&new=rule&query=action:==hs-crypto.secrets.create target:witness-key`,
    )
    const name = page.getByLabel('Name')
    await tabTo(page, name)
    await page.keyboard.type('A key for witnesses')
    await press(page, 'Test it')
    await page.getByText('It would not have fired.').waitFor()
    await press(page, 'Create the rule')
    const rule = page.getByRole('complementary', { name: 'Rule' })
    await rule.getByRole('heading', { name: 'A key for witnesses' }).waitFor()
    await press(page, 'Turn on')
    await page.keyboard.type('Watched from today')
    await press(page, 'Turn the rule on')
    await rule.getByRole('button', { name: 'Turn off', exact: true }).waitFor()

    await stage.deleteKey('witness-key')
    const told = await receiver.next(({ type, rule: of }) => type === 'alert.raised' && of === 'a-key-for-witnesses')
    expect(told.isSigned(secret)).toBe(true)
    expect(told.isSigned(`whsec_${Buffer.from('somebody else who sends to it').toString('base64')}`)).toBe(false)
    await press(page, 'All alerts of this rule')
    expect(await isShown(rowOf(page, 'A key for witnesses'))).toBe(true)
    await stage.client.call('DELETE', '/v1/trackers/us-south/channels/watchers')
  }, 120_000)

  test('a rule is tried on what was recorded, turned off and on again', async () => {
    const page = await stage.signedIn('/alerts/us-south?view=rules')
    await page.getByRole('button', { name: 'A key was deleted or purged', exact: true }).click()
    const rule = page.getByRole('complementary', { name: 'Rule' })
    await rule.getByRole('button', { name: 'Test it' }).click()
    await rule.getByText('It would have fired 4 times.').waitFor()
    for (const [turn, confirm] of [
      ['Turn off', 'Turn the rule off'],
      ['Turn on', 'Turn the rule on'],
    ] as const) {
      await rule.getByRole('button', { name: turn, exact: true }).click()
      await rule.getByLabel('Why').fill('Trying it')
      await rule.getByRole('button', { name: confirm }).click()
    }
    expect(await isShown(rule.getByRole('button', { name: 'Turn off', exact: true }))).toBe(true)
  })

  test('a channel that nothing reaches is trouble in words, on its card and on top', async () => {
    const body = {
      id: 'hook',
      name: 'Hook <i>',
      kind: 'webhook',
      // The discard port: nobody listens.
      settings: { url: 'https://127.0.0.1:9/alerts' },
      minimum: 'info',
    }
    expect((await stage.client.call('POST', '/v1/trackers/us-south/channels', { body })).status).toBe(201)
    const page = await stage.signedIn('/alerts/us-south?view=channels')
    await page.getByRole('heading', { name: 'Hook <i>' }).waitFor()
    await page.getByRole('button', { name: 'Send a test message to Hook <i>' }).click()
    await page.getByText('A test message is on its way.').waitFor()
    await page.getByText(/Nothing reaches the channel “Hook <i>”/).waitFor()
    await page.getByText('Do not trust the silence').waitFor()
    expect(await isShown(page.getByText(/Failing since/))).toBe(true)
  })

  test('a server that went away is trouble at once, and no silence', async () => {
    const page = await stage.signedIn('/alerts/us-south?state=all')
    await rowOf(page, 'payments-root').waitFor()
    await stage.product.stop()
    await page.getByText('Whether alerts are raised is not known').waitFor()
    expect(await isShown(rowOf(page, 'payments-root'))).toBe(true)
  })
})
