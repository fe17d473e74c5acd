/** What a browser must fetch before somebody sees something, in bytes on the wire: of the way in, and of the trail with its proof. */
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { generalExplanations } from '@keywitness/cadf'
import { type Manifest, build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from './chromium.ts'
import { FixtureServer } from './fixture/server.ts'
import { isSkipped, sampleLog } from './fixture/stage.ts'

/** Gzip, in bytes: whoever takes brotli fetches a seventh less. */
const gzipMax = 300_000

let dist: string
beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'keywitness-first-load-'))
  const root = join(import.meta.dirname, '..')
  // The test runner sets it to `test`: the libraries would come as they are for developing.
  process.env['NODE_ENV'] = 'production'
  await build({
    root,
    mode: 'production',
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: dist, emptyOutDir: true, manifest: true, chunkSizeWarningLimit: 10_000 },
  })
})
afterAll(() => rm(dist, { recursive: true, force: true }))

test('what every page needs is at most 300 kB', () => {
  const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8')) as Manifest
  const first = filesOf(manifest, ['index.html'])
  const later = filesOf(manifest, Object.keys(manifest)).filter((file) => !first.includes(file))
  const load = weigh(['index.html', ...first])
  print('first load', load)
  print('not in it, each fetched when it is needed', weigh(later))
  expect(load.gzip, load.table).toBeLessThanOrEqual(gzipMax)
})

test.skipIf(isSkipped)(
  'the trail with its proof, opened by its address, is at most 300 kB, and explains nothing yet',
  async () => {
    const server = await FixtureServer.start({ logs: new Map([['us-south', sampleLog(60)]]), dist })
    const browser = await launchChromium()
    try {
      const page = await browser.newPage()
      await page.goto(server.signInUrl.replace('/#', '/trail/us-south#'))
      await page.getByRole('button', { name: /Log verified/ }).waitFor()
      await page
        .getByRole('row', { name: /proven/i })
        .first()
        .waitFor()
      const fetched = server.requests.flatMap((request) => /^GET \/(assets\/.+)$/.exec(request)?.[1] ?? [])
      const load = weigh(['index.html', ...new Set(fetched)])
      print('the trail with its proof', load)
      expect(load.gzip, load.table).toBeLessThanOrEqual(gzipMax)
      expect(fetched.filter(explains), 'the whole catalogue came along').toEqual([])
      await page
        .getByRole('row', { name: /proven/i })
        .first()
        .click()
      await page.getByRole('tab', { name: 'Proof' }).waitFor()
      expect(assetsOf(server).filter(explains), 'it came when it was needed').toHaveLength(1)
    } finally {
      await browser.close()
      await server.stop()
    }
  },
)

test('what is sent compressed is what was built', () => {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  const compressed = files.filter((file) => /\.(br|gz)$/.test(file))
  for (const file of compressed) {
    const content = readFileSync(join(dist, file))
    const opened = file.endsWith('.br') ? brotliDecompressSync(content) : gunzipSync(content)
    expect(opened.equals(readFileSync(join(dist, file.slice(0, -3)))), file).toBe(true)
  }
  const large = files.filter((file) => /\.(js|css|html)$/.test(file) && sizeOf(file) > 500)
  expect(compressed).toEqual(expect.arrayContaining(large.flatMap((file) => [`${file}.br`, `${file}.gz`])))
})

const assetsOf = (server: FixtureServer): string[] => [
  ...new Set(server.requests.flatMap((request) => /^GET \/(assets\/.+)$/.exec(request)?.[1] ?? [])),
]

const anExplanation = generalExplanations[0]?.meaning ?? ''
const explains = (file: string): boolean => readFileSync(join(dist, file), 'utf8').includes(anExplanation)

/** The scripts and styles that chunks bring with them, without those that they fetch later. */
function filesOf(manifest: Manifest, names: readonly string[], seen = new Set<string>()): string[] {
  return [
    ...new Set(
      names.flatMap((name) => {
        const chunk = manifest[name]
        if (chunk === undefined || seen.has(name)) return []
        seen.add(name)
        return [chunk.file, ...(chunk.css ?? []), ...filesOf(manifest, chunk.imports ?? [], seen)]
      }),
    ),
  ]
}

interface Weight {
  readonly gzip: number
  readonly table: string
}

function weigh(files: readonly string[]): Weight {
  const rows = files.map((file) => ({ file, gzip: sizeOf(file, '.gz'), brotli: sizeOf(file, '.br') }))
  const sum = (form: 'gzip' | 'brotli'): number => rows.reduce((total, row) => total + row[form], 0)
  const total = { file: 'together', gzip: sum('gzip'), brotli: sum('brotli') }
  const line = ({ file, gzip, brotli }: typeof total): string =>
    `${String(gzip).padStart(9)} ${String(brotli).padStart(9)}  ${file}`
  const lines = rows.toSorted((a, b) => b.gzip - a.gzip).map(line)
  return { gzip: total.gzip, table: ['     gzip    brotli', ...lines, line(total)].join('\n') }
}

/** Bytes of a file as it goes out; of one that no compression makes smaller, its own. */
function sizeOf(file: string, ending = ''): number {
  const path = join(dist, file)
  return (statSync(path + ending, { throwIfNoEntry: false }) ?? statSync(path)).size
}

/** Seen in every run: where the bytes are is the first question of whoever adds some. */
function print(what: string, { table }: Weight): void {
  process.stdout.write(`${what}\n${table}\n`)
}
