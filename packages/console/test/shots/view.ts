/** What leads to a view, and how views of a product are reached: by address, and by answers put in place of its own. */
import type { Locator, Page } from 'playwright-core'
import { newPerson, type SomePerson } from '../fixture/people.ts'
import type { ProductStage } from '../fixture/product-stage.ts'

export type View = (page: Page) => Promise<void>
export type Views = Readonly<Record<string, View>>

/** Opens an address and waits until what it shows is there. @param url of the server */
export function viewsAt(url: string): (address: string) => View {
  return (address) => async (page) => {
    await page.goto(url + address)
    await page.locator('main h1').waitFor()
    await isRead(page)
  }
}

export const viewAt = (stage: ProductStage, address: string): View => viewsAt(stage.url)(address)

export async function isRead(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('main [data-kind="loading"]') === null)
}

/** The view with something done in it. */
export const after =
  (show: View, act: View): View =>
  async (page) => {
    await show(page)
    await act(page)
  }

/** The view with calls answered by something else than the product. @param url as of a route */
export const answered =
  (show: View, url: string, json: object, status = 200): View =>
  async (page) => {
    await page.route(url, (route) => route.fulfill({ status, json }))
    await show(page)
  }

/** The view with the product's own answers, changed. @param url as of a route */
export const changed =
  <Answer extends object>(show: View, url: string, change: (answer: Answer) => object): View =>
  async (page) => {
    await page.route(url, async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, json: change((await response.json()) as Answer) })
    })
    await show(page)
  }

/** The view that was read, and then could not be read again. */
export const refreshedInVain = (show: View, url: string): View =>
  after(show, async (page) => {
    await page.route(url, (route) => route.fulfill({ status: 503, json: { detail: 'The service does not answer.' } }))
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByRole('alert').filter({ hasText: 'from before' }).waitFor()
  })

/** The view that waits for an answer which does not come. */
export const waiting =
  (stage: ProductStage, address: string, url: string): View =>
  async (page) => {
    await page.route(url, () => new Promise<void>(() => undefined))
    await page.goto(`${stage.url}${address}`)
    await page.locator('main h1').waitFor()
    await page.locator('main [data-kind="loading"]').waitFor()
  }

/** Scrolls until this is at the top, or nothing is left to scroll. */
export const toEnd = (last: Locator): Promise<void> => last.evaluate((element) => element.scrollIntoView())

/** The view as another person sees it. */
export const seenBy =
  (person: SomePerson, show: View): View =>
  async (page) => {
    await page.context().clearCookies()
    await page.goto(person.url)
    await page.getByLabel('API key').fill(person.apiKey)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /account, theme/ }).waitFor()
    await show(page)
  }

export const onPaper =
  (show: View): View =>
  async (page) => {
    await show(page)
    await page.emulateMedia({ media: 'print' })
  }

/** A transcript that says how many of its steps were proved. */
export const transcriptOnPaper = (show: View): View =>
  onPaper(after(show, (page) => page.getByText('Checked in this browser').first().waitFor()))

/** Who reads the trail and nothing else, and who may use keys and nothing else. */
export async function newOnlookers(stage: ProductStage): Promise<{ auditor: SomePerson; reader: SomePerson }> {
  const auditor = await newPerson(stage, 'Audra Auditor', 'Auditor')
  const reader = await newPerson(stage, 'Rosa Reader', 'Reader')
  return { auditor, reader }
}
