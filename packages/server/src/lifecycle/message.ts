/** The message an adopting service gets: what happened to a key, which of its resources that concerns, until when. */
import { resourceCrn } from '../instances/instance.ts'
import { formatDate } from '../keys/date.ts'
import type { KeyRow } from '../keys/key-row.ts'
import type { NewMessage } from '../outbound/messages.ts'
import { adopterStateFor, eventTypes, messageTypes, type ToldAct } from './told.ts'

export interface LifecycleNews {
  /** What the service acknowledges. */
  readonly eventId: string
  readonly act: ToldAct
  /** Told before: a synchronisation. */
  readonly isRepeated: boolean
  /** As it is after the action. */
  readonly key: KeyRow
  readonly instanceCrn: string
  readonly oldVersion: { readonly id: string; readonly createdAt: number } | undefined
  readonly correlationId: string | undefined
  readonly at: number
  readonly dueAt: number
}

export interface Addressee {
  readonly target: string
  /** Resources of this service, the first of them by CRN. */
  readonly resources: readonly string[]
  readonly totalResources: number
}

/** In the shape that Standard Webhooks proposes: type, timestamp, data. Nothing of it is secret; names are left out. */
export function lifecycleMessage(id: string, news: LifecycleNews, to: Addressee): NewMessage {
  const { key, act, oldVersion, correlationId } = news
  const body = {
    type: messageTypes[act],
    timestamp: formatDate(news.at),
    data: {
      eventId: news.eventId,
      eventType: eventTypes[act],
      isRepeated: news.isRepeated,
      instanceId: key.instance,
      keyId: key.id,
      keyCrn: resourceCrn({ crn: news.instanceCrn }, 'key', key.id),
      keyRingId: key.ring,
      keyState: key.state,
      adopterKeyState: adopterStateFor(key.state),
      keyVersion: { id: key.newest, creationDate: formatDate(key.newestAt) },
      ...(oldVersion === undefined
        ? {}
        : { oldKeyVersion: { id: oldVersion.id, creationDate: formatDate(oldVersion.createdAt) } }),
      ...(correlationId === undefined ? {} : { correlationId }),
      acknowledgeBefore: formatDate(news.dueAt),
      resources: to.resources,
      totalResources: to.totalResources,
    },
  }
  return { id, target: to.target, type: messageTypes[act], body: JSON.stringify(body), expiresAt: news.dueAt }
}
