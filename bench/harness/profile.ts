/** Reads V8 CPU profiles: which function costs what per answer. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}

interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export interface Cost {
  readonly where: string
  /** Microseconds in the function itself, per answer. */
  readonly self: number
  /** Microseconds in it and what it calls, per answer. */
  readonly whole: number
}

const root = join(import.meta.dirname, '../..')

/** The functions of each profile of a folder, dearest first, idling left out. One profile per thread. */
export function profilesIn(folder: string, answers: number): Map<string, Cost[]> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))
  return new Map(
    files.map((name) => [name, costsOf(JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile, answers)]),
  )
}

function costsOf({ nodes, samples, timeDeltas }: Profile, answers: number): Cost[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const selfOf = new Map<number, number>()
  for (const [at, id] of samples.entries()) selfOf.set(id, (selfOf.get(id) ?? 0) + (timeDeltas[at] ?? 0))
  const costs = new Map<string, { self: number; whole: number }>()
  const walk = (node: ProfileNode, above: ReadonlySet<string>): number => {
    const where = placeOf(node)
    const within = new Set(above).add(where)
    const self = selfOf.get(node.id) ?? 0
    const below = (node.children ?? []).map((id) => walk(byId.get(id) as ProfileNode, within))
    const whole = self + below.reduce((sum, one) => sum + one, 0)
    const cost = costs.get(where) ?? { self: 0, whole: 0 }
    costs.set(where, cost)
    cost.self += self
    if (!above.has(where)) cost.whole += whole
    return whole
  }
  walk(nodes[0] as ProfileNode, new Set())
  return [...costs]
    .map(([where, { self, whole }]) => ({ where, self: self / answers, whole: whole / answers }))
    .filter(({ where }) => !where.startsWith('(idle)') && !where.startsWith('(root)'))
    .sort((a, b) => b.self - a.self)
}

function placeOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const name = functionName === '' ? '(anonymous)' : functionName
  if (url === '') return name
  const file = url.startsWith('file:') ? relative(root, fileURLToPath(url)) : url
  return `${name} ${file}:${lineNumber + 1}`
}
