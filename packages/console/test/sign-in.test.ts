/** Signing in and out in a real browser: the link, the key, and every way in which they fail. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Stage, isShown, isSkipped } from './fixture/stage.ts'

describe.skipIf(isSkipped)('signing in, in Chromium', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await Stage.open(30)
  })
  afterAll(() => stage.close())
  afterEach(() => stage.reset())

  test('the link signs in, and its token leaves the address and the history', async () => {
    const page = await stage.page()
    await page.goto(`${stage.server.url}/trail/us-south?severity=critical#signin=fixture-link`)
    await page.getByRole('grid').waitFor()
    expect(page.url()).toBe(`${stage.server.url}/trail/us-south?severity=critical`)
    expect(await page.evaluate(() => JSON.stringify([history.state, location.href, document.referrer]))).not.toContain(
      'fixture-link',
    )
    expect(stage.server.requests.filter((request) => request === 'POST /v1/session')).toHaveLength(1)
    expect(stage.complaints).toEqual([])
  })

  test('a link that was used is refused in words, and a key still opens the way', async () => {
    const page = await stage.page()
    await page.goto(`${stage.server.url}/trail#signin=used-before`)
    await page.getByText('This sign-in link has been used or has expired').waitFor()
    expect(page.url()).toBe(`${stage.server.url}/trail`)
    await page.getByLabel('API key').fill(stage.server.apikey)
    await page.keyboard.press('Enter')
    expect(await isShown(page.getByRole('grid'))).toBe(true)
  })

  test('a wrong key, an empty one and a dead server are told apart', async () => {
    const page = await stage.page()
    await page.goto(`${stage.server.url}/trail`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Type or paste an API key first.').waitFor()
    await page.getByLabel('API key').fill('not-the-key')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('This API key is not valid').waitFor()
    await page.route('**/v1/session', (route) => route.abort())
    await page.getByRole('button', { name: 'Sign in' }).click()
    expect(await isShown(page.getByText('The server does not answer'))).toBe(true)
  })

  test('the key is nowhere in the page, the address or the storage afterwards', async () => {
    const page = await stage.page()
    await page.goto(`${stage.server.url}/trail`)
    await page.getByLabel('API key').fill(stage.server.apikey)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('grid').waitFor()
    const traces = await page.evaluate(() =>
      JSON.stringify([
        document.documentElement.outerHTML,
        location.href,
        Object.entries(localStorage),
        Object.entries(sessionStorage),
      ]),
    )
    expect(traces).not.toContain(stage.server.apikey)
  })

  test('signing out ends the session on the server and leaves nothing of the trail in the page', async () => {
    const page = await stage.signedIn()
    await page.getByRole('button', { name: /account, theme and sign-out/ }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('You are signed out.').waitFor()
    expect(stage.server.requests).toContain('DELETE /v1/session')
    expect(await page.getByRole('row').count()).toBe(0)
    await page.reload()
    expect(await isShown(page.getByLabel('API key'))).toBe(true)
  })

  test('a session that ends meanwhile is said, and one lands where one was', async () => {
    const page = await stage.signedIn()
    stage.server.switches.isSignedOut = true
    await page.getByRole('button', { name: 'Critical' }).click()
    await page.getByText('Your session has ended').waitFor()
    await page.getByLabel('API key').fill(stage.server.apikey)
    await page.keyboard.press('Enter')
    await page.getByRole('grid').waitFor()
    expect(page.url()).toContain('severity=critical')
  })

  test('the theme that was chosen stays', async () => {
    const page = await stage.signedIn({ colorScheme: 'light' })
    const scheme = (): Promise<string | null> => page.locator('html').getAttribute('data-mantine-color-scheme')
    expect(await scheme()).toBe('light')
    await page.getByRole('button', { name: /account, theme/ }).click()
    await page.getByRole('button', { name: 'Dark' }).click()
    expect(await scheme()).toBe('dark')
    await page.reload()
    await page.getByRole('grid').waitFor()
    expect(await scheme()).toBe('dark')
  })
})
