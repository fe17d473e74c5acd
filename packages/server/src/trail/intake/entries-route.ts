/** Where batches of other servers arrive: who sends one is known, and has room, before any of it is read. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Caller } from '../../caller.ts'
import { Refusal } from '../../errors.ts'
import { type AccountRequest, type AccountRequestHead, headOfRequest } from '../../http/account-route.ts'
import { Denied } from '../../http/authenticate.ts'
import { rawBodyOf } from '../../http/body.ts'
import { accountCircumstances, recordDenied, refusalRecorded } from '../../http/door.ts'
import { limits } from '../../limits.ts'
import { isBoundTo } from './delivering-producers.ts'
import { DeliveryRoom } from './delivery-room.ts'
import { batchBounds } from './entry-batch.ts'
import type { ProducerRoutesParts } from './producer-routes.ts'
import type { TrackerRow } from '../trail.ts'

interface EntriesRouteParts extends ProducerRoutesParts {
  /** @throws Refusal when the caller may not deliver there, or there is no tracker */
  readonly deliveredTo: (request: Pick<AccountRequest, 'caller' | 'params'>) => TrackerRow
}

/** A batch that is let in. */
interface Admitted {
  readonly head: AccountRequestHead
  readonly row: TrackerRow
  readonly producer: string
  /** What the log must hold of the producer already; undefined when the sender does not say. */
  readonly after: number | undefined
  /** Gives its room back. */
  readonly release: () => void
}

const action = 'activity-tracker.entries.deliver'

export function addEntriesRoute(app: FastifyInstance, parts: EntriesRouteParts): void {
  const { door, trail, clock, delivering, deliveredTo, place, target } = parts
  const room = new DeliveryRoom(limits)
  const admitted = new WeakMap<FastifyRequest, Admitted>()

  const requireBound = (row: TrackerRow, producer: string, { id }: Caller): void => {
    if (!isBoundTo(delivering.find(row, producer), id)) throw new Refusal('NOT_FOUND')
  }

  const recorded = async (request: FastifyRequest, head: AccountRequestHead, error: unknown): Promise<unknown> => {
    if (!(error instanceof Refusal)) return error
    const circumstances = { ...accountCircumstances(door, request, head.caller), ...place(head) }
    return await refusalRecorded(door, action, circumstances, target(head), error)
  }

  const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    request.action = action
    let caller: Caller
    try {
      caller = await door.authenticator.authenticate(request)
    } catch (error) {
      throw error instanceof Denied ? await recordDenied(door, request, action, error) : error
    }
    request.holder = caller.id
    const head = headOfRequest(door, request, caller)
    try {
      const row = deliveredTo(head)
      const producer = head.params['producer'] ?? ''
      requireBound(row, producer, caller)
      const after = afterOf(head.query)
      const bytes = bytesOf(request)
      if (bytes > batchBounds.bodyBytes) throw new Refusal('BODY_TOO_LARGE')
      const release = room.take(row.account, bytes)
      admitted.set(request, { head, row, producer, after, release })
      // A sender that leaves before its batch is whole never gets to the handler.
      reply.raw.once('close', () => {
        if (admitted.delete(request)) release()
      })
    } catch (error) {
      throw await recorded(request, head, error)
    }
  }

  // A batch is not recorded once more: its entries are what the log holds of it. Who may not deliver is recorded.
  app.post(
    '/v1/trackers/:location/producers/:producer/entries',
    {
      config: { errorForm: 'problem', bodyBytes: batchBounds.bodyBytes },
      schema: {
        summary: 'Deliver a batch of entries; an empty one tells how far the producer is',
        description: 'The form of a batch: docs/reference/delivery.md.',
        tags: ['trail'],
        params: Type.Object({ location: Type.String(), producer: Type.String() }),
        querystring: Type.Object({
          after: Type.Optional(
            Type.Integer({ description: 'The number that the log must hold of the producer already' }),
          ),
        }),
      },
      onRequest: admit,
    },
    async (request: FastifyRequest, reply: FastifyReply) => {
      const { head, row, producer, after, release } = admitted.get(request) as Admitted
      admitted.delete(request)
      try {
        // Its body may have taken a while.
        if (!head.stillGood()) throw new Refusal('UNAUTHENTICATED')
        requireBound(row, producer, head.caller)
        const { bytes, isTooLarge } = rawBodyOf(request)
        if (isTooLarge) throw new Refusal('BODY_TOO_LARGE')
        const batch = { producer, body: bytes, received: clock.now(), ...(after === undefined ? {} : { after }) }
        const { last, ...log } = await trail.append(row, batch)
        return await reply.send({ ...log, last: last ?? null })
      } catch (error) {
        throw await recorded(request, head, error)
      } finally {
        release()
      }
    },
  )
}

/** Bytes that the body will have; the most it may have when its sender does not say. */
function bytesOf({ headers }: FastifyRequest): number {
  if (headers['transfer-encoding'] !== undefined) return batchBounds.bodyBytes
  return Number(headers['content-length'] ?? 0)
}

function afterOf(query: URLSearchParams): number | undefined {
  const after = query.get('after')
  if (after === null) return undefined
  if (/^\d{1,15}$/.test(after)) return Number(after)
  throw new Refusal('INVALID_QUERY_PARAM_ERR', { at: { type: 'query_param', name: 'after' } })
}
