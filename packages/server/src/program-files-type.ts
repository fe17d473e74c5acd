/** Names of the files of the program that are not imported, by what they are for. */

export const threadNames = [
  'watchdog',
  'sync',
  'forwarder',
  'index',
  'search',
  'verify',
  'continuity',
  'alert',
  'seal',
] as const

export interface ProgramFiles {
  /** Folder of the numbered steps of the store's schema. */
  readonly schema: string
  /** Folder of the built console. */
  readonly console: string
  readonly unit: {
    readonly main: string
    /** All that its process may read: files, and folders by a slash at their end. */
    readonly readable: readonly string[]
  }
  readonly threads: Readonly<Record<(typeof threadNames)[number], URL>>
}
