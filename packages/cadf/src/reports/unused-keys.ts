/** Keys that nobody used in the period: those of the inventories that one may see, less those that the events name. */
import { foundGroups, groupsMax } from './found-groups.ts'
import {
  lackWhere,
  type NowFound,
  type NowLack,
  type NowPart,
  type NowQuestion,
  type NowReader,
  nowTable,
  readAll,
  textIn,
  tracker,
} from './now-part.ts'
import { type Cell, columns, count, queryBelow } from './report.ts'
import { dataOf, memberText, type ReportData } from './report-event.ts'

/** Pages of 200: of instances, and of the keys of each. */
const instancePages = 5
const keyPages = 25

/** @param query what uses of keys are found by */
export function unusedKeysOf(query: string): NowPart {
  return { id: 'unused-keys', read: (ask, question) => read(ask, question, query) }
}

const inventoryPath = (guid: string): string => `/v1/instances/${encodeURIComponent(guid)}/inventory/keys`

interface Inventory {
  readonly instance: string
  readonly keys: readonly ReportData[]
}

async function read(ask: NowReader, question: NowQuestion, query: string): Promise<NowFound> {
  const used = await usedKeys(ask, question, query)
  const instances = await readAll(ask, '/v1/instances', 'instances', { pages: instancePages })
  const here = instances.items.filter(({ location }) => location === question.location)
  const lacks: NowLack[] = [...used.lacks, ...lackWhere(instances.isCut, 'instances-cut')]
  const inventories: Inventory[] = []
  for (const instance of here) {
    const name = memberText(instance, 'name') || memberText(instance, 'guid')
    const found = await readAll(ask, inventoryPath(memberText(instance, 'guid')), 'keys', { pages: keyPages }).catch(
      (error: unknown) => {
        // What one role does not show, another may: one instance that is refused leaves the others.
        if (!isRefusal(error)) throw error
        return undefined
      },
    )
    if (found === undefined) lacks.push({ code: 'instance-refused', what: name })
    else {
      if (found.isCut) lacks.push({ code: 'keys-cut', what: name })
      inventories.push({ instance: name, keys: found.items })
    }
  }
  const keys = inventories.flatMap((inventory) => inventory.keys.map((key) => ({ key, instance: inventory.instance })))
  const unused = keys.filter(({ key }) => isUsable(key) && !used.ids.has(memberText(key, 'id')))
  return {
    asOf: used.at,
    facts: [
      count('instancesRead', inventories.length),
      count('keys', keys.length),
      count('keysUsable', keys.filter(({ key }) => isUsable(key)).length),
      count('keysUnused', unused.length),
    ],
    tables: [
      nowTable(
        'unusedKeys',
        columns(
          'name',
          'keyId',
          'state:code',
          'keyKind:code',
          'ring',
          'created:time',
          'createdBy',
          'lastRotated:time',
          'instance',
        ),
        used.at,
        unused.map(({ key, instance }) => [...cellsOf(key), instance]),
      ),
    ],
    lacks,
  }
}

function cellsOf(key: ReportData): Cell[] {
  const text = (name: string): string => memberText(key, name)
  const who = text('createdBy.name') || text('createdBy.id')
  return [
    text('name'),
    text('id'),
    text('state'),
    text('kind'),
    text('ring'),
    textIn(key['createdAt']),
    who,
    textIn(key['rotatedAt']),
  ]
}

/** What has ended cannot be used: that nobody did says nothing. */
const isUsable = (key: ReportData): boolean => key['state'] !== 'destroyed'

async function usedKeys(
  ask: NowReader,
  question: NowQuestion,
  query: string,
): Promise<{ readonly ids: ReadonlySet<string>; readonly at: string; readonly lacks: readonly NowLack[] }> {
  const { from, to, size } = question
  const { body, at } = await ask(`${tracker(question)}/groups`, {
    query: queryBelow(query, size),
    from,
    to,
    by: 'key',
    values: String(groupsMax),
  })
  const { rows, others, isComplete } = foundGroups(body)
  return {
    ids: new Set(rows.flatMap(({ values }) => values[0]?.value ?? [])),
    at,
    lacks: lackWhere(!isComplete || others > 0, 'uses-cut'),
  }
}

/** Whether the server said that it may not be seen: readers throw what has the answer's status. */
function isRefusal(error: unknown): boolean {
  const { status } = dataOf(error)
  return status === 401 || status === 403 || status === 404
}
