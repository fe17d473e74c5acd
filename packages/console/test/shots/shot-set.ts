/** Views that are pictured together: they stand on the same server. */
import type { BrowserContextOptions, Page } from 'playwright-core'

export interface ShotSet {
  /** By name: what leads from the first page to the view. */
  readonly views: Readonly<Record<string, (page: Page) => Promise<void>>>
  /** Views that there are only on a phone. */
  readonly onPhone?: readonly string[]
  /** A page on which somebody is signed in. */
  page(options: BrowserContextOptions): Promise<Page>
  /**
   * Puts everything back after a picture.
   *
   * @throws Error when a page complained
   */
  reset(): Promise<void>
  close(): Promise<void>
}
