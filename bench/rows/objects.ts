/** Row: KMIP objects of an adapter with a hundred thousand of them: Locate, Create and lists, and what others feel of it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attributeValue } from '../../packages/server/src/kmip/attributes/attribute-set.ts'
import type { AdapterRow } from '../../packages/server/src/kmip/management/rows.ts'
import {
  fillAdapter,
  firstSeconds,
  idOf,
  machineOf,
  nameOf,
  nameValue,
} from '../../packages/server/src/kmip/objects/testing/many-objects.ts'
import {
  aesKey,
  attribute,
  type OperationName,
  requestOf,
  uid,
} from '../../packages/server/src/kmip/testing/messages.ts'
import { encode } from '../../packages/server/src/kmip/ttlv/encode.ts'
import { type Item, text } from '../../packages/server/src/kmip/ttlv/item.ts'
import { tags } from '../../packages/server/src/kmip/ttlv/tags.ts'
import { openStore } from '../../packages/server/src/store/open.ts'
import { addKmipCertificate, newIdentity, newKmipAdapter } from '../../packages/testkit/src/index.ts'
import { missingPackages, tlsNeeds } from '../harness/requirements.ts'
import { interleaved } from '../harness/rounds.ts'
import type { Bench, Figure, Row, RowReport } from '../harness/row.ts'
import { short } from '../harness/statistics.ts'
import { httpLoad, type LoadReport } from '../load/http-load.ts'
import { kmipLoad, type KmipRequest } from '../load/kmip-load.ts'
import { getRequest, type LoadedProduct, loadedProduct } from '../load/product.ts'

const many = 100_000
const few = 1_000
/** Below this an answer seems to come at once: J. Nielsen, Usability Engineering (1993), chapter 5. */
const feltMs = 100
/** Clients that look through everything at once, while another is watched. */
const searchers = 4
/** An object that both adapters have. */
const one = 500

export const objects: Row = {
  name: 'objects',
  title: `KMIP objects of an adapter that has ${many}`,
  run: measure,
}

const { text: textValue, integer, date, enumeration } = attributeValue
const product = ['x-Product', textValue('VMware vSphere')] as const

type Wanted = readonly (readonly [string, Item])[]

/** What leads to one object. */
const selective: Readonly<Record<string, Wanted>> = {
  name: [['Name', nameValue(nameOf(one))]],
  'custom attribute': [['x-Identifier', textValue(machineOf(one))]],
  'custom attribute and one that all have': [product, ['x-Identifier', textValue(machineOf(one))]],
}

/** What most objects have: the newest thousand are told. */
const common: Readonly<Record<string, Wanted>> = {
  'object type': [['Object Type', enumeration(2)]],
  'custom attribute that all have': [product],
}

/** What nothing leads to: every object is looked at. */
const searching: Readonly<Record<string, Wanted>> = {
  mask: [['Cryptographic Usage Mask', integer(8)]],
  dates: [
    ['Initial Date', date(firstSeconds + 10)],
    ['Initial Date', date(firstSeconds + one)],
  ],
}

interface Side {
  readonly adapter: string
  ask(operation: OperationName, payload: readonly Item[]): KmipRequest
}

async function measure(bench: Bench): Promise<RowReport> {
  const lacking = missingPackages(tlsNeeds)
  if (lacking.length > 0) {
    return {
      figures: [],
      absolute: [],
      checks: [],
      skipped: [`the load generator needs ${lacking.join(', ')}`],
      raw: {},
    }
  }
  const { workshop, options, calibration, say } = bench
  const { loaded, large, small } = await filled(bench)
  const short3 = { connections: 1, warmUp: 0.5, seconds: Math.min(options.seconds, 3) }
  const locate = (side: Side, wanted: Wanted): KmipRequest =>
    side.ask(
      'Locate',
      wanted.map(([name, value]) => attribute(name, value)),
    )
  const ask = (request: KmipRequest): Promise<LoadReport> => kmipLoad(workshop, request, short3)
  const asked = (what: (side: Side) => KmipRequest, value: 'p50Ms' | 'perSecond') => ({
    many: async () => (await ask(what(large)))[value],
    few: async () => (await ask(what(small)))[value],
  })

  const figures: Figure[] = []
  const raw: Record<string, readonly number[]> = {}
  for (const [name, wanted] of Object.entries(selective)) {
    const rounds = await interleaved(
      bench,
      asked((side) => locate(side, wanted), 'p50Ms'),
    )
    const what = `Locate by ${name} among ${many}, latency`
    const bounds = { beside: `the same among ${few}`, must: 2, goal: 1.2, isLowerBetter: true }
    figures.push(rounds.figure('many', 'few', { what, ...bounds }))
    raw[`${name}, many`] = rounds.values.many
    raw[`${name}, few`] = rounds.values.few
  }
  const creating = await interleaved(
    bench,
    asked((side) => side.ask('Create', aesKey()), 'perSecond'),
  )
  figures.push(
    creating.figure('many', 'few', {
      what: `Create beside ${many}, rate`,
      beside: `the same beside ${few}`,
      must: 0.8,
      goal: 0.95,
    }),
  )
  raw['create, many'] = creating.values.many
  raw['create, few'] = creating.values.few

  const slowest = new Map<string, number[]>()
  const note = (name: string, value: number): void => void slowest.set(name, [...(slowest.get(name) ?? []), value])
  for (let round = 1; round <= options.rounds; round++) {
    for (const [name, wanted] of Object.entries(common)) {
      note(`Locate by ${name}`, (await ask(locate(large, wanted))).p99Ms)
    }
    const list = `/api/v2/kmip_adapters/${large.adapter}/kmip_objects?limit=100`
    for (const [name, offset] of [
      ['first page of the list', 0],
      ['last page of the list', many - 100],
    ] as const) {
      const request = getRequest(loaded, `${list}&offset=${offset}`, '"id"')
      note(name, (await httpLoad(workshop, request, short3)).p99Ms)
    }
    note(`Get Attributes beside ${searchers} connections that search`, await feltBeside(bench, large))
    for (const [name, wanted] of Object.entries(searching)) {
      raw[`Locate by ${name}, ms`] = [...(raw[`Locate by ${name}, ms`] ?? []), (await ask(locate(large, wanted))).p50Ms]
    }
    await calibration.measure()
    say(
      `round ${round}/${options.rounds}, p99 ms: ${[...slowest].map(([name, of]) => `${name} ${short(of.at(-1))}`).join(', ')}`,
    )
  }
  const bounded = { unit: 'ms', must: feltMs, goal: feltMs / 2, isLowerBetter: true } as const
  for (const [name, rounds] of slowest) figures.push({ what: `${name}, 99th percentile`, rounds, ...bounded })
  return {
    figures,
    absolute: [
      `bound: what a person does not feel, ${feltMs} ms; questions one after the other on one connection`,
      'a Locate by mask or dates looks at every object, some hundreds in a turn of the serving loop',
    ],
    checks: ['every answer is a success that holds what was asked for, and has its event'],
    skipped: [],
    raw,
  }
}

/** The 99th percentile of a Get Attributes while others look through all objects without a break. */
async function feltBeside({ workshop, options }: Bench, side: Side): Promise<number> {
  const time = { warmUp: 0.5, seconds: Math.min(options.seconds, 3) }
  const search = side.ask('Locate', [attribute('Cryptographic Usage Mask', integer(8))])
  const [{ p99Ms }] = await Promise.all([
    kmipLoad(workshop, side.ask('GetAttributes', [uid(idOf(one))]), { ...time, connections: 1 }),
    kmipLoad(workshop, search, { ...time, connections: searchers }),
  ])
  return p99Ms
}

/** A product with two adapters, filled while it was stopped: asking for each object would take as long as all else here. */
async function filled({ workshop, say }: Bench): Promise<{ loaded: LoadedProduct; large: Side; small: Side }> {
  const data = workshop.newFolder('data')
  const env = { KEYWITNESS_KMIP_REQUESTS_PER_SECOND: '1000000', KEYWITNESS_KMIP_REQUEST_BURST: '1000000' }
  const before = await loadedProduct(workshop, { data, env })
  const made = []
  for (const [name, count] of [
    ['large', many],
    ['small', few],
  ] as const) {
    const adapter = await newKmipAdapter(before.client, name)
    const identity = newIdentity(name)
    const files = { certificate: join(data, `${name}.pem`), key: join(data, `${name}.key`) }
    writeFileSync(files.certificate, identity.certificate)
    writeFileSync(files.key, identity.key)
    await addKmipCertificate(before.client, adapter, name, identity)
    made.push({ adapter, files, count })
  }
  await before.product.stop()
  const store = openStore(data)
  for (const { adapter, count } of made) {
    say(`${count} objects are made`)
    const row = { instance: before.product.instance, id: adapter.id, crk: adapter.rootKey } as AdapterRow
    fillAdapter(store, row, count)
  }
  store.close()
  const loaded = await loadedProduct(workshop, { data, env })
  const [large, small] = made.map(({ adapter, files }): Side => ({
    adapter: adapter.id,
    ask: (operation, payload) => ({
      address: loaded.product.kmip,
      ...files,
      message: encode(requestOf([{ operation, payload }], { major: 1, minor: 4 })),
      // The head of a text item: the identifier follows.
      holds: encode(text(tags.UniqueIdentifier, '')).subarray(0, 4),
    }),
  }))
  return { loaded, large: large as Side, small: small as Side }
}
