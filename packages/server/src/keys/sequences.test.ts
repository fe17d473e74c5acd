/** Any sequence of operations obeys the table of states: answers, rows and events are those of a plain model. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import { parseCiphertext } from './ciphertext.ts'
import { deleteKey } from './delete.ts'
import { readKey } from './read.ts'
import { rewrapKey } from './rewrap.ts'
import { rotateKey } from './rotate.ts'
import { type House, openHouse } from './testing/house.ts'
import { hour, KeyModel, type KeyStep, type Step, steps, versionsMax } from './testing/model.ts'
import { addKey, material } from './testing/wishes.ts'
import { unwrapKey } from './unwrap.ts'
import { listVersions } from './versions.ts'
import { wrapKey } from './wrap.ts'

const aad = new Uint8Array(0)
const neverMade = Buffer.from(
  `{"ciphertext":"${Buffer.alloc(48).toString('base64')}","iv":"AAAAAAAAAAAAAAAA","version":"4.0.0","handle":"01890a5d-ac96-774b-bcce-b302099a8057"}`,
).toString('base64')

/** The model beside what the real operations gave back: their ciphertexts. */
interface Pair {
  readonly model: KeyModel
  readonly texts: string[]
}

/** Does the step for real; answers in the model's words. */
async function perform(house: House, step: KeyStep, { model, texts }: Pair): Promise<string> {
  const { parts } = house
  const call = house.call()
  const { id } = model
  const chosen = (which: number) => ({
    wrapping: parseCiphertext(texts[which % Math.max(1, texts.length)] ?? neverMade),
    aad,
  })
  switch (step.do) {
    case 'wrap': {
      const wrap = wrapKey(call, id, () => ({ plaintext: Buffer.from(id), aad }), parts)
      texts.push((await house.run('hs-crypto.secrets.wrap', wrap)).ciphertext)
      return 'done'
    }
    case 'unwrap': {
      const unwrap = unwrapKey(call, id, () => chosen(step.which), parts)
      const opened = await house.run('hs-crypto.secrets.unwrap', unwrap)
      if (Buffer.from(opened.plaintext).toString() !== id) return 'another plaintext'
      return opened.renewed === undefined ? 'done' : 'done, renewed'
    }
    case 'rewrap': {
      const rewrap = rewrapKey(call, id, () => chosen(step.which), parts)
      texts.push((await house.run('hs-crypto.secrets.rewrap', rewrap)).ciphertext)
      return 'done'
    }
    case 'rotate': {
      const wish = () => ({ material: step.withMaterial ? material(Buffer.alloc(32, texts.length)) : undefined })
      await house.run('hs-crypto.secrets.rotate', rotateKey(call, id, wish, parts))
      return 'done'
    }
    case 'delete': {
      const wish = () => ({ force: false, representation: false })
      await house.run('hs-crypto.secrets.delete', deleteKey(call, id, wish, parts))
      return 'done'
    }
    case 'read': {
      const { payload } = await house.run('hs-crypto.secrets.read', readKey(call, id, parts))
      return payload === undefined ? 'done' : 'done with payload'
    }
    case 'versions': {
      const wish = () => ({ limit: 10, offset: 0, totalCount: false, allKeyStates: false })
      const page = await house.run('hs-crypto.secrets-key-versions.list', listVersions(call, id, wish, parts))
      return `done with ${page.versions.length}`
    }
  }
}

async function answerOf(run: Promise<string>): Promise<string> {
  try {
    return await run
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

async function create(house: House, step: Step & { do: 'create' }): Promise<Pair> {
  const expiresAt = step.expires ? house.time + 2 * hour : undefined
  const given = step.isImported ? material(Buffer.alloc(32, 1)) : undefined
  const { id } = await addKey(house, { extractable: !step.isRoot, expiresAt, material: given })
  return { model: new KeyModel(id, step, expiresAt), texts: [] }
}

/** Walks the steps; each line tells one step's answer, its event, and the key's row after it. */
async function walk(sequence: readonly Step[]): Promise<{ real: string[]; modelled: string[] }> {
  const house = openHouse({ versionsPerKey: versionsMax })
  const pairs: Pair[] = []
  const real: string[] = []
  const modelled: string[] = []
  for (const step of sequence) {
    if (step.do === 'wait') house.time += step.hours * hour
    else if (step.do === 'create') pairs.push(await create(house, step))
    else {
      const pair = pairs[step.key % Math.max(1, pairs.length)]
      if (pair === undefined) continue
      const { model } = pair
      if (step.do === 'force') {
        if (model.state === 5) continue
        model.state = step.state
        house.forceState(model.id, step.state)
        continue
      }
      const answer = await answerOf(perform(house, step, pair))
      const { outcome, target } = house.lastEvent()
      const row = house.parts.keys.find(house.instance.guid, model.id)
      real.push(`${step.do}: ${answer}, ${outcome}, ${target.id.slice(-36)}, state ${row?.state}, ${row?.versions}`)
      const expected = model.answer(step, house.time)
      const expectedOutcome = expected.startsWith('done') ? 'success' : 'failure'
      modelled.push(`${step.do}: ${expected}, ${expectedOutcome}, ${model.id}, state ${model.state}, ${model.versions}`)
    }
  }
  return { real, modelled }
}

test('answers, events and states follow the model', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 40 }), async (sequence) => {
      const { real, modelled } = await walk(sequence)
      expect(real).toEqual(modelled)
    }),
    { numRuns: 60 },
  )
}, 60_000)

test('the walk meets every answer the model can give', async () => {
  const root = { do: 'create', isRoot: true, isImported: false, expires: true } as const
  const imported = { do: 'create', isRoot: true, isImported: true, expires: false } as const
  const standard = { do: 'create', isRoot: false, isImported: false, expires: false } as const
  const rotate = (key: number, withMaterial: boolean) => ({ do: 'rotate', key, withMaterial }) as const
  const on = (name: 'wrap' | 'delete' | 'read' | 'versions', key: number) => ({ do: name, key }) as const
  const wait = { do: 'wait', hours: 1 } as const
  const unwrap = { do: 'unwrap', key: 0, which: 0 } as const
  const walkOfRoot = [unwrap, on('wrap', 0), unwrap, rotate(0, true), rotate(0, false), rotate(0, false), unwrap]
  const walkOfImported = [rotate(1, false), rotate(1, true), wait, rotate(1, true), wait, rotate(1, true)]
  const others = [on('wrap', 2), on('read', 2), on('versions', 0)]
  const end = [wait, rotate(1, true), on('wrap', 0), on('delete', 0), unwrap]
  const start = [root, imported, standard]
  const { real, modelled } = await walk([...start, ...walkOfRoot, ...others, ...walkOfImported, ...end])
  expect(real).toEqual(modelled)
  const answers = new Set(real.map((line) => /: ([^,]+)/.exec(line)?.[1]))
  expect([...answers].sort((a = '', b = '') => (a < b ? -1 : 1))).toEqual([
    'INVALID_QUERY_PARAM_ERR',
    'KEY_ACTION_INVALID_STATE_ERR',
    'KEY_DELETED_ERR',
    'KEY_PAYLOAD_REQ_ERR',
    'KEY_ROOT_REQ_ERR',
    'KEY_ROTATION_NOT_PERMITTED',
    'QUOTA_EXCEEDED',
    'UNPROCESSABLE_CIPHERTEXT_ERR',
    'done',
    'done with 2',
    'done with payload',
  ])
})
