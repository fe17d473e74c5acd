/** Pictures of the alerts page, over alerts in memory. */
import type { Page } from 'playwright-core'
import { failingChannel, suspendedRule } from '../fixture/alert-samples.ts'
import { Stage } from '../fixture/stage.ts'
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
      time: at(index),
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
          text: 'Nothing reaches the channel “Night watch” (The server mail.example.com refused the connection.).',
          since: '2025-11-24T23:12:00.000Z',
        },
        {
          code: 'DEAD_LETTERS',
          text: '12 messages to the channel “Night watch” were given up; they can be sent again.',
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
      server.alerts.rules.push(suspendedRule())
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
      server.alerts.channels.push(failingChannel())
      await page.goto(`${server.url}/alerts/us-south?view=channels`)
      await page.getByRole('button', { name: /Send a test message to Night/ }).click()
      await page.getByText('on its way').waitFor()
    },
  }

  return {
    views: Object.fromEntries(Object.entries(views).map(([name, act]) => [`alerts-${name}`, act])),
    page: (options) => stage.signedIn(options),
    reset: () => stage.reset(),
    close: () => stage.close(),
  }
}
