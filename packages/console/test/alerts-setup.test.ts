/** Alerting set up in a real browser: rules, channels and calendars written, over a server that refuses what a real one rarely does. */
import { readFile } from 'node:fs/promises'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RuleDocument } from '../src/api/alert-types.ts'
import { deadLetters, failingChannel, failingChannelInFull } from './fixture/alert-samples.ts'
import { accessFaults, phoneFaults } from './fixture/page-checks.ts'
import { Stage, isShown, isSkipped } from './fixture/stage.ts'

const hostile = `<img src=x onerror=alert(1)> javascript:alert(1) \u202Eabc ${'x'.repeat(80)}`

describe.skipIf(isSkipped)('alerting being set up, in Chromium', { timeout: 120_000 }, () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await Stage.open(20)
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  const opened = async (search: string): Promise<Page> => {
    const page = await stage.signedIn({}, `/alerts/us-south?${search}`)
    await page.getByRole('region', { name: 'How alerting is' }).waitFor()
    return page
  }
  const aside = (page: Page, name: string): Locator => page.getByRole('complementary', { name })
  const button = (page: Page | Locator, name: string) => page.getByRole('button', { name, exact: true })
  const refusal = (name: string, what: string) => ({
    status: 400,
    code: 'INVALID_FIELD_ERR',
    detail: `${name}: ${what}`,
    at: { type: 'field', name },
  })
  const expectNoMarkup = async (page: Page): Promise<void> => {
    await page.getByText('onerror=alert(1)').filter({ visible: true }).first().waitFor()
    expect(await page.locator('main img, aside img, [role="dialog"] img').count()).toBe(0)
  }

  test('a search of the trail becomes a rule: what is missing or cannot be read is marked, and nothing is sent', async () => {
    const page = await opened('view=rules&new=rule&query=outcom:failure')
    const form = page.getByRole('form', { name: 'New rule' })
    await form.getByText('At character 1: There is no field outcom. Did you mean outcome?').waitFor()
    await button(form, 'Create the rule').click()
    await form.getByText('This is needed.').first().waitFor()
    expect(await form.getByLabel('Name').evaluate((element) => element === document.activeElement)).toBe(true)
    await button(form, 'Test it').click()
    expect(stage.server.requests.filter((each) => /POST .*rules/.test(each))).toEqual([])
    await form.getByLabel('It fires on').selectOption('sequence')
    await button(form, 'Compare the first step with the last').click()
    await button(form, 'One step more').click()
    expect(await accessFaults(page)).toEqual([])
    expect(await phoneFaults(page)).toEqual([])
  })

  test('what can follow in a query is offered, and taken by the keyboard', async () => {
    const page = await opened('view=rules&new=rule')
    const query = page.getByLabel('Events found by')
    await query.focus()
    await page.keyboard.type('outc')
    await page.getByRole('option', { name: /outcome:/ }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.keyboard.type('fail')
    await page.getByRole('option', { name: 'failure' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    expect(await query.inputValue()).toBe('outcome:failure ')
    // Enter in the line sends no form.
    await page.keyboard.press('Enter')
    expect(await isShown(page.getByRole('form', { name: 'New rule' }))).toBe(true)
    expect(await page.getByText('This is needed.').count()).toBe(0)
  })

  test('a form that was changed is not left without a word, whatever way one goes; one that is as it was, and one saved, are', async () => {
    const page = await opened('view=rules&rule=many-failures')
    const form = page.getByRole('form', { name: 'Change the rule' })
    const question = page.getByRole('dialog', { name: 'Leave without saving?' })
    const count = page.getByLabel('So many or more')
    await button(aside(page, 'Rule'), 'Change').click()
    await form.waitFor()
    await page.keyboard.press('Escape')
    await form.waitFor({ state: 'detached' })

    await button(aside(page, 'Rule'), 'Change').click()
    await count.fill('30')
    const ways: Record<string, () => Promise<unknown>> = {
      escape: () => page.keyboard.press('Escape'),
      cancel: () => button(form, 'Cancel').click(),
      link: () => page.getByRole('link', { name: 'Trail' }).click(),
      back: () => page.evaluate(() => history.back()),
    }
    for (const [way, go] of Object.entries(ways)) {
      await count.focus()
      await go()
      await question.getByText('What you typed here').waitFor()
      await page.keyboard.press('Escape')
      await question.waitFor({ state: 'detached' })
      expect(await count.inputValue(), way).toBe('30')
      await page.waitForURL(/edit=true/)
    }
    await page.keyboard.press('Escape')
    await question.waitFor()
    expect(await accessFaults(page)).toEqual([])
    await button(question, 'Go on writing').click()
    await expect.poll(() => count.evaluate((element) => element === document.activeElement)).toBe(true)
    const asked = page.waitForEvent('dialog')
    await Promise.all([
      asked.then(async (dialog) => {
        expect(dialog.type()).toBe('beforeunload')
        await dialog.dismiss()
      }),
      page.evaluate(() => location.reload()),
    ])

    await button(page, 'Save the rule').click()
    await aside(page, 'Rule').getByText('30 events within 5 minutes are found by').waitFor()
    expect(await question.count()).toBe(0)
    await button(aside(page, 'Rule'), 'Change').click()
    await count.fill('40')
    await page.keyboard.press('Escape')
    await button(question, 'Discard it and leave').click()
    await aside(page, 'Rule').getByText('30 events within 5 minutes are found by').waitFor()

    await button(aside(page, 'Rule'), 'Change').click()
    await count.fill('50')
    stage.server.switches.isSignedOut = true
    await button(page, 'Save the rule').click()
    await page.getByLabel('API key').waitFor()
  })

  test('what the server refuses stands at its place, in the form and in JSON', async () => {
    stage.server.alerts.setup.refusal = refusal('rule.when.query', 'A pattern must say in which field.')
    const page = await opened('view=rules&rule=many-failures&edit=true')
    await button(page, 'Save the rule').click()
    const query = page.getByLabel('Events found by')
    await page.getByText('A pattern must say in which field.').waitFor()
    expect(await query.getAttribute('aria-invalid')).toBe('true')
    await button(page, 'JSON').click()
    await button(page, 'Test it').click()
    await page.getByText('Line 9: rule.when.query: A pattern must say in which field.').waitFor()
    await button(page, 'Go there').click()
    const text = page.getByLabel('The rule as JSON')
    const marked = await text.evaluate((area) => {
      const { value, selectionStart, selectionEnd } = area as HTMLTextAreaElement
      return value.slice(selectionStart, selectionEnd)
    })
    expect(marked).toBe('"outcome:failure code:403"')
    await text.fill('{"id": "many-failures",}')
    await page.getByText('Line 1: This is no JSON from here on.').waitFor()
    await text.fill('{"id": "many-failures", "name": "N", "colour": "red"}')
    await button(page, 'Form').click()
    expect(await isShown(page.getByText('The form cannot show all that is written here'))).toBe(true)
  })

  test('a rule that somebody else changed meanwhile is not written over unseen', async () => {
    stage.server.alerts.setup.refusal = { status: 409, code: 'CONFLICT', detail: 'Changed.' }
    const page = await opened('view=rules&rule=many-failures&edit=true')
    await page.getByLabel('So many or more').fill('30')
    await button(page, 'Save the rule').click()
    const row = page.getByRole('row', { name: 'So many or more 20 30' })
    await row.waitFor()
    expect(await button(page, 'Save the rule').isDisabled()).toBe(true)
    stage.server.alerts.setup.refusal = undefined
    await button(page, 'Save yours over it').click()
    await aside(page, 'Rule').getByText('30 events within 5 minutes are found by').waitFor()
    expect(stage.server.alerts.rules.find(({ rule }) => rule.id === 'many-failures')?.version).toBe(4)
  })

  test('what a rule was is shown when asked for, and it goes back to what is shipped', async () => {
    const { alerts } = stage.server
    const [view] = alerts.rules
    if (view === undefined) throw new Error('no rule')
    const { rule, changedAt, changedBy } = view
    const shipped = { ...rule, severity: 'info' } as const
    alerts.rules[0] = { ...view, pack: 'changed', rule: { ...rule, description: hostile } }
    alerts.setup.versions[rule.id] = [
      { version: 3, rule: { ...rule, description: hostile }, isDeleted: false, changedAt, changedBy },
      { version: 2, rule, isDeleted: false, changedAt, changedBy: { id: 'x', name: hostile } },
      { version: 1, rule: shipped, isDeleted: false, changedAt, changedBy },
    ]
    const page = await opened(`view=rules&rule=${rule.id}`)
    const panel = aside(page, 'Rule')
    expect(stage.server.requests.some((each) => each.endsWith('/versions'))).toBe(false)
    await button(panel, 'Compare with what is shipped').click()
    await panel.getByText('Changed: Severity').click()
    await panel.getByText('The first one.').waitFor()
    await expectNoMarkup(page)
    await button(panel, 'Back to what is shipped').click()
    await page.getByRole('dialog').getByRole('row', { name: 'Severity Critical Info' }).waitFor()
    expect(await accessFaults(page)).toEqual([])
    await button(page.getByRole('dialog'), 'Take what is shipped').click()
    await expect.poll(() => alerts.rules.find((each) => each.rule.id === rule.id)?.rule.severity).toBe('info')
  })

  test('rules go out as a file and come in again: what differs is shown, what is refused has its line, the rest is saved', async () => {
    const { alerts } = stage.server
    const page = await opened('view=rules')
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download all').click()])
    expect(download.suggestedFilename()).toBe('rules-us-south.json')
    const given = JSON.parse(await readFile(await download.path(), 'utf8')) as RuleDocument
    expect(given.rules.map(({ rule }) => rule.id)).toEqual(alerts.rules.map(({ rule }) => rule.id))
    const [one, two, ...rest] = given.rules
    if (one === undefined || two === undefined) throw new Error('no rules')
    const changed = {
      ...given,
      rules: [
        { ...one, rule: { ...one.rule, severity: 'info' } },
        two,
        { enabled: false, rule: { ...two.rule, id: 'fresh', name: hostile } },
        ...rest,
      ],
    }
    const choose = (text: string): Promise<void> =>
      page
        .getByLabel('File', { exact: true })
        .setInputFiles({ name: 'rules.json', mimeType: 'text/json', buffer: Buffer.from(text) })
    await button(page, 'Take in from a file').click()
    await choose('{\n"format": 7}')
    await page.getByText('Line 2: This is no file of rules').waitFor()
    const text = JSON.stringify(changed, null, 2)
    await choose(text)
    const row = (name: string | RegExp): Locator => page.getByRole('listitem').filter({ hasText: name })
    await row(one.rule.name).getByText('Changed: Severity').click()
    await row(one.rule.name)
      .getByRole('row', { name: /^Severity \w+ Info$/ })
      .waitFor()
    await row('onerror').getByText('New rule').waitFor()
    await expectNoMarkup(page)
    expect(await accessFaults(page)).toEqual([])
    expect(await phoneFaults(page)).toEqual([])

    alerts.setup.refusal = refusal('rule.severity', 'Not this one.')
    await row('onerror').getByRole('checkbox').uncheck()
    await button(page, 'Save 1').click()
    const line = text.slice(0, text.indexOf('"severity"')).split('\n').length
    await row(one.rule.name).getByText(`Line ${line}: rule.severity: Not this one.`).waitFor()
    alerts.setup.refusal = undefined
    await row('onerror').getByRole('checkbox').check()
    await button(page, 'Save 2').click()
    await row('onerror').getByText('Saved', { exact: true }).waitFor()
    await row(one.rule.name).getByText('Saved', { exact: true }).waitFor()
    expect(alerts.rules.find(({ rule }) => rule.id === one.rule.id)?.rule.severity).toBe('info')
    await button(page, 'Back to the rules').click()
    await page.getByRole('table').getByText('onerror').waitFor()
  })

  test('a rule is deleted for a reason, and what that means is said before', async () => {
    const page = await opened('view=rules&rule=quiet')
    await button(aside(page, 'Rule'), 'Delete the rule').click()
    await page.getByText('A rule that is only turned off can be turned on again.').waitFor()
    await page.getByLabel('Why it is deleted').fill('Not ours')
    await button(aside(page, 'Rule'), 'Delete the rule').click()
    await aside(page, 'Rule').waitFor({ state: 'detached' })
    expect(await page.getByText('A service went quiet').count()).toBe(0)
  })

  test('a webhook is made: its secret is shown this once, and never again', async () => {
    const page = await opened('view=channels')
    await button(page, 'New channel').click()
    await page.getByLabel('Kind').selectOption('webhook')
    await page.getByLabel('Name').fill('Watchers of the night')
    await button(page, 'Create the channel').click()
    await page.getByText('This is needed.').waitFor()
    await page.getByLabel('URL').fill('https://soc.example.com/keys')
    await button(page, 'Create the channel').click()
    await page.getByText('whsec_').waitFor()
    await page.waitForURL(/view=channels&channel=watchers-of-the-night$/)
    await button(page, 'I have kept it').click()
    expect(await page.content()).not.toContain('whsec_')
    await aside(page, 'Channel').getByText('https://soc.example.com/keys').waitFor()
    expect(stage.server.alerts.channels.at(-1)).toMatchObject({ kind: 'webhook', minimum: 'warning' })
  })

  test('a password goes in and never out: not in the page, not in the address', async () => {
    stage.server.alerts.channels.push({ ...failingChannelInFull(), name: hostile })
    const page = await opened('view=channels&channel=night-watch')
    await expectNoMarkup(page)
    await button(aside(page, 'Channel'), 'Change').click()
    await page.getByText('One is kept and never shown.').waitFor()
    expect(await page.getByLabel('Password').inputValue()).toBe('')
    await page.getByLabel('Host').fill('mail2.example.com')
    await page.getByLabel('Password').fill('correct horse battery')
    const [sent] = await Promise.all([
      page.waitForRequest((request) => request.method() === 'PUT'),
      button(page, 'Save the channel').click(),
    ])
    expect(sent.postDataJSON()).toMatchObject({
      settings: { host: 'mail2.example.com', port: 587, to: ['soc@example.com'] },
      secret: { password: 'correct horse battery' },
    })
    await aside(page, 'Channel').getByText('mail2.example.com').waitFor()
    expect(`${page.url()} ${await page.content()}`).not.toContain('battery')
  })

  test('what a channel was not told is listed, each with why, and sent again', async () => {
    stage.server.alerts.channels.push(failingChannelInFull())
    stage.server.alerts.setup.messages['night-watch'] = deadLetters()
    const page = await opened('view=channels&channel=night-watch')
    const panel = aside(page, 'Channel')
    await button(panel, 'Show what was given up').click()
    await panel.getByText('Alert closed').waitFor()
    await panel.getByText('Tried 12 times. Nobody takes connections there.').first().waitFor()
    await button(panel, 'Send it again').first().click()
    await panel.getByText('It is sent again.').waitFor()
    expect(await accessFaults(page)).toEqual([])
    expect(await phoneFaults(page)).toEqual([])
  })

  test('a channel that a rule names is not deleted, and which rule does is said', async () => {
    const { alerts } = stage.server
    const [view] = alerts.rules
    if (view === undefined) throw new Error('no rule')
    alerts.rules[0] = { ...view, rule: { ...view.rule, channels: ['ops'] } }
    const page = await opened('view=channels&channel=ops')
    await page.route('**/channels/ops', (route) =>
      route.fulfill({ status: 409, json: { code: 'IN_USE', title: 'In use', status: 409 } }),
    )
    const panel = aside(page, 'Channel')
    await button(panel, view.rule.name).waitFor()
    await panel.getByText('Where it leads is for administrators of this tracker.').waitFor()
    await button(panel, 'Delete the channel').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(`Rules that name it keep it from being deleted: “${view.rule.name}”.`).waitFor()
    await dialog.getByRole('textbox').fill('ops')
    await button(dialog, 'Delete the channel').click()
    expect(await isShown(dialog.getByText('A rule still uses this channel.'))).toBe(true)
  })

  test('calendars: hours are written as people write them, and what is wrong is said beside them', async () => {
    const { alerts } = stage.server
    alerts.setup.calendars.push({ id: 'c', name: hostile, zone: 'Asia/Tokyo', hours: {}, holidays: ['2026-12-25'] })
    const page = await opened('view=calendars')
    await expectNoMarkup(page)
    expect(await accessFaults(page)).toEqual([])
    await button(page, 'Change the calendar Working hours').click()
    await page.getByLabel('Tuesday').fill('18:00-8:00')
    await button(page, 'Save the calendar').click()
    await page.getByText('The end must be after the beginning').waitFor()
    await page.getByLabel('Tuesday').fill('8:00-12:00, 13:00-18:00')
    await button(page, 'Save the calendar').click()
    await page.getByText('08:00-12:00, 13:00-18:00').waitFor()
    await button(page, 'Delete the calendar Working hours').click()
    await button(page.getByRole('dialog'), 'Delete the calendar').click()
    await button(page, 'Delete the calendar Working hours').waitFor({ state: 'detached' })
    expect(alerts.setup.calendars.map(({ id }) => id)).toEqual(['c'])
    expect(await phoneFaults(page)).toEqual([])
  })

  test('calendars that are none, cannot be read, or whose rules cannot: each is said', async () => {
    stage.server.alerts.setup.calendars = []
    const page = await opened('view=calendars')
    await page.getByText('There is no calendar').waitFor()
    for (const list of ['calendars', 'rules']) {
      await page.route(`**/${list}`, (route) => route.fulfill({ status: 500, json: { code: 'INTERNAL' } }))
    }
    await page.reload()
    await page.getByText('The calendars could not be read').waitFor()
    await page.unroute('**/calendars')
    stage.server.alerts.setup.calendars = [{ id: 'c', name: 'C', zone: 'UTC', hours: {}, holidays: [] }]
    await page.getByRole('button', { name: 'Try again' }).click()
    expect(await isShown(page.getByText('Which rules use it could not be read'))).toBe(true)
  })

  test('who may only read fills in no form in vain', async () => {
    const page = await stage.page()
    await page.route('**/v1/session', async (route) => {
      const answer = await route.fetch()
      const rights = [{ scope: { kind: 'account' }, roles: ['Auditor'], can: ['trail.read'] }]
      await route.fulfill({ json: { ...((await answer.json()) as object), rights } })
    })
    await page.goto(stage.server.signInUrl)
    await page.getByRole('button', { name: /account, theme/ }).waitFor()
    for (const [search, title] of [
      ['view=rules&new=rule', 'You may not write rules here'],
      ['view=channels&new=channel', 'You may not change channels here'],
      ['view=calendars&new=calendar', 'You may not write calendars here'],
    ]) {
      await page.goto(`${stage.server.url}/alerts/us-south?${search}`)
      await page.getByText(title ?? '').waitFor()
    }
    await page.getByRole('button', { name: 'Rules', exact: true }).click()
    await page.getByRole('button', { name: 'A service went quiet' }).waitFor()
    expect(await page.getByRole('button', { name: /^New / }).count()).toBe(0)
  })

  test('an alert is assigned to somebody else: who may act is asked for when the choice is opened', async () => {
    const { alerts } = stage.server
    const person = (id: string, name: string, can: string[]) => ({
      identity: { id, name, kind: 'user', state: 'active' },
      can,
    })
    alerts.setup.access.push(person('i1', hostile, ['trail.watch']), person('i2', 'Reader', ['trail.read']))
    const page = await opened(`alert=${alerts.raise()}`)
    const panel = aside(page, 'Alert')
    await panel.getByText('What happened').waitFor()
    expect(stage.server.requests.some((each) => each.endsWith('/access'))).toBe(false)
    await button(panel, 'Assign to…').click()
    const choice = panel.getByLabel('Assign to', { exact: true })
    expect(await choice.locator('option').allInnerTexts()).toEqual(['Choose somebody', hostile])
    await choice.selectOption('i1')
    await button(panel, 'Assign').click()
    await expectNoMarkup(page)
    await panel.getByText('Assigned', { exact: true }).waitFor()
    await page.route('**/access?*', (route) => route.abort())
    await page.reload()
    await button(panel, 'Assign to…').click()
    expect(await isShown(panel.getByText('Who may act here could not be read'))).toBe(true)
  })

  test('a channel that fails while one looks on is told by the status, with the settings that were read', async () => {
    const page = await opened('view=channels&channel=ops')
    await aside(page, 'Channel').getByText('Delivers').waitFor()
    stage.server.alerts.channels = [{ ...failingChannel(), id: 'ops' }]
    await aside(page, 'Channel').getByText('Failing', { exact: true }).waitFor()
    expect(await isShown(aside(page, 'Channel').getByText('12 messages were given up.'))).toBe(true)
  })
})
