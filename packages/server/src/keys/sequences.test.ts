/** Any sequence of operations obeys the table of states: answers, rows and events are those of a plain model. */
import type { ActionName } from '@keywitness/cadf'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Operation } from '../audit.ts'
import type { Caller } from '../caller.ts'
import { type ErrorCode, errors, Refusal } from '../errors.ts'
import { readInstances } from '../instances/instances.ts'
import type { TimerJob } from '../timers/timers.ts'
import { parseCiphertext } from './ciphertext.ts'
import { deleteKey } from './delete.ts'
import { disableKey } from './disable.ts'
import { enableKey } from './enable.ts'
import { keyJobs } from './jobs.ts'
import { purgeKey } from './purge.ts'
import { readKey } from './read.ts'
import { restoreKey } from './restore.ts'
import { rewrapKey } from './rewrap.ts'
import { rotateKey } from './rotate.ts'
import { setForDeletion } from './set-for-deletion.ts'
import { syncKey } from './sync.ts'
import { type House, openHouse } from './testing/house.ts'
import { hour, KeyModel, type KeyStep, type PlainStep, type Step, steps, versionsMax } from './testing/model.ts'
import { addKey, material } from './testing/wishes.ts'
import { unsetForDeletion } from './unset-for-deletion.ts'
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

/** The actions of the steps, and the status of their success. */
const actionOf: Readonly<Record<KeyStep['do'], readonly [ActionName, number]>> = {
  wrap: ['hs-crypto.secrets.wrap', 200],
  unwrap: ['hs-crypto.secrets.unwrap', 200],
  rewrap: ['hs-crypto.secrets.rewrap', 200],
  rotate: ['hs-crypto.secrets.rotate', 204],
  read: ['hs-crypto.secrets.read', 200],
  versions: ['hs-crypto.secrets-key-versions.list', 200],
  enable: ['hs-crypto.secrets.enable', 204],
  disable: ['hs-crypto.secrets.disable', 204],
  restore: ['hs-crypto.secrets.restore', 201],
  purge: ['hs-crypto.secrets.purge', 204],
  sync: ['hs-crypto.secrets.sync', 204],
  delete: ['hs-crypto.secrets.delete', 204],
  set: ['hs-crypto.secrets.setkeyfordeletion', 204],
  unset: ['hs-crypto.secrets.unsetkeyfordeletion', 204],
}

/** A house with two people who may do everything, and the work of its timers. */
interface World {
  readonly house: House
  readonly people: readonly Caller[]
  readonly jobs: readonly TimerJob[]
}

function openWorld(): World {
  const house = openHouse({ versionsPerKey: versionsMax })
  const person = () => house.caller(['Manager', 'KeyPurge'])
  const { store, audit, parts } = house
  const instances = readInstances(store)
  const jobs = keyJobs({
    reader: store,
    audit,
    instances,
    keys: parts,
    serviceName: 'Keywitness',
    isForgetting: () => false,
  })
  return { house, people: [person(), person()], jobs }
}

/** Does the step for real; answers in the model's words. */
async function perform({ house, people }: World, step: KeyStep, { model, texts }: Pair): Promise<string> {
  const { parts } = house
  const call = house.call(people[('by' in step ? step.by : 0) % 2])
  const { id } = model
  const chosen = (which: number) => ({
    wrapping: parseCiphertext(texts[which % Math.max(1, texts.length)] ?? neverMade),
    aad,
  })
  const done = async <A extends ActionName, R>(action: A, operation: Operation<A, R>): Promise<string> => {
    await house.run(action, operation, call)
    return 'done'
  }
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
      return await done('hs-crypto.secrets.rotate', rotateKey(call, id, wish, parts))
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
    case 'delete': {
      const wish = () => ({ force: false, representation: false })
      return await done('hs-crypto.secrets.delete', deleteKey(call, id, wish, parts))
    }
    case 'restore':
      return await done(
        'hs-crypto.secrets.restore',
        restoreKey(call, id, () => ({ byToken: false }), parts),
      )
    case 'purge':
      return await done('hs-crypto.secrets.purge', purgeKey(call, id, { representation: false }, parts))
    case 'enable':
      return await done('hs-crypto.secrets.enable', enableKey(call, id, parts))
    case 'disable':
      return await done('hs-crypto.secrets.disable', disableKey(call, id, parts))
    case 'sync':
      return await done('hs-crypto.secrets.sync', syncKey(call, id, parts))
    case 'set':
      return await done('hs-crypto.secrets.setkeyfordeletion', setForDeletion(call, id, parts))
    case 'unset':
      return await done('hs-crypto.secrets.unsetkeyfordeletion', unsetForDeletion(call, id, parts))
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
  const overrides = step.needsTwo ? { dualAuthDelete: { enabled: true } } : undefined
  const { id } = await addKey(house, { extractable: !step.isRoot, expiresAt, material: given, overrides })
  return { model: new KeyModel(id, step, expiresAt), texts: [] }
}

/** The timers look until nothing is due; answers what they did, in any order. */
async function look({ house, jobs }: World): Promise<string[]> {
  const before = house.events().length
  for (const job of jobs) {
    for (let due = job.nextDue(); due !== undefined && due <= house.time; due = job.nextDue()) await job.run(house.time)
  }
  const events = house.events().slice(before)
  return events.map(({ action, outcome, target }) => `look: ${action}, ${outcome}, ${target.id.slice(-36)}`).toSorted()
}

function codeOf(answer: string, success: number): number {
  return answer.startsWith('done') ? success : errors[answer as ErrorCode].status
}

/** What the store says of a key. */
function standingOf({ house, people }: World, id: string): string {
  const row = house.parts.keys.find(house.instance.guid, id)
  if (row === undefined) return 'gone'
  const by = people.findIndex((person) => person.id === row.authorisedBy)
  return `state ${row.state}, ${row.versions} versions, authorised by ${by} until ${row.authorisedUntil}`
}

function modelStanding({ state, versions, authorised }: KeyModel): string {
  if (state === undefined) return 'gone'
  return `state ${state}, ${versions} versions, authorised by ${authorised?.by ?? -1} until ${authorised?.until ?? null}`
}

/** Walks the steps; each line tells one step's answer, its event, and the key's row after it. */
async function walk(sequence: readonly Step[]): Promise<{ real: string[]; modelled: string[] }> {
  const world = openWorld()
  const { house } = world
  const pairs: Pair[] = []
  const real: string[] = []
  const modelled: string[] = []
  for (const step of sequence) {
    if (step.do === 'wait') house.time += step.hours * hour
    else if (step.do === 'create') pairs.push(await create(house, step))
    else if (step.do === 'look') {
      real.push(...(await look(world)))
      modelled.push(
        ...pairs
          .flatMap(({ model }) => model.fallsDue(house.time).map((action) => `look: ${action}, success, ${model.id}`))
          .toSorted(),
      )
    } else {
      const pair = pairs[step.key % Math.max(1, pairs.length)]
      if (pair === undefined) continue
      const { model } = pair
      if (step.do === 'force') {
        if (model.state === 5 || model.state === undefined) continue
        model.state = step.state
        house.forceState(model.id, step.state)
        continue
      }
      const answer = await answerOf(perform(world, step, pair))
      const { action, outcome, target, reason } = house.lastEvent()
      const event = `${action}, ${outcome}, ${reason.reasonCode}, ${target.id.slice(-36)}`
      real.push(`${step.do}: ${answer}; ${event}; ${standingOf(world, model.id)}`)
      const expected = model.answer(step, house.time)
      const [named, success] = actionOf[step.do]
      const expectedOutcome = expected.startsWith('done') ? 'success' : 'failure'
      const expectedEvent = `${named}, ${expectedOutcome}, ${codeOf(expected, success)}, ${model.id}`
      modelled.push(`${step.do}: ${expected}; ${expectedEvent}; ${modelStanding(model)}`)
    }
  }
  return { real, modelled }
}

test('answers, events and states follow the model', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 60 }), async (sequence) => {
      const { real, modelled } = await walk(sequence)
      expect(real).toEqual(modelled)
    }),
    { numRuns: 150 },
  )
}, 60_000)

test('the walk meets every answer the model can give', async () => {
  const made = { do: 'create', isRoot: true, isImported: false, expires: false, needsTwo: false } as const
  const start = [
    { ...made, expires: true },
    { ...made, isImported: true },
    { ...made, isRoot: false },
    { ...made, needsTwo: true },
  ]
  const rotate = (key: number, withMaterial: boolean) => ({ do: 'rotate', key, withMaterial }) as const
  const on = (key: number, ...names: (PlainStep | 'wrap' | 'read' | 'versions')[]) =>
    names.map((name) => ({ do: name, key }) as const)
  const by = (name: 'delete' | 'set' | 'unset', key: number, person: number) => ({ do: name, key, by: person }) as const
  const wait = (hours: number) => ({ do: 'wait', hours }) as const
  const unwrap = { do: 'unwrap', key: 0, which: 0 } as const
  const looking = { do: 'look' } as const
  const sequence: Step[] = [
    ...start,
    unwrap,
    ...on(0, 'wrap'),
    unwrap,
    rotate(0, true),
    rotate(0, false),
    rotate(0, false),
    unwrap,
    ...on(0, 'versions'),
    rotate(1, false),
    rotate(1, true),
    wait(1),
    rotate(1, true),
    wait(1),
    rotate(1, true),
    ...on(2, 'wrap', 'read'),
    wait(1),
    rotate(1, true),
    looking,
    ...on(0, 'wrap'),
    by('delete', 0, 0),
    unwrap,
    wait(1),
    ...on(0, 'restore'),
    ...on(1, 'disable', 'enable'),
    wait(0.01),
    ...on(1, 'enable', 'sync'),
    by('set', 1, 0),
    by('delete', 3, 0),
    by('set', 3, 0),
    by('delete', 3, 0),
    wait(24 * 8),
    by('delete', 3, 1),
    looking,
    by('set', 3, 1),
    by('unset', 3, 0),
    by('set', 3, 1),
    by('delete', 3, 0),
    ...on(3, 'restore', 'purge'),
    wait(0.01),
    ...on(3, 'restore'),
    by('delete', 1, 0),
    wait(24 * 31),
    ...on(1, 'restore', 'purge', 'read'),
    wait(24 * 61),
    looking,
    ...on(0, 'read'),
  ]
  const { real, modelled } = await walk(sequence)
  expect(real).toEqual(modelled)
  const answers = new Set(real.map((line) => /^\w+: ([^,;]+)/.exec(line)?.[1] ?? ''))
  expect([...answers].toSorted()).toEqual(
    [
      'AUTHORIZATIONS_NOT_MET',
      'INVALID_QUERY_PARAM_ERR',
      'KEY_ACTION_INVALID_STATE_ERR',
      'KEY_DELETED_ERR',
      'KEY_EXPIRED_ERR',
      'KEY_NOT_FOUND_ERR',
      'KEY_PAYLOAD_REQ_ERR',
      'KEY_RESTORE_EXPIRED',
      'KEY_ROOT_REQ_ERR',
      'KEY_ROTATION_NOT_PERMITTED',
      'NOT_DUAL_AUTH_ERR',
      'QUOTA_EXCEEDED',
      'REQ_TOO_EARLY_ERR',
      'UNPROCESSABLE_CIPHERTEXT_ERR',
      'done',
      'done with 2',
      'done with payload',
      'hs-crypto.secrets.expire',
      'hs-crypto.secrets.purge',
      'hs-crypto.secrets.unsetkeyfordeletion',
    ].toSorted(),
  )
})
