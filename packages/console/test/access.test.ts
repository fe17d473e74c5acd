/** The console for everybody: an errand by keyboard alone, and axe on every view in both themes. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { failingChannel, suspendedRule } from './fixture/alert-samples.ts'
import { Stage, isSkipped } from './fixture/stage.ts'

const at = '2025-11-25T12:00:00.000Z'

const views: Record<string, (page: Page, stage: Stage) => Promise<void>> = {
  'the list': async (page) => page.getByRole('grid').waitFor(),
  'an event': async (page, stage) => {
    const index = stage.log.events.findLastIndex((event) => event.reason.reasonCode === 409)
    await page.goto(`${stage.server.url}/trail/us-south?event=${index}`)
    await page.getByText('Why it may have failed').waitFor()
  },
  'a change': async (page, stage) => {
    const index = stage.log.events.findLastIndex((event) => event.action === 'hs-crypto.policies.write')
    await page.goto(`${stage.server.url}/trail/us-south?event=${index}`)
    await page.getByText('What changed').waitFor()
  },
  'a proof': async (page, stage) => {
    await page.goto(`${stage.server.url}/trail/us-south?event=20&view=proof`)
    await page.getByText('Proven in this browser').waitFor()
    await page.getByText(/Show all/).click()
  },
  JSON: async (page, stage) => {
    await page.goto(`${stage.server.url}/trail/us-south?event=20&view=json`)
    await page.getByText('"eventTime"').waitFor()
  },
  'filters and suggestions': async (page, stage) => {
    await page.goto(`${stage.server.url}/trail/us-south?words=billing&severity=critical&from=-7d`)
    await page.getByRole('combobox').fill('delete')
    await page.getByRole('option').first().waitFor()
  },
  'the time range': async (page) => {
    await page.getByRole('button', { name: /Time range/ }).click()
    await page.getByLabel('From').waitFor()
  },
  'the account': async (page) => {
    await page.getByRole('button', { name: /account, theme/ }).click()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
  },
  'the locations': async (page) => {
    await page.getByRole('button', { name: /Location/ }).click()
    await page.getByRole('button', { name: 'eu-de' }).waitFor()
  },
  "the log's health": async (page) => {
    await page.getByRole('button', { name: /Log verified/ }).click()
    await page.getByText('Verifier key').waitFor()
  },
  'the shortcuts': async (page) => {
    await page.keyboard.press('?')
    await page.getByText('Pause or resume live events').waitFor()
  },
  'an empty trail': async (page, stage) => {
    await page.goto(`${stage.server.url}/trail/eu-de`)
    await page.getByText('Nothing has happened yet').waitFor()
  },
  'a forbidden trail': async (page, stage) => {
    stage.server.switches.refuseEvents = 403
    await page.reload()
    await page.getByText('You may not read this trail').waitFor()
  },
  'the alarm': async (page, stage) => {
    stage.server.logs.set('us-south', stage.log.forged(stage.log.events.slice(0, 100)))
    await page.reload()
    await page.getByRole('alert').waitFor()
  },
  'a list of alerts': async (page, stage) => {
    stage.server.alerts.raise()
    stage.server.alerts.raise({ severity: 'warning', isMuted: true, state: 'acknowledged' })
    await page.goto(`${stage.server.url}/alerts/us-south`)
    await page.locator('[role="row"][data-alert]').nth(1).waitFor()
  },
  'an alert': async (page, stage) => {
    const event = { id: 'e', index: 20, time: new Date().toISOString(), sentence: 'Ada deleted root key billing' }
    await page.goto(`${stage.server.url}/alerts/us-south?alert=${stage.server.alerts.raise({}, [event])}`)
    await page.getByText('What was done').waitFor()
    stage.server.alerts.switches.refuseChanges = 401
    await page.getByRole('button', { name: 'Acknowledge', exact: true }).click()
    await page.getByText('You may read alerts, and not act on them').waitFor()
  },
  'muting an alert': async (page, stage) => {
    await page.goto(`${stage.server.url}/alerts/us-south?alert=${stage.server.alerts.raise()}`)
    await page.getByRole('button', { name: 'Mute', exact: true }).click()
    await page.getByLabel('For how long').selectOption('time')
    await page.getByLabel('Reason').fill('Planned')
    await page.getByRole('button', { name: 'Mute', exact: true }).last().click()
    await page.getByText('Write it as YYYY-MM-DD hh:mm.').waitFor()
  },
  'no alerts, and trouble': async (page, stage) => {
    const { alerts } = stage.server
    alerts.engine = { state: 'behind', lagEvents: 1_200, lagMs: 42_000 }
    alerts.channels = [failingChannel()]
    alerts.troubles = Array.from({ length: 5 }, (_, i) => ({ code: 'DEAD_LETTERS', text: `Trouble ${i}.`, since: at }))
    await page.goto(`${stage.server.url}/alerts/us-south`)
    await page.getByText('No alerts').waitFor()
  },
  'alerts that cannot be read': async (page, stage) => {
    Object.assign(stage.server.alerts.switches, { refuseStatus: 500, refuseReads: 500 })
    await page.goto(`${stage.server.url}/alerts/us-south`)
    await page.getByText('The alerts could not be read').waitFor()
  },
  'that alerts are not raised': async (page, stage) => {
    stage.server.alerts.engine = { state: 'failed', lagEvents: 3, lagMs: 9_000, problem: 'It is not watched.' }
    await page.reload()
    await page.getByText('Alerts are not raised.').waitFor()
    await page.getByRole('grid').waitFor()
  },
  'the rules': async (page, stage) => {
    stage.server.alerts.rules.push(suspendedRule())
    await page.goto(`${stage.server.url}/alerts/us-south?view=rules&rule=many-failures`)
    await page.getByRole('button', { name: 'Test it' }).click()
    await page.getByText('It would have fired 2 times.').waitFor()
    await page.getByText('As JSON').click()
  },
  'the mutes': async (page, stage) => {
    for (const reason of ['Planned', 'Over']) {
      const mute = { rule: 'key-deleted', group: { key: 'abc' }, reason, until: at }
      stage.server.alerts.answer('POST', 'mutes', new URLSearchParams(), mute)
    }
    stage.server.alerts.answer('DELETE', 'mutes/mute-2', new URLSearchParams(), {})
    await page.goto(`${stage.server.url}/alerts/us-south?view=mutes`)
    await page.getByRole('button', { name: 'End now' }).click()
    await page.getByLabel('Why it ends').waitFor()
  },
  'the channels': async (page, stage) => {
    stage.server.alerts.channels.push(failingChannel())
    await page.goto(`${stage.server.url}/alerts/us-south?view=channels`)
    await page.getByText('Failing since').waitFor()
  },
  'signing in': async (page, stage) => {
    stage.server.switches.isSignedOut = true
    await page.reload()
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Type or paste an API key first.').waitFor()
  },
}

/** Rows are all made alike: a few of them tell as much as fifty, in a tenth of the time. */
function axe(page: Page): AxeBuilder {
  return new AxeBuilder({ page }).exclude('[role="row"][data-index]:nth-child(n + 7)')
}

describe.skipIf(isSkipped)('access, in Chromium', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await Stage.open(300, 'development')
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  test.each(Object.keys(views))('axe finds nothing wrong with %s, light and dark', async (view) => {
    const page = await stage.signedIn({ colorScheme: 'light' })
    await views[view]?.(page, stage)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor()
      const { violations } = await axe(page)
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze()
      const found = violations.map(({ id, nodes }) => [colorScheme, id, ...nodes.map((node) => node.html)].join(' '))
      expect(found).toEqual([])
    }
  })

  test.each([
    ['a phone', 390, 844],
    ['a small window', 1024, 768],
  ])('axe finds nothing wrong on %s, and nothing sticks out', async (_, width, height) => {
    const page = await stage.signedIn({ viewport: { width, height } })
    await page.goto(`${stage.server.url}/trail/us-south?event=20`)
    await page.getByRole('tab', { name: 'Proof' }).waitFor()
    const { violations } = await axe(page).analyze()
    expect(violations.map(({ id }) => id)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
  })

  test.each(['', '&view=rules&rule=many-failures', '&view=channels'])(
    'alerts fit on a phone, also with trouble: %s',
    async (view) => {
      const page = await stage.signedIn({ viewport: { width: 390, height: 844 } })
      const { alerts } = stage.server
      const id = alerts.raise({ title: 'A key was deleted: '.padEnd(200, 'x'), text: 'y'.repeat(1_000) })
      alerts.channels.push(failingChannel())
      alerts.troubles = [{ code: 'CHANNEL_FAILING', text: 'z'.repeat(300), since: at }]
      await page.goto(`${stage.server.url}/alerts/us-south?${view === '' ? `alert=${id}` : view}`)
      await page.getByText('Do not trust the silence').waitFor()
      await page.waitForFunction(() => document.querySelectorAll('main button').length > 5)
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
      const wide = await page.locator('main *, aside *').evaluateAll((all) =>
        all
          .filter((element) => element.checkVisibility() && !element.closest('.kw-hidden, [role="columnheader"]'))
          .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1)
          .map((element) => element.outerHTML.slice(0, 100)),
      )
      expect(wide).toEqual([])
    },
  )

  test.each([
    '/trail/us-south?event=20&words=key',
    '/alerts/us-south?alert=01a21665-37a6-7922-b874-000000000001',
    '/alerts/us-south?view=rules&rule=many-failures',
    '/alerts/us-south?view=channels',
  ])('everything that can be pressed is large enough: %s', async (path) => {
    const page = await stage.signedIn()
    stage.server.alerts.raise({}, [{ id: 'e', index: 20, time: at, sentence: 'Ada deleted root key billing' }])
    await page.goto(`${stage.server.url}${path}`)
    await page.waitForFunction(() => document.querySelectorAll('main button').length > 5)
    await page.locator('aside, main dl').first().waitFor()
    const small = await page
      .locator('button, input, select, textarea, summary, a, [role="tab"], [role="row"]:is([data-index], [data-alert])')
      .evaluateAll((all) =>
        all
          .filter(
            (element) => element.checkVisibility({ opacityProperty: false }) && !element.classList.contains('kw-skip'),
          )
          .map((element) => ({ html: element.outerHTML.slice(0, 120), box: element.getBoundingClientRect() }))
          .filter(({ box }) => box.width < 24 || box.height < 24)
          .map(({ html, box }) => `${box.width} × ${box.height} ${html}`),
      )
    expect(small).toEqual([])
  })

  test('who unwrapped without permission, found and proven by keyboard alone', async () => {
    const page = await stage.signedIn()
    await page.keyboard.press('/')
    await page.keyboard.type('outcome:failure')
    await page.keyboard.press('Enter')
    await page.waitForURL(/outcome=failure/)
    await page.keyboard.type('unwrap')
    await page.keyboard.press('Enter')
    await page.waitForURL(/words=unwrap/)
    await page.locator('[role="row"][data-index]').first().waitFor()
    await page.keyboard.press('Escape')
    for (let i = 0; i < 15; i++) {
      await page.keyboard.press('Tab')
      if ((await page.evaluate(() => document.activeElement?.getAttribute('role'))) === 'grid') break
    }
    const active = (): Promise<string | null> => page.getByRole('grid').getAttribute('aria-activedescendant')
    await page.keyboard.press('ArrowDown')
    const first = await active()
    await page.keyboard.press('ArrowDown')
    expect(await active()).not.toBe(first)
    expect(await page.locator(`[id="${await active()}"]`).isVisible()).toBe(true)
    await page.keyboard.press('Home')
    expect(await active()).toBe(first)
    await page.keyboard.press('Enter')
    await page.getByRole('complementary', { name: 'Event' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.waitForURL((url) => `event-${url.searchParams.get('event')}` !== first)
    for (let i = 0; i < 15; i++) {
      await page.keyboard.press('Tab')
      if ((await page.evaluate(() => document.activeElement?.getAttribute('role'))) === 'tab') break
    }
    await page.keyboard.press('ArrowRight')
    await page.getByText('Proven in this browser').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('complementary', { name: 'Event' }).waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test('without motion nothing moves', async () => {
    const page = await stage.signedIn({ reducedMotion: 'reduce' })
    const running = await page.evaluate(
      () => document.getAnimations().filter((animation) => animation.playState === 'running').length,
    )
    expect(running).toBe(0)
  })
})
