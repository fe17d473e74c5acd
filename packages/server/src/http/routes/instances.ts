/** `/v1/instances`: the service instances of an account. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import { type Ids, serviceCrn } from '../../iam/names.ts'
import type { Access } from '../../iam/roles.ts'
import type { Instance } from '../../instances/instance.ts'
import type { Inventories } from '../../instances/inventory.ts'
import { insertInstance, type Instances, instancesMax } from '../../instances/instances.ts'
import { newInstance, type PrepareInstance } from '../../instances/new-instance.ts'
import { addAccountRoute } from '../account-route.ts'
import { type Door, guidPattern } from '../door.ts'
import { bodyReader, nameCharsMax, nextOf, pageOf, PageQuery, Text, timestamp, Timestamp } from '../schema.ts'

export interface InstanceRouteParts {
  readonly door: Door
  readonly access: Access
  readonly instances: Instances
  readonly inventories: Pick<Inventories, 'of' | 'clientCertificates'>
  readonly prepare: PrepareInstance
  /** Locations that instances may be made in. */
  readonly locations: readonly string[]
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Ids
}

const NewInstance = Type.Object(
  {
    name: Text(nameCharsMax, 'Shown in events.'),
    location: Type.String({ minLength: 1, maxLength: 64 }),
    resourceGroup: Type.Optional(Type.String({ pattern: '^[0-9a-f]{32}$' })),
    units: Type.Optional(
      Type.Integer({ minimum: 2, maximum: 3, description: 'Operational crypto units, each in its availability zone.' }),
    ),
    recoveryUnits: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 2, description: 'Crypto units that keep a copy of the master key.' }),
    ),
  },
  { additionalProperties: false },
)
const View = Type.Object({
  guid: Type.String(),
  name: Type.String(),
  location: Type.String(),
  resourceGroup: Type.String(),
  crn: Type.String(),
  createdAt: Timestamp,
})
const Inventory = Type.Object(
  {
    rootKeys: Type.Integer(),
    standardKeys: Type.Integer(),
    kmipAdapters: Type.Integer(),
    kmipObjects: Type.Integer(),
    ep11Keystores: Type.Integer(),
    ep11Objects: Type.Integer(),
  },
  { description: 'What the instance holds and is not destroyed.' },
)

const ClientCertificates = Type.Object(
  {
    mtlsEnabled: Type.Boolean(),
    certificates: Type.Integer({ description: 'By which clients may be issued, of all administrators.' }),
    administrators: Type.Integer({ description: 'Those who have a signature key.' }),
    nextExpiry: Type.Union([Timestamp, Type.Null()]),
  },
  { description: 'Whether clients of EP11 need a certificate, and who decides on it.' },
)

const url = '/v1/instances'
const tags = ['instances']

export function addInstanceRoutes(app: FastifyInstance, parts: InstanceRouteParts): void {
  const { door, access, instances, inventories, locations, clock, ids } = parts
  const readNew = bodyReader(NewInstance)
  addAccountRoute(app, door, {
    method: 'POST',
    url,
    action: 'hs-crypto.instance.create',
    schema: { tags, summary: 'Create a service instance', body: NewInstance, response: { 201: View } },
    operation: async ({ caller, body }, seen) => {
      access.requireAccount(caller, 'instances.create')
      const wish = readNew(body())
      seen.target = { ...seen.target, name: wish.name }
      if (!locations.includes(wish.location)) {
        throw new Refusal('INVALID_FIELD_ERR', { at: { type: 'field', name: 'location' } })
      }
      if (instances.count(caller.account) >= instancesMax) throw new Refusal('QUOTA_EXCEEDED')
      const { name, location, resourceGroup, units = 2, recoveryUnits = 1 } = wish
      const instance = newInstance(door.cname, caller.account, ids.uuid(), clock.now(), {
        name,
        location,
        ...(resourceGroup === undefined ? {} : { resourceGroup }),
      })
      seen.target = { id: instance.crn, name }
      seen.request.location = location
      seen.request.units = units
      seen.request.recoveryUnits = recoveryUnits
      const { changes, settled } = await parts.prepare(instance, { operational: units, recovery: recoveryUnits })
      return {
        code: 201,
        changes: [insertInstance(instance, caller.id), ...changes],
        ...(settled === undefined ? {} : { settled }),
        result: { body: viewOf(instance) },
      }
    },
  })
  addAccountRoute(app, door, {
    method: 'GET',
    url,
    action: 'hs-crypto.instance.list',
    schema: {
      tags,
      summary: 'List the service instances the caller may see',
      querystring: PageQuery,
      response: { 200: Type.Object({ instances: Type.Array(View), next: Type.Union([Type.String(), Type.Null()]) }) },
    },
    operation: ({ caller, query }, seen) => {
      const page = pageOf(query)
      const found = instances.list(caller.account, page.after, page.limit)
      const visible = found.filter((instance) => access.maySeeInstance(caller, instance))
      seen.response.totalResources = visible.length
      return {
        code: 200,
        result: { body: { instances: visible.map(viewOf), next: nextOf(found, page, ({ guid }) => guid) } },
      }
    },
  })
  addAccountRoute(app, door, {
    method: 'GET',
    url: `${url}/:guid`,
    action: 'hs-crypto.instance.read',
    target: ({ caller, params }) => {
      const instance = visibleInstance(parts, caller.account, params['guid'])
      const home = door.accounts.find(caller.account)?.home ?? ''
      if (instance === undefined) return { id: serviceCrn(door.cname, home, caller.account), name: '' }
      return { id: instance.crn, name: instance.name }
    },
    schema: {
      tags,
      summary: 'Read a service instance, and how much it holds',
      response: {
        200: Type.Object({
          ...View.properties,
          inventory: Inventory,
          clientCertificates: ClientCertificates,
        }),
      },
    },
    operation: ({ caller, params }) => {
      const instance = visibleInstance(parts, caller.account, params['guid'])
      if (instance === undefined || !access.maySeeInstance(caller, instance)) throw new Refusal('NOT_FOUND')
      const { nextExpiry, ...certificates } = inventories.clientCertificates(instance.guid)
      const clientCertificates = { ...certificates, nextExpiry: nextExpiry === null ? null : timestamp(nextExpiry) }
      const inventory = inventories.of(instance.guid)
      return { code: 200, result: { body: { ...viewOf(instance), inventory, clientCertificates } } }
    },
  })
}

function visibleInstance(parts: InstanceRouteParts, account: string, guid: string | undefined): Instance | undefined {
  if (guid === undefined || !guidPattern.test(guid)) return undefined
  const instance = parts.instances.find(guid.toLowerCase())
  return instance?.account === account ? instance : undefined
}

function viewOf(instance: Instance): object {
  const { guid, name, location, resourceGroup, crn, createdAt } = instance
  return { guid, name, location, resourceGroup, crn, createdAt: timestamp(createdAt) }
}
