/** The console's files: caching, fallback to its page, strict policy, and a clear page when it was not built. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type HttpHouse, openHttpHouse } from '../testing/http-house.ts'
import { addConsole } from './console.ts'

const page = '<!doctype html><title>Keywitness</title>'
let folder: string
let house: HttpHouse
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'console-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), page)
  writeFileSync(join(folder, 'assets', 'index-abc123.js'), 'export {}')
  writeFileSync(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  house = await openHttpHouse({ extend: (app) => addConsole(app, folder) })
})
afterAll(async () => {
  await house.close()
  rmSync(folder, { recursive: true })
})

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

test('reloading an address inside the console gives its page', async () => {
  const answer = await house.app.inject({ url: '/trail/us-south?severity=critical', headers: browser })
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
})

test.each([
  ['/assets/gone-123.js', browser],
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
