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

async function shoot(
  set: ShotSet,
  name: string,
  size: keyof typeof sizes,
  theme: (typeof themes)[number],
): Promise<void> {
  const label = `${name}-${size}-${theme}`
  if (only.length > 0 && !only.some((each) => label.startsWith(each))) return
  const [width, height] = sizes[size]
  const page = await set.page({
    viewport: { width, height },
    colorScheme: theme.endsWith('dark') ? 'dark' : 'light',
    contrast: theme.startsWith('contrast') ? 'more' : 'no-preference',
  })
  try {
    await set.views[name]?.(page)
  } catch (error) {
    stdout.write(`${label}: ${String(error)}\n`)
  }
  await page.waitForTimeout(300)
  await page.screenshot({ path: join(folder, `${label}.png`) })
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  if (excess > 0) stdout.write(`${label}: ${excess} px stick out\n`)
  await set.reset().catch((error: unknown) => stdout.write(`${label}: ${String(error)}\n`))
}

await mkdir(folder, { recursive: true })
for (const open of [openTrailShots, openAlertShots, openProductShots]) {
  const set = await open()
  for (const name of Object.keys(set.views)) {
    for (const size of Object.keys(sizes) as (keyof typeof sizes)[]) {
      for (const theme of themes) await shoot(set, name, size, theme)
    }
  }
  await set.close()
}
stdout.write(`The pictures are in ${folder}.\n`)
