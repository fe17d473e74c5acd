/** The console's files: caching, compressed forms, fallback to its page, strict policy, and a clear page when it was not built. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type HttpHouse, openHttpHouse } from '../testing/http-house.ts'
import { addConsole } from './console.ts'

const page = `<!doctype html><title>Keywitness</title>${'<p>page</p>'.repeat(20)}`
const script = `export const many = '${'many '.repeat(100)}'`
let folder: string
let house: HttpHouse
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'console-'))
  mkdirSync(join(folder, 'assets'))
  writeForms(join(folder, 'index.html'), page)
  writeForms(join(folder, 'assets', 'index-abc123.js'), script)
  writeFileSync(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  house = await openHttpHouse({ extend: (app) => addConsole(app, folder) })
})
afterAll(async () => {
  await house.close()
  rmSync(folder, { recursive: true })
})

/** As the build leaves them. */
function writeForms(path: string, content: string): void {
  writeFileSync(path, content)
  writeFileSync(`${path}.br`, brotliCompressSync(content))
  writeFileSync(`${path}.gz`, gzipSync(content))
}

const browser = { accept: 'text/html,application/xhtml+xml' }

test.each(['/', '/assets/index-abc123.js'])('%s comes with a policy that lets only its own files in', async (url) => {
  const answer = await house.app.inject({ url, headers: browser })
  const policy = Object.fromEntries(
    String(answer.headers['content-security-policy'])
      .split('; ')
      .map((directive) => [directive.split(' ', 1)[0], directive.slice(directive.indexOf(' ') + 1)]),
  ) as Record<string, string>
  expect(policy).toMatchObject({
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'connect-src': "'self'",
    'worker-src': "'self'",
    'frame-ancestors': "'none'",
    'base-uri': "'none'",
    'require-trusted-types-for': "'script'",
  })
  expect(Object.values(policy).join(' ')).not.toMatch(/unsafe|\*|https?:|data:/)
})

test('the page is asked for again each time', async () => {
  const answer = await house.app.inject({ url: '/', headers: browser })
  expect([answer.statusCode, answer.body]).toEqual([200, page])
  expect(answer.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' })
})

test('assets named by their hash are cached for ever, other files are asked for again', async () => {
  const asset = await house.app.inject({ url: '/assets/index-abc123.js' })
  expect([asset.statusCode, asset.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable'])
  expect(asset.headers['content-type']).toMatch(/^(text|application)\/javascript/)
  const icon = await house.app.inject({ url: '/favicon.svg' })
  expect([icon.statusCode, icon.headers['cache-control']]).toEqual([200, 'no-cache'])
})

const opened = { br: brotliDecompressSync, gzip: gunzipSync, none: (bytes: Buffer) => bytes }

test.each([
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip, deflate', 'gzip'],
  ['br;q=0.5, gzip;q=0.8', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['identity', 'none'],
  ['zstd', 'none'],
  ['', 'none'],
] as const)('who takes %j gets each file in this form: %s', async (accepted, form) => {
  for (const [url, content, type] of [
    ['/', page, 'text/html; charset=utf-8'],
    ['/trail/us-south', page, 'text/html; charset=utf-8'],
    ['/assets/index-abc123.js', script, 'application/javascript; charset=utf-8'],
  ] as const) {
    const headers = { ...browser, 'accept-encoding': accepted }
    const answer = await house.app.inject({ url, headers })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-encoding'] ?? 'none').toBe(form)
    expect(answer.headers).toMatchObject({ vary: 'accept-encoding', 'content-type': type })
    expect(opened[form](answer.rawPayload).toString()).toBe(content)
    const head = await house.app.inject({ method: 'HEAD', url, headers })
    expect(head.rawPayload).toHaveLength(0)
    for (const name of ['content-length', 'content-encoding', 'content-type', 'etag', 'vary', 'cache-control'])
      expect(head.headers[name], name).toBe(answer.headers[name])
    expect(answer.headers['content-length']).toBe(String(answer.rawPayload.length))
  }
})

test.each(['/', '/assets/index-abc123.js'])(
  'of %s each form has its own ETag, and only that one saves its body',
  async (url) => {
    const ask = (accepted: string, etag?: string) =>
      house.app.inject({
        url,
        headers: { ...browser, 'accept-encoding': accepted, ...(etag !== undefined && { 'if-none-match': etag }) },
      })
    const forms = ['br', 'gzip', 'identity']
    const etags = await Promise.all(forms.map(async (form) => String((await ask(form)).headers.etag)))
    expect(new Set(etags).size).toBe(3)
    for (const [i, form] of forms.entries()) {
      for (const [j, etag] of etags.entries()) {
        const answer = await ask(form, etag)
        expect(answer.statusCode, `${form} against the ETag of ${forms[j]}`).toBe(i === j ? 304 : 200)
        expect(answer.headers).toMatchObject({ vary: 'accept-encoding', etag: etags[i] })
      }
    }
  },
)

test('a range is one of the form that is sent', async () => {
  const url = '/assets/index-abc123.js'
  const whole = await house.app.inject({ url, headers: { 'accept-encoding': 'br' } })
  const part = await house.app.inject({ url, headers: { 'accept-encoding': 'br', range: 'bytes=4-11' } })
  expect([part.statusCode, part.headers['content-encoding']]).toEqual([206, 'br'])
  expect(part.headers['content-range']).toBe(`bytes 4-11/${whole.rawPayload.length}`)
  expect(part.rawPayload).toEqual(whole.rawPayload.subarray(4, 12))
})

test('a file without compressed forms is sent as it is', async () => {
  const icon = await house.app.inject({ url: '/favicon.svg', headers: { 'accept-encoding': 'br, gzip' } })
  expect([icon.statusCode, icon.headers['content-encoding'], icon.headers.vary]).toEqual([
    200,
    undefined,
    'accept-encoding',
  ])
  expect(icon.body).toMatch(/^<svg/)
})

test('reloading an address inside the console gives its page', async () => {
  const answer = await house.app.inject({ url: '/trail/us-south?severity=critical', headers: browser })
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
})

test.each([
  ['/assets/gone-123.js', browser],
  ['/assets/index-abc123.js.br', browser],
  ['/index.html.gz', browser],
  ['/v1/nothing', browser],
  ['/api/v2/nothing', browser],
  ['/missing.png', browser],
  ['/trail', { accept: 'application/json' }],
])('%s is 404, not the page', async (url, headers) => {
  expect((await house.app.inject({ url, headers })).statusCode).toBe(404)
})

test.each([
  '/../package.json',
  '/assets/../../etc/passwd',
  '/assets/%2e%2e/%2e%2e/etc/passwd',
  '/assets/..%2findex.html',
])('%s does not leave the folder', async (url) => {
  const answer = await house.app.inject({ url })
  expect([400, 403, 404]).toContain(answer.statusCode)
})

test('without a build there is a page that says so', async () => {
  const bare = await openHttpHouse({ extend: (app) => addConsole(app, join(folder, 'nowhere')) })
  try {
    const answer = await bare.app.inject({ url: '/', headers: browser })
    expect([answer.statusCode, answer.body]).toEqual([503, expect.stringContaining('not built')])
  } finally {
    await bare.close()
  }
})
