/**
 * Pictures of every view in every theme and size, for looking at: `npm run shots -- <folder> [name…]`, where a name may be
 * the beginning of one. Builds the console first. Says what sticks out of the window, and what pages complain of.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { argv, stdout } from 'node:process'
import { openAlertShots } from './alert-shots.ts'
import { openProductShots } from './product-shots.ts'
import type { ShotSet } from './shot-set.ts'
import { openTrailShots } from './trail-shots.ts'

const [folder = 'shots', ...only] = argv.slice(2)

const sizes = { wide: [1440, 900], middle: [1024, 768], phone: [390, 844], wall: [2560, 1440] } as const
const themes = ['light', 'dark', 'contrast-light', 'contrast-dark'] as const

type Theme = (typeof themes)[number]

/** The looks of a theme, as a browser is asked for them. */
function looksOf(theme: Theme): { colorScheme: 'light' | 'dark'; contrast: 'more' | 'no-preference' } {
  return {
    colorScheme: theme.endsWith('dark') ? 'dark' : 'light',
    contrast: theme.startsWith('contrast') ? 'more' : 'no-preference',
  }
}

/** In the page: the log was checked and, where it holds, the first row is proven, if rows are shown. */
function isProved(): boolean {
  const health = document.querySelector('[data-phase]')?.getAttribute('data-phase')
  // Signing in and whatever else stands without a log.
  if (health === undefined) return document.querySelector('h1, [data-kind]:not([data-kind="loading"])') !== null
  const first = document.querySelector('[role="row"] [data-stage]')?.getAttribute('data-stage') ?? 'proven'
  return health !== 'waiting' && (health !== 'verified' || first === 'proven')
}

/** One view in one size: led to once, then looked at in each theme, as a person's system changes it at night. */
async function shoot(set: ShotSet, name: string, size: keyof typeof sizes): Promise<void> {
  const labelOf = (theme: Theme): string => `${name}-${size}-${theme}`
  const wanted = themes.filter((theme) => only.length === 0 || only.some((each) => labelOf(theme).startsWith(each)))
  const [first] = wanted
  if (first === undefined) return
  const [width, height] = sizes[size]
  const page = await set.page({ viewport: { width, height }, ...looksOf(first) })
  try {
    await set.views[name]?.(page)
  } catch (error) {
    stdout.write(`${name}-${size}: ${String(error)}\n`)
  }
  // Proofs come after what they prove; of some views they never come.
  await page.waitForFunction(isProved, undefined, { timeout: 5_000 }).catch(() => undefined)
  await page.waitForTimeout(300)
  for (const theme of wanted) {
    await page.emulateMedia(looksOf(theme))
    await page.waitForTimeout(100)
    await page.screenshot({ path: join(folder, `${labelOf(theme)}.png`) })
  }
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  if (excess > 0) stdout.write(`${name}-${size}: ${excess} px stick out\n`)
  await set.reset().catch((error: unknown) => stdout.write(`${name}-${size}: ${String(error)}\n`))
}

await mkdir(folder, { recursive: true })
for (const open of [openTrailShots, openAlertShots, openProductShots]) {
  const set = await open()
  for (const name of Object.keys(set.views)) {
    for (const size of Object.keys(sizes) as (keyof typeof sizes)[]) {
      if (size === 'phone' || set.onPhone?.includes(name) !== true) await shoot(set, name, size)
    }
  }
  await set.close()
}
stdout.write(`The pictures are in ${folder}.\n`)
