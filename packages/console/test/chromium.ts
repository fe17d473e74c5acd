/** Debian's Chromium for the console's tests: found, started without any network of its own. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Where Debian and others put it; an environment variable names another. */
const places = [
  process.env['CHROMIUM'],
  // The same engine without what draws windows: a third less work for the same pages.
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** The browser's path; undefined when there is none. */
export function chromiumPath(): string | undefined {
  return places.find((place) => place !== undefined && place !== '' && existsSync(place))
}

/** @throws Error when there is no Chromium */
export function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath()
  if (executablePath === undefined) throw new Error('no Chromium on this machine')
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
