/** Batches of entries: what is put in comes out, and whatever is wrong with a body is told as that and nothing else. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type ActivityEvent, entryBytes } from '@keywitness/cadf'
import { BadBatch, deliveriesOf, encodeBatch } from './entry-batch.ts'
import { voiceOf } from '../voice.ts'

const producer = '3f0e2d1c-0b0a-4908-8706-050403020100'
const origin = 'keywitness/us-south/0d9b0f5e-4f5c-4d27-8d3a-6a1b5e3d2c11'
const place = { account: 'a1', location: 'us-south', origin, folder: '', keyFolder: '' }
const opening = voiceOf(place, 'Keywitness', () => 0).opening(producer, { epoch: 1, sequence: 1 })

const entryOf = (responseData: object): Uint8Array =>
  entryBytes({ ...opening, responseData } as ActivityEvent, { id: producer, epoch: 3 }, 7)
const content = Buffer.from('["a list"]')
const digest = {
  bytes: content.length,
  count: 1,
  first: ['a list'],
  sha256: createHash('sha256').update(content).digest('hex'),
}
const taken = (body: Uint8Array, by = producer) => deliveriesOf({ producer: by, body, received: 5 })

test('entries come out as they were put in, with what they name', () => {
  const entry = entryOf({ list: digest })
  const attachments = [content]
  const found = taken(encodeBatch([{ entry, attachments }]))
  expect(found).toEqual([{ producer, epoch: 3, sequence: 7, bytes: Buffer.from(entry), received: 5, attachments }])
})

test('an attachment that its entry does not name, or is there twice, is refused', () => {
  const named = entryOf({ list: digest })
  const bad = [
    [{ entry: entryOf({}), attachments: [content] }],
    [{ entry: entryOf({ list: { ...digest, bytes: 1 } }), attachments: [content] }],
    [{ entry: named, attachments: [content, Buffer.from('["another"]')] }],
    [{ entry: named, attachments: [content, content] }],
    // Of a batch, too: what one entry names, another must not bring.
    [
      { entry: named, attachments: [] },
      { entry: entryOf({}), attachments: [content] },
    ],
  ]
  for (const entries of bad) expect(() => taken(encodeBatch(entries))).toThrow(BadBatch)
})

test('an entry that nests as deep as its bytes allow is a bad batch, not a failure', () => {
  const text = Buffer.from(entryOf({})).toString()
  for (const levels of [40, 11_000, 12_500]) {
    const deep = text.replace('"responseData":{}', `"responseData":${'{"":'.repeat(levels)}{}${'}'.repeat(levels)}`)
    expect(deep).not.toBe(text)
    const body = encodeBatch([{ entry: Buffer.from(deep), attachments: [] }])
    expect(() => taken(body)).toThrow(BadBatch)
  }
})

test('another producer’s entries, cut bodies and bytes of no meaning are refused', () => {
  const whole = encodeBatch([{ entry: entryOf({}), attachments: [] }])
  expect(() => taken(whole, '00000000-0000-4000-8000-000000000000')).toThrow('another producer')
  for (let length = 1; length < whole.length; length += 13) {
    expect(() => taken(whole.subarray(0, length))).toThrow(BadBatch)
  }
  expect(() => taken(Buffer.from([0, 0, 0, 2, 0xff, 0xfe, 0]))).toThrow(BadBatch)
})
