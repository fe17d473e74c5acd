/** Pictures of alerting being set up: channels, calendars, rules from a file, and the forms of rules. */
import type { RuleDocument } from '../../src/api/alert-types.ts'
import { deadLetters, failingChannel, failingChannelInFull } from '../fixture/alert-samples.ts'
import type { Stage } from '../fixture/stage.ts'
import type { Views } from './view.ts'

type FileRule = RuleDocument['rules'][number]

export function alertSetupViews({ server }: Stage): Views {
  /** A channel fails, as the server tells it. */
  function fail(channel = failingChannel()): void {
    server.alerts.channels.push(channel)
    const { id, name, problem = '', failingSince: since = '' } = channel
    server.alerts.troubles = [
      { code: 'CHANNEL_FAILING', text: `Nothing reaches the channel “${name}” (${problem}).`, since, channel: id },
    ]
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

  return {
    channels: async (page) => {
      fail()
      await page.goto(`${server.url}/alerts/us-south?view=channels`)
      await page.getByRole('button', { name: /Send a test message to Night/ }).click()
      await page.getByText('on its way').waitFor()
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
    suggest: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=rules&new=rule`)
      await page.getByLabel('Events found by').fill('out')
      await page.getByRole('listbox').waitFor()
    },
    deadline: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=rules&new=rule&query=action:delete`)
      await page.getByLabel('It fires on').selectOption('deadline')
      await page.getByRole('button', { name: 'Add a list of values' }).click()
      await page.getByLabel('At which times').selectOption('working-hours')
      await page.getByLabel('Only these channels').check()
      await page.getByLabel('Told so long before').scrollIntoViewIfNeeded()
    },
    history: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=rules&new=rule&query=outcome:failure`)
      await page.getByLabel('It fires on').selectOption('history')
      await page.getByLabel('Never below').scrollIntoViewIfNeeded()
    },
    ruleneeds: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=rules&rule=canary-touched`)
      await page.getByText('The rule', { exact: true }).waitFor()
    },
    ruleforbidden: async (page) => {
      await page.route('**/v1/session', async (route) => {
        const answer = await route.fetch()
        const rights = [{ scope: { kind: 'account' }, roles: ['Auditor'], can: ['trail.read'] }]
        await route.fulfill({ json: { ...((await answer.json()) as object), rights } })
      })
      await page.goto(`${server.url}/alerts/us-south?view=rules&new=rule`)
      await page.getByText('You may not write rules here').waitFor()
    },
    nochannels: async (page) => {
      server.alerts.channels = []
      await page.goto(`${server.url}/alerts/us-south?view=channels`)
      await page.getByText('The first channel is told').waitFor()
    },
    webhook: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?view=channels&new=channel`)
      await page.getByLabel('Kind').selectOption('webhook')
      await page.getByLabel('Signing secret').scrollIntoViewIfNeeded()
    },
    nocalendars: async (page) => {
      server.alerts.setup.calendars = []
      await page.goto(`${server.url}/alerts/us-south?view=calendars`)
      await page.getByText('There is no calendar').waitFor()
    },
  }
}
