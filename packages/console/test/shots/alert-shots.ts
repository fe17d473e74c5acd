/** Pictures of the alerts page, over alerts in memory. */
import type { Page } from 'playwright-core'
import { failingChannel, suspendedRule } from '../fixture/alert-samples.ts'
import { Stage } from '../fixture/stage.ts'
import { alertSetupViews } from './alert-setup-views.ts'
import type { ShotSet } from './shot-set.ts'

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
  /** A rule is suspended, as the server tells it. */
  function suspend(): void {
    const view = suspendedRule()
    server.alerts.rules.push(view)
    const text = `The rule “${view.rule.name}” was suspended: nobody is told of what it watches for.`
    server.alerts.troubles = [{ code: 'RULE_SUSPENDED', text }]
  }
  const shown = (page: Page): Promise<void> => page.locator('[role="row"][data-alert]').first().waitFor()

  const views: Record<string, (page: Page) => Promise<void>> = {
    ...alertSetupViews(stage),
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
      await page.getByText('Rules are watching').waitFor()
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
      const key = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'
      server.alerts.raise({ group: [{ field: 'key', value: key, name: 'billing' }] })
      const mute = { rule: 'key-deleted', group: { key }, reason: 'Planned clean-up', until }
      server.alerts.answer('POST', 'mutes', new URLSearchParams(), mute)
      server.alerts.answer('POST', 'mutes', new URLSearchParams(), { rule: 'quiet', reason: 'Moved away', until })
      server.alerts.answer('DELETE', 'mutes/mute-2', new URLSearchParams(), {})
      await page.goto(`${server.url}/alerts/us-south?view=mutes`)
      await page.getByText('Planned clean-up').waitFor()
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
      await page.getByText('At character 1').scrollIntoViewIfNeeded()
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
      server.alerts.rules[0] = { ...view!, version: 2, pack: 'changed' }
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
    assign: async (page) => {
      const identity = { id: 'IBMid-2', name: 'Ada Lovelace', kind: 'user', state: 'active' }
      server.alerts.setup.access.push({ identity, can: ['trail.read', 'trail.watch'] })
      await page.goto(`${server.url}/alerts/us-south?alert=${happen()}`)
      await page.getByRole('button', { name: 'Assign to…' }).click()
      await page.getByLabel('Assign to', { exact: true }).selectOption('Ada Lovelace')
    },
    fresh: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?alert=${happen()}`)
      await page.getByText('What was done').waitFor()
      server.alerts.raise()
      await page.getByRole('button', { name: '1 new alert: show it' }).waitFor()
    },
    closed: async (page) => {
      const id = happen()
      server.alerts.answer('POST', `alerts/${id}/close`, new URLSearchParams(), { comment: 'It was meant.' })
      await page.goto(`${server.url}/alerts/us-south?alert=${id}`)
      await page.getByRole('button', { name: 'Reopen' }).click()
    },
    nomatch: async (page) => {
      happen()
      await page.goto(`${server.url}/alerts/us-south?state=closed&severity=info&rule=key-deleted`)
      await page.getByText('No alert matches').waitFor()
    },
    mutefault: async (page) => {
      await page.goto(`${server.url}/alerts/us-south?alert=${happen()}`)
      await page.getByRole('button', { name: 'Mute', exact: true }).click()
      await page.getByLabel('For how long').selectOption('time')
      await page.getByLabel('Until, UTC').fill('2020-01-01 00:00')
      await page.getByLabel('Reason').fill('Planned clean-up')
      await page.getByRole('button', { name: 'Mute', exact: true }).nth(1).click()
      await page.getByText('This time is over already').waitFor()
    },
  }

  return {
    views: Object.fromEntries(Object.entries(views).map(([name, act]) => [`alerts-${name}`, act])),
    page: (options) => stage.signedIn(options),
    reset: () => stage.reset(),
    close: () => stage.close(),
  }
}
