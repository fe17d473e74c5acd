/** What an account holds, over our own APIs below `/v1`: one item, or a list read page by page. */
import { type ApiClient, memberOf } from './api-client.ts'
import { CliError } from './cli-error.ts'

/** Pages read of one list at most; a page has a thousand items. */
const pagesMax = 100

/** One item as the server described it. */
export type Item = Readonly<Record<string, unknown>>

/**
 * Every item of a list.
 *
 * @param member the answer's member that holds the items
 */
export async function listAll(
  client: ApiClient,
  path: string,
  member: string,
  query: Readonly<Record<string, string | undefined>> = {},
): Promise<Item[]> {
  const items: Item[] = []
  let after: string | undefined
  for (let page = 0; page < pagesMax; page++) {
    const answer = await client.json(path, { query: { ...query, limit: 1000, after } })
    const found = memberOf(answer, member)
    if (!Array.isArray(found)) throw unknownForm()
    items.push(...found.map(itemOf))
    const next = memberOf(answer, 'next')
    if (typeof next !== 'string') break
    after = next
  }
  return items
}

/** Creates one item and gives it as the server describes it. */
export async function create(client: ApiClient, path: string, json: object): Promise<Item> {
  return itemOf(await client.json(path, { method: 'POST', json }))
}

/** One item as the server describes it. */
export async function read(client: ApiClient, path: string): Promise<Item> {
  return itemOf(await client.json(path))
}

/** Changes one item and gives it as the server describes it then. */
export async function change(client: ApiClient, path: string, json: object): Promise<Item> {
  return itemOf(await client.json(path, { method: 'PATCH', json }))
}

/** A member of an item as text; empty when it has none. */
export function textOf(item: Item, name: string): string {
  const value = item[name]
  return typeof value === 'string' ? value : ''
}

function itemOf(value: unknown): Item {
  if (typeof value !== 'object' || value === null) throw unknownForm()
  return value as Item
}

function unknownForm(): CliError {
  return new CliError('BAD_ANSWER', 'the server answered in another form than this command knows')
}
