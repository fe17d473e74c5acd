/** Alerting over the API below a tracker: rules, calendars, alerts, mutes and channels, as the commands use it. */
import { memberOf, type RequestOptions } from './api-client.ts'
import { CliError } from './cli-error.ts'
import type { Item } from './iam-api.ts'
import type { TrailApi } from './trail-api.ts'

/** How long a test of a rule may take, in milliseconds: the server looks for 30 s, after the tests before it. */
const patienceMs = 180_000

/** Items of one page; the API gives no more at once. */
const pageMax = 1_000

/** A path below a tracker; what is put in cannot reach another one. */
export function pathOf(...parts: readonly string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('')
}

/** Every item of a list that comes as a whole. */
export async function listAt(trail: TrailApi, path: string, member: string): Promise<Item[]> {
  return itemsIn(await trail.client.json(`${trail.path}${path}`), member)
}

/** The first items of a list that comes in pages, and whether there are more. */
export async function pagesAt(
  trail: TrailApi,
  path: string,
  member: string,
  limit: number,
  query: NonNullable<RequestOptions['query']> = {},
): Promise<{ readonly items: Item[]; readonly more: boolean }> {
  const items: Item[] = []
  let after: string | undefined
  do {
    const count = Math.min(pageMax, limit - items.length)
    const answer = await trail.client.json(`${trail.path}${path}`, {
      query: { ...query, limit: count, ...(after === undefined ? {} : { after }) },
    })
    items.push(...itemsIn(answer, member).slice(0, count))
    const next = memberOf(answer, 'next')
    after = typeof next === 'string' ? next : undefined
  } while (after !== undefined && items.length < limit)
  return { items, more: after !== undefined }
}

/** One item as it is. */
export async function itemAt(trail: TrailApi, path: string): Promise<Item> {
  return itemIn(await trail.client.json(`${trail.path}${path}`))
}

/** A call that answers an item, or nothing: an empty one. */
export async function callAt(
  trail: TrailApi,
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  json?: object,
): Promise<Item> {
  const answer = await trail.client.json(`${trail.path}${path}`, { method, ...(json === undefined ? {} : { json }) })
  return answer === undefined ? {} : itemIn(answer)
}

/** A call that the server may take its time for. */
export async function longCallAt(trail: TrailApi, path: string, json: object): Promise<Item> {
  const stream = AbortSignal.timeout(patienceMs)
  return itemIn(await trail.client.json(`${trail.path}${path}`, { method: 'POST', json, stream }))
}

/** A member that is a list of items; empty when it is none. */
export function itemsOf(item: Item, member: string): Item[] {
  const found = item[member]
  return Array.isArray(found)
    ? found.filter((one: unknown): one is Item => typeof one === 'object' && one !== null)
    : []
}

/** A member that is an item; empty when it is none. */
export function partOf(item: Item, member: string): Item {
  const found = item[member]
  return typeof found === 'object' && found !== null ? (found as Item) : {}
}

/** A member that is a number; 0 when it is none. */
export function numberOf(item: Item, member: string): number {
  const found = item[member]
  return typeof found === 'number' && Number.isFinite(found) ? found : 0
}

function itemsIn(answer: unknown, member: string): Item[] {
  const found = memberOf(answer, member)
  if (!Array.isArray(found)) throw new CliError('BAD_ANSWER', `the server answered without ${member}`)
  return found.map(itemIn)
}

function itemIn(value: unknown): Item {
  if (typeof value === 'object' && value !== null) return value as Item
  throw new CliError('BAD_ANSWER', 'the server answered in another form than this command knows')
}
