/** The view that an address leads to, once it has read what it shows. */
import type { Page } from 'playwright-core'

export type View = (page: Page) => Promise<void>

/** @param url of the server */
export function viewsAt(url: string): (address: string) => View {
  return (address) => async (page) => {
    await page.goto(url + address)
    await page.locator('main h1').waitFor()
    await isRead(page)
  }
}

export async function isRead(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('main [data-kind="loading"]') === null)
}
