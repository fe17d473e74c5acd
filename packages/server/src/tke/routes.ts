/** `/v1/tke/{instance}/…`: the endpoints that TKE clients call (TKE reference, section 1), whatever stands before them. */
import type { ActionName } from '@keywitness/cadf'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Done, Seen } from '../audit.ts'
import { Refusal } from '../errors.ts'
import type { Answer } from '../http/answer.ts'
import { jsonBody } from '../http/body.ts'
import { passDoor, type Passage } from '../http/door.ts'
import { bodyReader } from '../http/schema.ts'
import { readMasterKeys, type Rotation } from '../units/master-keys.ts'
import type { Rotations } from '../units/rotation.ts'
import { actionAimedAt, askedOf } from '../units/unit-command.ts'
import type { CommandEvent } from '../units/unit-events.ts'
import type { UnitView } from '../units/units.ts'
import { addFailoverRoutes, type FailoverRouteParts } from './failover-routes.ts'
import { entryOf, UnitEntry } from './unit-entry.ts'
import { statesOf, UnitStates } from './unit-states.ts'
import { answerQuery, known, mayPass, namedBy, namedFor, permit, placeOf, type Named } from './unit-request.ts'

export interface TkeRouteParts extends FailoverRouteParts {
  readonly rotations: Rotations
}

const tags = ['crypto units']
const root = '/v1/tke/:instance'
/** Longest body: eight signatures on each of twenty key parts are less. */
const bodyBytes = 128 * 1024

const CommandBody = Type.Object({ request: Type.String({ description: 'HTPRequest' }) })
const CommandAnswer = Type.Object({ response: Type.String({ description: 'HTPResponse' }) })
const UnitList = Type.Object({
  hsms: Type.Array(UnitEntry),
  source_hsms: Type.Array(UnitEntry),
  failover_hsms: Type.Array(UnitEntry),
  backup_region: Type.Optional(Type.String({ description: 'Where the failover units are, if there are any.' })),
  metadata: Type.Array(Type.Object({ collectionType: Type.String(), collectionTotal: Type.Integer() })),
})
const RotationView = Type.Object({
  status: Type.Enum(['none', 'started', 'rewrapped', 'finished', 'failed']),
  message: Type.String(),
  rewrapped: Type.String(),
  total: Type.String(),
  from: Type.String(),
  to: Type.String(),
})

export function addTkeRoutes(app: FastifyInstance, parts: TkeRouteParts): void {
  const config = { errorForm: 'problem', bodyBytes } as const
  app.get(
    `${root}/hsms`,
    { config, schema: { tags, summary: 'List the crypto units of an instance', response: { 200: UnitList } } },
    (request, reply) => answerQuery(parts, request, reply, async ({ guid }) => listOf(await parts.units.view(guid))),
  )
  app.get(
    `${root}/units`,
    {
      config,
      schema: {
        tags,
        summary: 'Crypto units with their administrators, thresholds and registers, and what comes next (ours)',
        response: { 200: UnitStates },
      },
    },
    (request, reply) =>
      answerQuery(parts, request, reply, async ({ guid }) =>
        statesOf(await parts.units.view(guid), readMasterKeys(parts.store), guid),
      ),
  )
  app.get(
    `${root}/root`,
    {
      config,
      schema: {
        tags,
        summary: 'The root that the device certificates of the crypto units hang from',
        response: { 200: Type.Object({ ski: Type.String(), x: Type.String(), y: Type.String() }) },
      },
    },
    (request, reply) => answerQuery(parts, request, reply, () => parts.units.root()),
  )
  app.get(
    `${root}/key_roll`,
    { config, schema: { tags, summary: 'How far a master key rotation is', response: { 200: RotationView } } },
    (request, reply) => answerQuery(parts, request, reply, async ({ guid }) => rotationOf(parts, guid)),
  )
  app.put(
    `${root}/key_roll`,
    { config, schema: { tags, summary: 'Begin a master key rotation', response: { 200: RotationView } } },
    (request, reply) => beginRotation(parts, request, reply),
  )
  app.post(
    `${root}/hsms/:unit`,
    {
      config,
      schema: {
        tags,
        summary: 'Send one HTPRequest to a crypto unit',
        body: CommandBody,
        response: { 200: CommandAnswer },
      },
    },
    (request, reply) => carryRequest(parts, request, reply),
  )
  addFailoverRoutes(app, parts)
}

function listOf(units: readonly UnitView[]): object {
  const of = (type: UnitView['type']): object[] => units.filter((unit) => unit.type === type).map(entryOf)
  const backupRegion = /^\[([^\]]+)\]/.exec(units.find(({ type }) => type === 'failover')?.location ?? '')?.[1]
  return {
    hsms: of('operational'),
    source_hsms: of('recovery'),
    failover_hsms: of('failover'),
    ...(backupRegion === undefined ? {} : { backup_region: backupRegion }),
    metadata: [{ collectionType: 'application/vnd.ibm.tke.hsm+json', collectionTotal: units.length }],
  }
}

const rotationMessages = {
  none: 'The master key of this instance was never rotated.',
  started: 'Key material is wrapped under the new master key.',
  failed: 'Some key material does not open under the old master key; ask for the rotation again to try it once more.',
  rewrapped: 'All key material is wrapped under the new master key: activate it in each crypto unit.',
  finished: 'The rotation is finished.',
} as const

/** Values are texts: clients decode the answer into a map of strings (TKE reference, section 1.5). */
function rotationOf({ store }: TkeRouteParts, instance: string): object {
  const keys = readMasterKeys(store)
  const rotation = keys.rotation(instance)
  const status = rotation === undefined ? 'none' : statusOf(rotation)
  const { former: from = '', pattern: to = '', total = 0 } = rotation ?? {}
  const left = rotation?.state === 'started' ? keys.countUnder(instance, from) : 0
  return {
    status,
    message: rotationMessages[status],
    rewrapped: String(Math.max(0, total - left)),
    total: String(total),
    from,
    to,
  }
}

function statusOf({ state, broken }: Rotation): keyof typeof rotationMessages {
  return state === 'started' && broken > 0 ? 'failed' : state
}

function beginRotation(parts: TkeRouteParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const action = 'hs-crypto.tke-master-key-rotation.start'
  return passDoor<typeof action>(parts.door, request, reply, action, (caller) => {
    const named = namedBy(parts, request)
    return {
      action,
      ...placeOf(parts, request, caller, named),
      ...instanceOf(named),
      operation: async (seen, { network }) => {
        const { guid } = permit(parts, request, caller, named, network)
        const done = parts.rotations.begin(guid, caller.id, await parts.units.view(guid), seen)
        const total = seen.response.totalResources ?? 0
        const { 'initialValue.verificationPattern': from = '', verificationPattern: to = '' } = seen.request
        const message = rotationMessages.started
        const body = { status: 'started', message, rewrapped: '0', total: String(total), from, to }
        return { ...done, result: { body, type: 'application/json' } }
      },
    }
  })
}

const readCommand = bodyReader(CommandBody)

async function carryRequest(parts: TkeRouteParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  // Read before anything waits for it: a slow sender holds up nobody's turn.
  const body = await jsonBody(request)
  const text = textOf(body)
  const asked = text === undefined ? 'nothing' : askedOf(text)
  if (text !== undefined && asked === 'query') {
    return answerQuery(parts, request, reply, async (_, { unit }) => {
      if (unit === undefined) throw new Refusal('NOT_FOUND')
      return { response: await parts.units.ask(unit, text) }
    })
  }
  const action = actionAimedAt(asked)
  const caller = await known(parts, request, action)
  // What belongs to another account is recorded as what does not exist.
  const named = namedFor(caller, namedBy(parts, request))
  const pass = (refusal?: Refusal, event?: CommandEvent): Promise<FastifyReply> =>
    passDoor(parts.door, request, reply, action, (): Passage<ActionName> => ({
      action: event?.action ?? action,
      ...placeOf(parts, request, caller, named),
      ...instanceOf(named),
      operation: async (seen, { network }) => {
        if (named.unit !== undefined) seen.request = { location: named.unit.location }
        permit(parts, request, caller, named, network)
        const command = readCommand(body())
        if (refusal !== undefined) throw refusal
        if (event === undefined) throw new Refusal('NOT_FOUND')
        return answerOf(parts, named, event, command.request, seen)
      },
    }))
  const { unit } = named
  // Who may not, or says nothing, waits for nobody's turn, and nobody for his.
  if (unit === undefined || text === undefined || !mayPass(parts, request, caller, named)) return pass()
  if (parts.units.isFull(unit.unit)) return pass(new Refusal('UNIT_UNAVAILABLE'))
  let isTaken = false
  const inTurn = async (): Promise<FastifyReply> => {
    isTaken = true
    let event
    try {
      event = await parts.units.eventOf(unit, text)
    } catch (error) {
      if (error instanceof Refusal) return pass(error)
      throw error
    }
    return pass(undefined, event)
  }
  try {
    return await parts.units.inTurn(unit.unit, inTurn)
  } catch (error) {
    // Whoever waited for too long is told so, on record.
    if (isTaken || !(error instanceof Refusal)) throw error
    return pass(error)
  }
}

async function answerOf(
  parts: TkeRouteParts,
  { unit }: Named,
  event: CommandEvent,
  text: string,
  seen: Seen<ActionName>,
): Promise<Done<Answer>> {
  if (unit === undefined) throw new Refusal('NOT_FOUND')
  const done = await parts.units.carryOut(unit, text, event, seen)
  return { ...done, result: { body: { response: done.result }, type: 'application/json' } }
}

/** The HTPRequest of a body; undefined when the body is none, which the operation refuses. */
function textOf(body: Awaited<ReturnType<typeof jsonBody>>): string | undefined {
  try {
    return readCommand(body()).request
  } catch {
    return undefined
  }
}

function instanceOf({ instance }: Named): { instance?: string } {
  return instance === undefined ? {} : { instance: instance.guid }
}
