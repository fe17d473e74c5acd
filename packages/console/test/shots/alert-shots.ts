/** Pictures of the alerts page, over alerts in memory. */
import type { Page } from 'playwright-core'
import type { RuleDocument } from '../../src/api/alert-types.ts'
import { deadLetters, failingChannel, failingChannelInFull, suspendedRule } from '../fixture/alert-samples.ts'
import { Stage } from '../fixture/stage.ts'
import type { ShotSet } from './shot-set.ts'

type FileRule = RuleDocument['rules'][number]

export async function openAlertShots(): Promise<ShotSet> {
  const stage = await Stage.open(200)
  const { server } = stage

  function happen(): string {
    const { alerts } = server
    const at = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()
    const events = [3, 2, 1].map((index) => ({
      id: `e${index}`,
      index,
      time: at(4 - index),
      sentence: 'Ada Lovelace deleted root key billing-archive-2024-with-a-long-name-that-goes-on',
    }))
    for (let i = 0; i < 14; i++) {
      const isMany = i % 3 === 0
      alerts.raise({
        ...(isMany
          ? {
              rule: 'many-failures',
              ruleName: 'One identity fails again and again',
              title: 'One identity fails again and again: deploy-robot@example.com',
              text: '20 events within 5m. The last: deploy-robot could not unwrap with root key payments.',
              severity: 'warning' as const,
            }
          : i % 5 === 4
            ? {
                rule: 'new-address',
                severity: 'info' as const,
                title: 'A known identity comes from a new address: Ada',
              }
            : {}),
        count: i * 37 + 1,
        firstAt: at(60 * (15 - i)),
        lastAt: at(3),
        ...(i % 4 === 1 && { state: 'acknowledged' as const, assignee: { id: 'a', name: 'Ada Lovelace' } }),
        ...(i % 6 === 5 && { isMuted: true }),
      })
    }
    return alerts.raise({ count: 3, lastAt: at(1), firstAt: at(3) }, events)
  }
  /** A channel fails, as the server tells it. */
  function fail(channel = failingChannel()): void {
    server.alerts.channels.push(channel)
    const { id, name, problem = '', failingSince: since = '' } = channel
    server.alerts.troubles = [
      { code: 'CHANNEL_FAILING', text: `Nothing reaches the channel “${name}” (${problem}).`, since, channel: id },
    ]
  }
  /** A rule is suspended, as the server tells it. */
  function suspend(): void {
    const view = suspendedRule()
    server.alerts.rules.push(view)
    const text = `The rule “${view.rule.name}” was suspended: nobody is told of what it watches for.`
    server.alerts.troubles = [{ code: 'RULE_SUSPENDED', text }]
  }
  const rulesFile = (change: (rules: FileRule[]) => FileRule[]): { name: string; mimeType: string; buffer: Buffer } => {
    const rules = server.alerts.rules.map(({ rule, state }) => ({
      rule,
      enabled: state === 'on' || state === 'learning',
    }))
    const { calendars } = server.alerts.setup
    const text = JSON.stringify({ format: 'keywitness-rules/1', rules: change(rules), calendars }, null, 2)
    return { name: 'rules-eu-de.json', mimeType: 'application/json', buffer: Buffer.from(text) }
  }
  const changed = (rules: FileRule[]): FileRule[] => {
    const [one, two, ...rest] = rules
    if (one === undefined || two === undefined) return rules
    const fresh = { ...two.rule, id: 'fails-at-night', name: 'One identity fails at night' }
    return [
      { ...one, rule: { ...one.rule, severity: 'warning', groupBy: ['key', 'initiator.id'] } },
      { ...two, enabled: false },
      { enabled: true, rule: fresh },
      ...rest,
    ]
  }
  const shown = (page: Page): Promise<void> => page.locator('[role="row"][data-alert]').first().waitFor()

  const views: Record<string, (page: Page) => Promise<void>> = {
    list: async (page) => {
      happen()
      await page.goto(`${server.url}/alerts/us-south`)
      await shown(page)
    },
    panel: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?alert=${happen()}`)
      await page.getByText('What was done').waitFor()
    },
    panelend: async (page) => {
      const id = happen()
      server.alerts.answer('POST', `alerts/${id}/comment`, new URLSearchParams(), {
        comment: 'Asked Ada.\nShe is away.',
      })
      await page.goto(`${server.url}/alerts/us-south?alert=${id}`)
      await page.getByText('What was done').scrollIntoViewIfNeeded()
    },
    mute: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?alert=${happen()}`)
      await page.getByRole('button', { name: 'Mute', exact: true }).click()
      await page.getByLabel('For how long').selectOption('time')
    },
    forbidden: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?alert=${happen()}`)
      server.alerts.switches.refuseChanges = 401
      await page.getByRole('button', { name: 'Acknowledge', exact: true }).click()
      await page.getByText('You may read alerts').waitFor()
    },
    empty: async (page) => {
      await page.goto(`${server.url}/alerts/us-south`)
      await page.getByText('Rules are watching').waitFor()
    },
    untold: async (page) => {
      server.alerts.channels = []
      await page.goto(`${server.url}/alerts/us-south`)
      await page.getByText('Nobody is told of alerts').waitFor()
    },
    trouble: async (page) => {
      happen()
      server.alerts.channels.push(failingChannel())
      server.alerts.rules.push(suspendedRule())
      server.alerts.engine = { state: 'behind', lagEvents: 12_400, lagMs: 42_000 }
      server.alerts.troubles = [
        { code: 'RULE_SUSPENDED', text: 'The rule “A rule that held up all others” was suspended: nobody is told.' },
        {
          code: 'CHANNEL_FAILING',
          text: 'Nothing reaches the channel “Night watch” (NO_CONNECTION).',
          since: '2025-11-24T23:12:00.000Z',
          channel: 'night-watch',
        },
        {
          code: 'DEAD_LETTERS',
          text: '12 messages to the channel “Night watch” were given up; they can be sent again.',
          channel: 'night-watch',
        },
      ]
      await page.goto(`${server.url}/alerts/us-south`)
      await shown(page)
    },
    error: async (page) => {
      server.alerts.switches.refuseStatus = 500
      server.alerts.switches.refuseReads = 500
      await page.goto(`${server.url}/alerts/us-south`)
      await page.getByText('could not be read').waitFor()
    },
    news: async (page) => {
      server.alerts.engine = { state: 'failed', lagEvents: 12, lagMs: 42_000, problem: 'The log cannot be watched.' }
      await page.goto(`${server.url}/trail/us-south`)
      await page.getByText('Alerts are not raised.').waitFor()
    },
    rules: async (page) => {
      suspend()
      await page.goto(`${server.url}/alerts/us-south?view=rules`)
      await page.getByRole('table').waitFor()
    },
    rule: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=rules&rule=many-failures`)
      await page.getByRole('button', { name: 'Test it' }).click()
      await page.getByText('It would have fired').scrollIntoViewIfNeeded()
    },
    mutes: async (page) => {
      const until = new Date(Date.now() + 3_600_000).toISOString()
      const mute = { rule: 'key-deleted', group: { key: 'abc' }, reason: 'Planned clean-up', until }
      server.alerts.answer('POST', 'mutes', new URLSearchParams(), mute)
      server.alerts.answer('POST', 'mutes', new URLSearchParams(), { rule: 'quiet', reason: 'Moved away', until })
      server.alerts.answer('DELETE', 'mutes/mute-2', new URLSearchParams(), {})
      await page.goto(`${server.url}/alerts/us-south?view=mutes`)
      await page.getByText('Planned clean-up').waitFor()
    },
    channels: async (page) => {
      fail()
      await page.goto(`${server.url}/alerts/us-south?view=channels`)
      await page.getByRole('button', { name: /Send a test message to Night/ }).click()
      await page.getByText('on its way').waitFor()
    },
    newrule: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=rules&new=rule&query=outcome:failure%20code:403`)
      await page.getByLabel('Name').fill('Refused again and again')
      await page.getByLabel('It fires on').selectOption('count')
      await page.getByRole('button', { name: 'Test it' }).click()
      await page.getByText('Ada deleted root key billing.').last().scrollIntoViewIfNeeded()
    },
    sequence: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=rules&new=rule&query=outcom:failure`)
      await page.getByLabel('It fires on').selectOption('sequence')
      await page.getByRole('button', { name: 'Compare the first step' }).click()
      await page.getByRole('button', { name: 'Create the rule' }).click()
      await page.getByText('At character 1').waitFor()
    },
    rulejson: async (page) => {
      server.alerts.setup.refusal = {
        status: 400,
        code: 'INVALID_FIELD_ERR',
        detail: 'rule.when.threshold: Expected a whole number from 2 to 10000.',
        at: { type: 'field', name: 'rule.when.threshold' },
      }
      await page.goto(`${server.url}/alerts/us-south?view=rules&rule=many-failures&edit=true`)
      await page.getByRole('button', { name: 'JSON' }).click()
      await page.getByRole('button', { name: 'Save the rule' }).click()
      await page.getByText('Line 10').waitFor()
    },
    conflict: async (page) => {
      server.alerts.setup.refusal = { status: 409, code: 'CONFLICT', detail: 'Changed.' }
      await page.goto(`${server.url}/alerts/us-south?view=rules&rule=many-failures&edit=true`)
      await page.getByLabel('So many or more').fill('30')
      await page.getByRole('button', { name: 'Save the rule' }).click()
      await page.getByText('Save yours over it').waitFor()
    },
    versions: async (page) => {
      const [view] = server.alerts.rules
      const { changedAt, changedBy } = view!
      server.alerts.rules[0] = { ...view!, pack: 'changed' }
      const before = { ...view!.rule, severity: 'info', groupBy: ['key', 'initiator.id'] } as const
      server.alerts.setup.versions['key-deleted'] = [
        { version: 2, rule: view!.rule, isDeleted: false, changedAt, changedBy },
        { version: 1, rule: before, isDeleted: false, changedAt, changedBy },
      ]
      await page.goto(`${server.url}/alerts/us-south?view=rules&rule=key-deleted`)
      await page.getByRole('button', { name: 'Compare with what is shipped' }).click()
      await page.getByText('Changed: Severity').click()
      await page.getByRole('button', { name: 'Back to what is shipped' }).click()
      await page.getByText('Take what is shipped').scrollIntoViewIfNeeded()
    },
    newchannel: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=channels&new=channel`)
      await page.getByRole('button', { name: 'Create the channel' }).click()
      await page.getByText('This is needed.').first().waitFor()
    },
    channel: async (page) => {
      fail(failingChannelInFull())
      server.alerts.setup.messages['night-watch'] = deadLetters()
      await page.goto(`${server.url}/alerts/us-south?view=channels&channel=night-watch`)
      await page.getByRole('button', { name: 'Show what was given up' }).click()
      await page.getByText('Tried 12 times').first().waitFor()
    },
    madesecret: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=channels&new=channel`)
      await page.getByLabel('Kind').selectOption('webhook')
      await page.getByLabel('Name').fill('Watchers')
      await page.getByLabel('URL').fill('https://soc.example.com/keys')
      await page.getByRole('button', { name: 'Create the channel' }).click()
      await page.getByText('whsec_').waitFor()
    },
    calendars: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=calendars`)
      await page.getByText('Used by').waitFor()
    },
    calendar: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=calendars&calendar=working-hours&edit=true`)
      await page.getByLabel('Tuesday').fill('18:00-08:00')
      await page.getByRole('button', { name: 'Save the calendar' }).click()
      await page.getByText('The end must be after').waitFor()
    },
    acknowledge: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?alert=${happen()}`)
      await page.getByRole('button', { name: 'Acknowledge and say…' }).click()
      await page.getByRole('textbox').fill('Ada is asked.')
    },
    muted: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?alert=${happen()}`)
      await page.getByRole('button', { name: 'Mute', exact: true }).click()
      await page.getByLabel('Reason').fill('Planned clean-up, change 4711')
      await page.getByRole('button', { name: 'Mute', exact: true }).nth(1).click()
      await page.getByText('Muted until').waitFor()
    },
    missing: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?alert=01a21665-37a6-7922-b874-000000000999`)
      await page.getByText('There is no such alert').waitFor()
    },
    endmute: async (page) => {
      const until = new Date(Date.now() + 3_600_000).toISOString()
      server.alerts.answer('POST', 'mutes', new URLSearchParams(), { rule: 'quiet', reason: 'Moved away', until })
      await page.goto(`${server.url}/alerts/us-south?view=mutes`)
      await page.getByRole('button', { name: 'End now' }).click()
    },
    nomutes: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=mutes`)
      await page.getByText('Nothing is muted').waitFor()
    },
    norules: async (page) => {
      server.alerts.rules = []
      await page.goto(`${server.url}/alerts/us-south?view=rules`)
      await page.getByRole('button', { name: 'New rule' }).waitFor()
    },
    ruleoff: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=rules&rule=many-failures`)
      await page.getByRole('button', { name: 'Turn off' }).click()
    },
    ruledelete: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=rules&rule=quiet`)
      await page.getByRole('button', { name: 'Delete the rule' }).click()
      await page.getByLabel('Why it is deleted').fill('Not ours')
    },
    unsaved: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=rules&rule=many-failures&edit=true`)
      await page.getByLabel('So many or more').fill('30')
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor()
    },
    import: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=rules&new=import`)
      await page.getByLabel('File', { exact: true }).setInputFiles(rulesFile(changed))
      await page.getByText('Changed: Severity').click()
    },
    importend: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=rules&new=import`)
      await page.getByLabel('File', { exact: true }).setInputFiles(rulesFile(changed))
      await page.getByLabel('Why rules are turned on or off').fill('As in eu-de')
      await page.route('**/rules', (route) =>
        route.request().method() !== 'POST'
          ? route.fallback()
          : route.fulfill({
              status: 400,
              json: {
                code: 'INVALID_FIELD_ERR',
                detail: 'rule.when.threshold: Expected a whole number from 2 to 10000.',
                at: { type: 'field', name: 'rule.when.threshold' },
              },
            }),
      )
      await page.getByRole('button', { name: 'Save 3' }).click()
      await page.getByText('Not saved').waitFor()
    },
    importfault: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=rules&new=import`)
      const twice = rulesFile((rules) => [...rules, ...rules.slice(0, 2)])
      await page.getByLabel('File', { exact: true }).setInputFiles(twice)
      await page.getByText('cannot be taken in').waitFor()
    },
    testfailed: async (page) => {
      await page.route('**/channels/*/test', (route) =>
        route.fulfill({ status: 409, json: { code: 'CHANNEL_OFF', detail: 'The channel is off.' } }),
      )
      await page.goto(`${server.url}/alerts/us-south?view=channels`)
      await page.getByRole('button', { name: /Send a test/ }).click()
      await page.getByRole('alert').waitFor()
    },
    undelivered: async (page) => {
      fail(failingChannelInFull())
      server.alerts.setup.messages['night-watch'] = deadLetters().map((each) => ({
        ...each,
        state: 'waiting',
        attempts: 3,
        nextAt: new Date(Date.now() + 600_000).toISOString(),
      }))
      await page.goto(`${server.url}/alerts/us-south?view=channels&channel=night-watch`)
      await page.getByRole('button', { name: 'Show what waits' }).click()
      await page.getByText('Tried 3 times').first().scrollIntoViewIfNeeded()
    },
    channeloff: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=channels&channel=ops`)
      await page.getByRole('button', { name: 'Turn off' }).click()
      await page.getByRole('dialog').waitFor()
    },
    channeldelete: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=channels&channel=ops`)
      await page.getByRole('button', { name: 'Delete the channel' }).click()
      await page.getByRole('dialog').waitFor()
    },
    changechannel: async (page) => {
      fail(failingChannelInFull())
      await page.goto(`${server.url}/alerts/us-south?view=channels&channel=night-watch&edit=true`)
      await page.getByLabel('Password').scrollIntoViewIfNeeded()
    },
    newcalendar: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=calendars&new=calendar`)
      await page.getByLabel('Name').fill('Nights of the bank')
    },
    calendardelete: async (page) => {
      const [view] = server.alerts.rules
      const during = { calendar: 'working-hours', is: 'outside' } as const
      server.alerts.rules[0] = { ...view!, rule: { ...view!.rule, during } }
      await page.goto(`${server.url}/alerts/us-south?view=calendars`)
      await page.getByRole('button', { name: /^Delete/ }).click()
      await page.getByRole('dialog').waitFor()
    },
    assign: async (page) => {
      const identity = { id: 'IBMid-2', name: 'Ada Lovelace', kind: 'user', state: 'active' }
      server.alerts.setup.access.push({ identity, can: ['trail.read', 'trail.watch'] })
      await page.goto(`${server.url}/alerts/us-south?alert=${happen()}`)
      await page.getByRole('button', { name: 'Assign to…' }).click()
      await page.getByLabel('Assign to', { exact: true }).selectOption('Ada Lovelace')
    },
  }

  return {
    views: Object.fromEntries(Object.entries(views).map(([name, act]) => [`alerts-${name}`, act])),
    page: (options) => stage.signedIn(options),
    reset: () => stage.reset(),
    close: () => stage.close(),
  }
}
