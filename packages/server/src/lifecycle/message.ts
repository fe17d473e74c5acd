/** What an adopting service is told: what happened to a key, which of its resources that concerns, until when. */
import { resourceCrn } from '../instances/instance.ts'
import { formatDate } from '../keys/date.ts'
import type { NewMessage } from '../outbound/messages.ts'
import type { LifecycleAction } from './actions.ts'
import { adopterStateFor, eventTypes, messageTypes } from './told.ts'

export interface LifecycleNews {
  readonly action: LifecycleAction
  readonly instanceCrn: string
  /** Key ring; null when the key is gone. */
  readonly ring: string | null
  /** Told before: a synchronisation. Only the message itself says so. */
  readonly isRepeated?: boolean
}

/** Resources of one service. */
interface Concerned {
  /** The first of them by CRN. */
  readonly resources: readonly string[]
  readonly totalResources: number
}

export interface Addressee extends Concerned {
  readonly target: string
}

/** In the shape that Standard Webhooks proposes: type, timestamp, data. Nothing of it is secret; names are left out. */
export function lifecycleNews({ action, instanceCrn, ring, isRepeated }: LifecycleNews, concerned: Concerned): object {
  const { act, oldVersion, oldVersionAt, correlationId } = action
  return {
    type: messageTypes[act],
    timestamp: formatDate(action.startedAt),
    data: {
      eventId: action.id,
      eventType: eventTypes[act],
      ...(isRepeated === undefined ? {} : { isRepeated }),
      instanceId: action.instance,
      keyId: action.key,
      keyCrn: resourceCrn({ crn: instanceCrn }, 'key', action.key),
      ...(ring === null ? {} : { keyRingId: ring }),
      keyState: action.keyState,
      adopterKeyState: adopterStateFor(action.keyState),
      keyVersion: { id: action.version, creationDate: formatDate(action.versionAt) },
      ...(oldVersion === null || oldVersionAt === null
        ? {}
        : { oldKeyVersion: { id: oldVersion, creationDate: formatDate(oldVersionAt) } }),
      ...(correlationId === null ? {} : { correlationId }),
      acknowledgeBefore: formatDate(action.dueAt),
      resources: concerned.resources,
      totalResources: concerned.totalResources,
    },
  }
}

export function lifecycleMessage(id: string, news: LifecycleNews, to: Addressee): NewMessage {
  const { act, dueAt } = news.action
  const body = JSON.stringify(lifecycleNews(news, to))
  return { id, target: to.target, type: messageTypes[act], body, expiresAt: dueAt }
}
