/** Failover units over HTTP: in which locations they can be, and the request for them (TKE reference, section 1.2). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../errors.ts'
import { jsonBody } from '../http/body.ts'
import { passDoor } from '../http/door.ts'
import { queryOf } from '../http/request-facts.ts'
import { badParameter, bodyReader } from '../http/schema.ts'
import { answerKnown, namedBy, permit, placeOf, type TkeParts } from './unit-request.ts'
import { entryOf, UnitEntry } from './unit-entry.ts'

export interface FailoverRouteParts extends TkeParts {
  /** Locations that this server has. */
  readonly locations: readonly string[]
}

const tags = ['crypto units']

const FailoverBody = Type.Object({
  numberOfHsmsRequested: Type.Integer({
    minimum: 0,
    maximum: 255,
    description: 'How many failover units the instance is to have: 2 or 3, no more than operational ones.',
  }),
})
const FailoverAnswer = Type.Object({ backup_region: Type.String(), failover_hsms: Type.Array(UnitEntry) })
const TypeQuery = Type.Object({ type: Type.Enum(['failover']) })

export function addFailoverRoutes(app: FastifyInstance, parts: FailoverRouteParts): void {
  const config = { errorForm: 'problem' } as const
  app.get(
    '/v1/tke/availableBackupRegions',
    {
      config,
      schema: {
        tags,
        summary: 'List the locations that failover units can be in, for an instance that is elsewhere',
        querystring: TypeQuery,
        response: { 200: Type.Object({ availableBackupRegions: Type.Array(Type.String()) }) },
      },
    },
    (request, reply) =>
      answerKnown(parts, request, reply, () => {
        demandType(request)
        return { availableBackupRegions: parts.locations }
      }),
  )
  app.post(
    '/v1/tke/:instance/hsmAssignment/:region',
    {
      config,
      schema: {
        tags,
        summary: 'Add failover units to an instance, in another location',
        querystring: TypeQuery,
        body: FailoverBody,
        response: { 200: FailoverAnswer },
      },
    },
    (request, reply) => assign(parts, request, reply),
  )
}

const readWish = bodyReader(FailoverBody)

async function assign(parts: FailoverRouteParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const body = await jsonBody(request)
  const action = 'hs-crypto.tke-cryptounit-failover.enable'
  return passDoor<typeof action>(parts.door, request, reply, action, (caller) => {
    const named = namedBy(parts, request)
    return {
      action,
      ...placeOf(parts, request, caller, named),
      ...(named.instance === undefined ? {} : { instance: named.instance.guid }),
      operation: async (seen, { network }) => {
        const instance = permit(parts, request, caller, named, network)
        demandType(request)
        const { numberOfHsmsRequested: count } = readWish(body())
        seen.request = { failoverUnits: count }
        const { region = '' } = request.params as { readonly region?: string }
        if (region === instance.location || !parts.locations.includes(region)) throw new Refusal('FAILOVER_REGION')
        const done = await parts.units.enableFailover({ instance, region, count }, seen)
        const units = done.result.map((unit) => entryOf({ ...unit, standing: 'imprint' }))
        return { ...done, result: { body: { backup_region: region, failover_hsms: units }, type: 'application/json' } }
      },
    }
  })
}

/** Units of other types are asked for with the instance. */
function demandType(request: FastifyRequest): void {
  if (queryOf(request).get('type') !== 'failover') throw badParameter('type')
}
