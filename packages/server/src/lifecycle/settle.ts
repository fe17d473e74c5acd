/** Ends a lifecycle action with its event: all acknowledged, a state that contradicts, or four hours over (section 8.9). */
import type { Audit, Done, Operation } from '../audit.ts'
import type { Caller } from '../caller.ts'
import type { Clock } from '../clock.ts'
import { resourceCrn } from '../instances/instance.ts'
import type { Instances } from '../instances/instances.ts'
import { formatDate } from '../keys/date.ts'
import { endAction, type LifecycleAction, type LifecycleActions } from './actions.ts'
import { completions, eventTypes } from './told.ts'

export interface SettleParts {
  readonly actions: LifecycleActions
  readonly instances: Pick<Instances, 'find'>
  readonly audit: Audit
  readonly clock: Pick<Clock, 'now'>
  /** The server itself, for what nobody's call ends. */
  readonly systemCaller: (account: string) => Caller
}

type Completion = (typeof completions)[keyof typeof completions]

export interface Settling {
  /**
   * Records the end of an action, if it has come. Two at once for one action are one.
   * @param caller the service whose acknowledgement ended it; otherwise the server itself
   * @throws Refusal when it could not be recorded: it stays as it is and is ended later
   */
  settle(id: string, caller?: Caller): Promise<void>
}

export function createSettling(parts: SettleParts): Settling {
  const underWay = new Map<string, Promise<void>>()
  return {
    settle: async (id, caller) => {
      // Who waited looks again: another one that waited may have begun meanwhile.
      for (let before = underWay.get(id); before !== undefined; before = underWay.get(id)) {
        await before.catch(() => undefined)
      }
      const work = settleOne(id, caller, parts)
      underWay.set(id, work)
      try {
        await work
      } finally {
        underWay.delete(id)
      }
    },
  }
}

async function settleOne(id: string, caller: Caller | undefined, parts: SettleParts): Promise<void> {
  const action = parts.actions.find(id)
  if (action === undefined || endOf(action, parts.clock.now()) === undefined) return
  const instance = parts.instances.find(action.instance)
  if (instance === undefined) throw new Error(`lifecycle: the instance of action ${id} is gone`)
  await parts.audit.witness(
    completions[action.act],
    {
      caller: caller ?? parts.systemCaller(instance.account),
      destination: { account: instance.account, location: instance.location },
      logSourceCRN: instance.crn,
      instanceID: instance.guid,
      ...(action.correlationId === null ? {} : { correlationId: action.correlationId }),
    },
    { id: resourceCrn(instance, 'key', action.key), name: action.keyName },
    completing(id, parts),
  )
}

/** Which end an action has come to: the contradiction outranks the rest, for it stays true whatever comes later. */
function endOf(action: LifecycleAction, now: number): 'conflict' | 'completed' | 'overdue' | undefined {
  if (action.state !== 'pending') return undefined
  if (action.conflicting !== null) return 'conflict'
  if (action.remaining === 0) return 'completed'
  return action.dueAt <= now ? 'overdue' : undefined
}

/** Decides again on what was acknowledged meanwhile: an action that has come to an end never gets away from one. */
function completing(id: string, parts: SettleParts): Operation<Completion, undefined> {
  return (seen): Done<undefined> => {
    const action = parts.actions.find(id)
    const end = action === undefined ? undefined : endOf(action, parts.clock.now())
    if (action === undefined || end === undefined) throw new Error(`lifecycle: action ${id} has no end to record`)
    const last = parts.actions.lastAcknowledgement(id)
    seen.response['eventAckData.eventId'] = action.id
    seen.response['eventAckData.eventType'] = eventTypes[action.act]
    seen.response['eventAckData.keyState'] = last?.reported ?? undefined
    if (typeof last?.acknowledgedAt === 'number') {
      seen.response['eventAckData.eventAckTimeStamp'] = formatDate(last.acknowledgedAt)
    }
    if (action.act === 'rotate') {
      seen.response['eventAckData.newKeyVersionId'] = action.version
      seen.response['eventAckData.newKeyVersionCreationDate'] = formatDate(action.versionAt)
      if (action.oldVersion !== null) seen.response['eventAckData.oldKeyVersionId'] = action.oldVersion
      if (action.oldVersionAt !== null) {
        seen.response['eventAckData.oldKeyVersionCreationDate'] = formatDate(action.oldVersionAt)
      }
    }
    const changes = [endAction(action, end)]
    if (end === 'completed') return { result: undefined, code: 200, changes }
    const failure =
      end === 'conflict'
        ? "The adopting service's key state conflicts with the state of the key."
        : `The services of ${action.remaining} registered resources did not acknowledge the ${eventTypes[action.act]} within 4 hours.`
    seen.response.reasonForFailure = failure
    seen.response.resourceCRN = action.conflicting ?? parts.actions.firstPending(id)?.crn
    return { result: undefined, code: end === 'conflict' ? 409 : 408, changes, failure }
  }
}
