/** `/v1/instances/{instance}/inventory/keys`: keys as people look after them, over HTTP. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { answering } from '../../http/answer.ts'
import {
  addInstanceRoute,
  instanceCall,
  type InstanceRouteParts,
  type OwnInstanceRequest,
} from '../../http/instance-route.ts'
import { keyLimits } from '../limits.ts'
import { readMetadata } from '../metadata.ts'
import type { KeyCall } from '../parts.ts'
import { stateNames } from '../states.ts'
import { Turns } from '../turns.ts'
import { type InventoryParts, listInventory } from './list.ts'
import { inventoryLimits, parseInventory, printCursor } from './query.ts'
import { InventoryKey, inventoryResources } from './resource.ts'
import { inventorySorts } from './rows.ts'

const url = '/v1/instances/:instance/inventory/keys'
const tags = ['keys']

const Query = Type.Object({
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: inventoryLimits.page.max, default: inventoryLimits.page.default }),
  ),
  after: Type.Optional(Type.String({ description: '`next` of the page before.' })),
  sort: Type.Optional(Type.Union(inventorySorts.map((name) => Type.Literal(name)))),
  state: Type.Optional(
    Type.String({
      description: `Comma list of ${Object.values(stateNames).join(', ')}; all but destroyed when not given.`,
    }),
  ),
  kind: Type.Optional(Type.Union([Type.Literal('root'), Type.Literal('standard')])),
  ring: Type.Optional(Type.String()),
  due: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: inventoryLimits.dueDays,
      description: 'Only active keys whose rotation is due within so many days; 0: those overdue.',
    }),
  ),
  waiting: Type.Optional(Type.Boolean({ description: 'true: only keys whose deletion waits for a second person.' })),
  search: Type.Optional(
    Type.String({
      maxLength: keyLimits.searchLength,
      description: 'As of GET /api/v2/keys: part of a name or alias, or an id; all keys are looked at.',
    }),
  ),
})

const Total = Type.Integer()
const Counts = Type.Object(
  {
    ...Object.fromEntries(Object.values(stateNames).map((name) => [name, Total])),
    waiting: Type.Integer({ description: 'Their deletion waits for a second person.' }),
    overdue: Type.Integer({ description: 'Their rotation is overdue.' }),
  },
  { description: 'Of all keys that the caller may see, in the ring if one is named.' },
)

export function addInventoryRoutes(app: FastifyInstance, http: InstanceRouteParts, parts: InventoryParts): void {
  const turns = new Turns(() => performance.now())
  const list = instanceCall({
    action: 'hs-crypto.secrets.list',
    operation: (request, seen) => {
      const call = callOf(request)
      const wish = () => parseInventory(request.query)
      return answering(
        listInventory(call, wish, parts, turns, (keys) => inventoryResources(call, keys, parts)),
        ({ slices, counts, next }) => ({
          body: { keys: slices.flat(), counts, next: next === undefined ? null : printCursor(next) },
        }),
      )(seen)
    },
  })
  const read = instanceCall({
    action: 'hs-crypto.secrets-metadata.read',
    operation: (request, seen) =>
      answering(readMetadata(callOf(request), request.params['id'] ?? '', parts), (key) => ({
        body: inventoryResources(callOf(request), [key], parts)[0] ?? {},
      }))(seen),
  })
  addInstanceRoute(app, http, {
    method: 'GET',
    url,
    schema: {
      tags,
      summary: 'The inventory of keys: states, rotations, deletions under way and registrations, without payloads',
      querystring: Query,
      response: {
        200: Type.Object({
          keys: Type.Array(InventoryKey),
          counts: Counts,
          next: Type.Union([Type.String(), Type.Null()]),
        }),
      },
    },
    choose: () => list,
  })
  addInstanceRoute(app, http, {
    method: 'GET',
    url: `${url}/:id`,
    schema: { tags, summary: 'One key of the inventory, by its id or an alias', response: { 200: InventoryKey } },
    choose: () => read,
  })
}

/** The ring that the query names narrows a list; whatever stands there is looked at after the permission. */
function callOf({ caller, instance, query, correlationId }: OwnInstanceRequest): KeyCall {
  const ring = query.get('ring') ?? ''
  return { caller, instance, correlationId, ...(ring === '' ? {} : { keyRing: ring }) }
}
