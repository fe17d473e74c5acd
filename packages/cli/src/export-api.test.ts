/** An export's answer: its checkpoint from a header or asked for, and what is no export refused; what is worth another try. */
import { expect, test } from 'vitest'
import { Refused } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { isPassing, openExport, pauseMs } from './export-api.ts'
import type { TrailApi } from './trail-api.ts'

const root = Buffer.alloc(32, 7).toString('base64')
const note = `example.com/log\n5\n${root}\n\n— example.com/log ${Buffer.alloc(68, 1).toString('base64')}\n`
const size = { 'keywitness-checkpoint-size': '5' }
const now = { 'keywitness-now': '2026-11-25T00:00:00.000Z' }
const header = { 'keywitness-checkpoint': Buffer.from(note).toString('base64') }

/** What is opened of a server that answers with these headers; which paths were asked for beside. */
async function opened(headers: Record<string, string>) {
  const asked: string[] = []
  const client = {
    open: () => Promise.resolve(new Response('rows\n', { headers })),
    text: (path: string) => {
      asked.push(path)
      return Promise.resolve(note)
    },
  }
  const trail = { path: '/v1/trackers/x', client } as unknown as TrailApi
  return { asked, answer: await openExport(trail, {}, new AbortController().signal) }
}

test('the checkpoint comes with the answer, or is asked for where its note is too long for a header', async () => {
  const short = await opened({ ...size, ...now, ...header })
  expect([short.asked, short.answer.note, short.answer.checkpoint.size]).toEqual([[], note, 5])
  const long = await opened({ ...size, ...now })
  expect([long.asked, long.answer.note]).toEqual([['/v1/trackers/x/log/checkpoints/5'], note])
})

test('an answer that names no checkpoint is no export', async () => {
  await expect(opened({ ...now, ...header })).rejects.toThrow('another form')
  await expect(opened({ ...size, ...header })).rejects.toThrow('another form')
  const garbage = { 'keywitness-checkpoint': Buffer.from('no note').toString('base64') }
  await expect(opened({ ...size, ...now, ...garbage })).rejects.toThrow('checkpoint of the export is none')
})

test('what passes by itself is tried again, with longer pauses; what does not is told at once', () => {
  const refused = (status: number): Refused =>
    new Refused(status, '', 'no', undefined, status === 429 ? 3_000 : undefined)
  expect([429, 503, 404, 400, 401].map((status) => isPassing(refused(status), false))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
  expect(isPassing(refused(401), true)).toBe(true)
  expect(isPassing(new TypeError('terminated'), false)).toBe(true)
  expect(isPassing(new CliError('BAD_INPUT', 'cannot write'), true)).toBe(false)
  expect([1, 2, 3].map((tries) => pauseMs(new Error('cut'), tries))).toEqual([200, 400, 800])
  expect(pauseMs(new Error('cut'), 20)).toBe(30_000)
  expect(pauseMs(refused(429), 1)).toBe(3_000)
})
