/** What dates bring by themselves: states that change at their time, witnessed as done by the service (KMIP 1.4, section 3.22). */
import { randomUUID } from 'node:crypto'
import type { Audit, Part } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import type { Instance } from '../instances/instance.ts'
import type { Instances } from '../instances/instances.ts'
import { formatDate } from '../keys/date.ts'
import { systemCircumstances } from '../system-caller.ts'
import type { TimerJob } from '../timers/timers.ts'
import type { ObjectStore, Place } from './objects/object-store.ts'
import { ACTIVE } from './objects/states.ts'
import { nameOf, objectCrn } from './operations/object-of-item.ts'
import { type DueTransition, Workspace } from './workspace.ts'

/** Objects of one run: they share a commit. */
const objectsAtOnce = 100

export interface DueParts {
  /** Name of the service as an initiator. */
  readonly serviceName: string
}

/** Events of changes that fell due, whoever came upon them; at the time of their dates. */
export function dueParts(
  due: readonly DueTransition[],
  instance: Instance,
  { serviceName }: DueParts,
  correlationId: string = randomUUID(),
): Part[] {
  const circumstances = systemCircumstances(instance, serviceName, correlationId)
  return due.map(({ object, from, to, at }) => ({
    action: to === ACTIVE ? 'hs-crypto.kmip-key.activate' : 'hs-crypto.kmip-key.revoke',
    circumstances,
    code: 200,
    seen: {
      target: { id: objectCrn({ instance }, object.id), name: nameOf(object) },
      request: { adapterId: object.adapter },
      response: {
        keyId: object.id,
        'initialValue.kmipState': from,
        'newValue.kmipState': to,
        [to === ACTIVE ? 'activationDate' : 'deactivationDate']: formatDate(at),
      },
    },
  }))
}

export interface DueJobParts extends DueParts {
  readonly objects: ObjectStore
  readonly instances: Pick<Instances, 'find'>
  readonly audit: Pick<Audit, 'witnessAll'>
  readonly clock: Pick<Clock, 'now'>
}

/** Writes down what fell due while nobody looked. */
export function dueJob(parts: DueJobParts): TimerJob {
  const { objects } = parts
  return {
    name: 'dates of KMIP objects',
    nextDue: () => objects.nextDue(),
    run: async (now) => {
      const results = await Promise.allSettled(objects.due(now, objectsAtOnce).map((one) => bringForward(one, parts)))
      for (const result of results) {
        // Somebody was quicker each time: what is left is due again.
        if (result.status === 'rejected' && !(result.reason instanceof Refusal && result.reason.code === 'CONFLICT')) {
          throw result.reason
        }
      }
    },
  }
}

async function bringForward({ id, ...place }: Place & { readonly id: string }, parts: DueJobParts): Promise<void> {
  const { objects, instances, audit, clock, serviceName } = parts
  const instance = instances.find(place.instance)
  if (instance === undefined) throw new Error('kmip: an object without its instance')
  const correlationId = randomUUID()
  await audit.witnessAll(systemCircumstances(instance, serviceName, correlationId), () => {
    const workspace = new Workspace({ objects, place, now: clock.now() })
    workspace.find(id)
    return Promise.resolve({
      result: undefined,
      parts: dueParts(workspace.due(), instance, parts, correlationId),
      changes: workspace.changes(),
      conditions: workspace.conditions(),
    })
  })
}
