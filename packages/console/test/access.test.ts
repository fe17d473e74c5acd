/** The console for everybody: an errand by keyboard alone, and axe on every view in both themes. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { failingChannel, suspendedRule } from './fixture/alert-samples.ts'
import { Stage, isSkipped } from './fixture/stage.ts'

const at = '2025-11-25T12:00:00.000Z'

/** Opens the console at a path, signed in. */
type Open = (path?: string) => Promise<Page>

const views: Record<string, (open: Open, stage: Stage) => Promise<Page>> = {
  'the list': async (open) => {
    const page = await open()
    await page.getByRole('grid').waitFor()
    return page
  },
  'an event': async (open, stage) => {
    const index = stage.log.events.findLastIndex((event) => event.reason.reasonCode === 409)
    const page = await open(`/trail/us-south?event=${index}`)
    await page.getByText('Why it may have failed').waitFor()
    return page
  },
  'a change': async (open, stage) => {
    const index = stage.log.events.findLastIndex((event) => event.action === 'hs-crypto.policies.write')
    const page = await open(`/trail/us-south?event=${index}`)
    await page.getByText('What changed').waitFor()
    return page
  },
  'a proof': async (open) => {
    const page = await open('/trail/us-south?event=20&view=proof')
    await page.getByText('Proven in this browser').waitFor()
    await page.getByText(/^All \d+ joins/).click()
    return page
  },
  JSON: async (open) => {
    const page = await open('/trail/us-south?event=20&view=json')
    await page.getByText('"eventTime"').waitFor()
    return page
  },
  'filters and suggestions': async (open) => {
    const page = await open('/trail/us-south?words=billing&severity=critical&from=-7d')
    await page.getByRole('combobox').fill('delete')
    await page.getByRole('option').first().waitFor()
    return page
  },
  'the time range': async (open) => {
    const page = await open()
    await page.getByRole('button', { name: /Time range/ }).click()
    await page.getByLabel('From').waitFor()
    return page
  },
  'the account': async (open) => {
    const page = await open()
    await page.getByRole('button', { name: /account, theme/ }).click()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    return page
  },
  'the locations': async (open) => {
    const page = await open()
    await page.getByRole('button', { name: /Location/ }).click()
    await page.getByRole('button', { name: 'eu-de' }).waitFor()
    return page
  },
  "the log's health": async (open) => {
    const page = await open()
    await page.getByRole('button', { name: /Log verified/ }).click()
    await page.getByText('Verifier key').waitFor()
    return page
  },
  'the shortcuts': async (open) => {
    const page = await open()
    await page.keyboard.press('?')
    await page.getByText('Pause or resume live events').waitFor()
    return page
  },
  'an empty trail': async (open) => {
    const page = await open('/trail/eu-de')
    await page.getByText('Nothing has happened yet').waitFor()
    return page
  },
  'a forbidden trail': async (open, stage) => {
    const page = await open()
    stage.server.switches.refuseEvents = 403
    await page.reload()
    await page.getByText('You may not read this trail').waitFor()
    return page
  },
  'the alarm': async (open, stage) => {
    const page = await open()
    stage.server.logs.set('us-south', stage.log.forged(stage.log.events.slice(0, 100)))
    await page.reload()
    await page.getByRole('alert').waitFor()
    return page
  },
  'a list of alerts': async (open, stage) => {
    stage.server.alerts.raise()
    stage.server.alerts.raise({ severity: 'warning', isMuted: true, state: 'acknowledged' })
    const page = await open('/alerts/us-south')
    await page.locator('[role="row"][data-alert]').nth(1).waitFor()
    return page
  },
  'an alert': async (open, stage) => {
    const event = { id: 'e', index: 20, time: new Date().toISOString(), sentence: 'Ada deleted root key billing' }
    const page = await open(`/alerts/us-south?alert=${stage.server.alerts.raise({}, [event])}`)
    await page.getByText('What was done').waitFor()
    stage.server.alerts.switches.refuseChanges = 401
    await page.getByRole('button', { name: 'Acknowledge', exact: true }).click()
    await page.getByText('You may read alerts, and not act on them').waitFor()
    return page
  },
  'muting an alert': async (open, stage) => {
    const page = await open(`/alerts/us-south?alert=${stage.server.alerts.raise()}`)
    await page.getByRole('button', { name: 'Mute', exact: true }).click()
    await page.getByLabel('For how long').selectOption('time')
    await page.getByLabel('Reason').fill('Planned')
    await page.getByRole('button', { name: 'Mute', exact: true }).last().click()
    await page.getByText('Write it as YYYY-MM-DD hh:mm.').waitFor()
    return page
  },
  'no alerts, and trouble': async (open, stage) => {
    const { alerts } = stage.server
    alerts.engine = { state: 'behind', lagEvents: 1_200, lagMs: 42_000 }
    alerts.channels = [failingChannel()]
    alerts.troubles = Array.from({ length: 5 }, (_, i) => ({ code: 'DEAD_LETTERS', text: `Trouble ${i}.`, since: at }))
    const page = await open('/alerts/us-south')
    await page.getByText('No alerts').waitFor()
    return page
  },
  'alerts that cannot be read': async (open, stage) => {
    Object.assign(stage.server.alerts.switches, { refuseStatus: 500, refuseReads: 500 })
    const page = await open('/alerts/us-south')
    await page.getByText('The alerts could not be read').waitFor()
    return page
  },
  'that alerts are not raised': async (open, stage) => {
    const page = await open()
    stage.server.alerts.engine = { state: 'failed', lagEvents: 3, lagMs: 9_000, problem: 'It is not watched.' }
    await page.reload()
    await page.getByText('Alerts are not raised.').waitFor()
    await page.getByRole('grid').waitFor()
    return page
  },
  'the rules': async (open, stage) => {
    stage.server.alerts.rules.push(suspendedRule())
    const page = await open('/alerts/us-south?view=rules&rule=many-failures')
    await page.getByRole('button', { name: 'Test it' }).click()
    await page.getByText('It would have fired 2 times.').waitFor()
    await page.getByText('As JSON').click()
    return page
  },
  'the mutes': async (open, stage) => {
    for (const reason of ['Planned', 'Over']) {
      const mute = { rule: 'key-deleted', group: { key: 'abc' }, reason, until: at }
      stage.server.alerts.answer('POST', 'mutes', new URLSearchParams(), mute)
    }
    stage.server.alerts.answer('DELETE', 'mutes/mute-2', new URLSearchParams(), {})
    const page = await open('/alerts/us-south?view=mutes')
    await page.getByRole('button', { name: 'End now' }).click()
    await page.getByLabel('Why it ends').waitFor()
    return page
  },
  'the channels': async (open, stage) => {
    stage.server.alerts.channels.push(failingChannel())
    const page = await open('/alerts/us-south?view=channels')
    await page.getByText('Failing since').waitFor()
    return page
  },
  'signing in': async (open, stage) => {
    const page = await open()
    stage.server.switches.isSignedOut = true
    await page.reload()
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Type or paste an API key first.').waitFor()
    return page
  },
}

/**
 * Rows are all made alike: a few of them tell as much as fifty, in a tenth of the time. The console has no frames, for which
 * axe would open a page of its own.
 */
function axe(page: Page): AxeBuilder {
  return new AxeBuilder({ page })
    .options({ resultTypes: ['violations'] })
    .setLegacyMode()
    .exclude('[role="row"][data-index]:nth-child(n + 7)')
}

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** The rules that look at colours: in the second theme nothing else is another. */
const colourRules = ['color-contrast', 'link-in-text-block']

async function found(colorScheme: 'light' | 'dark', page: Page, builder: AxeBuilder): Promise<string[]> {
  await page.emulateMedia({ colorScheme })
  await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor()
  const { violations } = await builder.analyze()
  return violations.map(({ id, nodes }) => [colorScheme, id, ...nodes.map((node) => node.html)].join(' '))
}

describe.skipIf(isSkipped)('access, in Chromium', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await Stage.open(300, 'development')
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  test.each(Object.keys(views))('axe finds nothing wrong with %s, light and dark', async (view) => {
    const page = await views[view]?.((path) => stage.signedIn({ colorScheme: 'light' }, path), stage)
    if (page === undefined) throw new RangeError(view)
    expect(await found('light', page, axe(page).withTags(rules))).toEqual([])
    expect(await found('dark', page, axe(page).withRules(colourRules))).toEqual([])
  })

  test.each([
    ['a phone', 390, 844],
    ['a small window', 1024, 768],
  ])('axe finds nothing wrong on %s, and nothing sticks out', async (_, width, height) => {
    const page = await stage.signedIn({ viewport: { width, height } }, '/trail/us-south?event=20')
    await page.getByRole('tab', { name: 'Proof' }).waitFor()
    const { violations } = await axe(page).analyze()
    expect(violations.map(({ id }) => id)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
  })

  test.each(['', '&view=rules&rule=many-failures', '&view=channels'])(
    'alerts fit on a phone, also with trouble: %s',
    async (view) => {
      const { alerts } = stage.server
      const id = alerts.raise({ title: 'A key was deleted: '.padEnd(200, 'x'), text: 'y'.repeat(1_000) })
      alerts.channels.push(failingChannel())
      alerts.troubles = [{ code: 'CHANNEL_FAILING', text: 'z'.repeat(300), since: at }]
      const path = `/alerts/us-south?${view === '' ? `alert=${id}` : view}`
      const page = await stage.signedIn({ viewport: { width: 390, height: 844 } }, path)
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
    stage.server.alerts.raise({}, [{ id: 'e', index: 20, time: at, sentence: 'Ada deleted root key billing' }])
    const page = await stage.signedIn({}, path)
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
    for (let i = 0; i < 40; i++) {
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
    await page.keyboard.press('j')
    expect(await active()).not.toBe(first)
    await page.keyboard.press('k')
    expect(await active()).toBe(first)
    await page.keyboard.press('Enter')
    await page.getByRole('complementary', { name: 'Event' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.waitForURL((url) => `event-${url.searchParams.get('event')}` !== first)
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab')
      if ((await page.evaluate(() => document.activeElement?.getAttribute('role'))) === 'tab') break
    }
    await page.keyboard.press('ArrowRight')
    await page.getByText('Proven in this browser').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('complementary', { name: 'Event' }).waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Help and shortcuts' }).waitFor()
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
