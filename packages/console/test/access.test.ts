/** The console for everybody: an errand by keyboard alone, and axe on every view in both themes. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Stage, isSkipped } from './fixture/stage.ts'

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

  test('everything that can be pressed is large enough', async () => {
    const page = await stage.signedIn()
    await page.goto(`${stage.server.url}/trail/us-south?event=20&words=key`)
    await page.getByRole('tab', { name: 'Proof' }).waitFor()
    const small = await page
      .locator('button, input, summary, a, [role="tab"], [role="row"][data-index]')
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
