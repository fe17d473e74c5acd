/** A channel as the API shows it: never its secret. */
import { timestamp } from '../../http/schema.ts'
import type { Messages } from '../../outbound/messages.ts'
import type { Targets } from '../../outbound/targets.ts'
import { channelState } from './channel-state.ts'
import type { ChannelRow } from './channel-rows.ts'
import { settingsShown } from './settings.ts'

export interface ChannelViewParts {
  readonly messages: Messages
  readonly targets: Targets
}

/** What everybody may see who watches. */
export function channelSummary(row: ChannelRow, messages: Messages): { readonly [member: string]: unknown } {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    minimum: row.minimum,
    isOn: row.isOn === 1,
    state: channelState(row),
    waiting: messages.count(row.target, 'waiting'),
    dead: messages.count(row.target, 'dead'),
    createdAt: timestamp(row.createdAt),
    ...(row.deliveredAt === null ? {} : { lastDeliveredAt: timestamp(row.deliveredAt) }),
    ...(row.failingSince === null ? {} : { failingSince: timestamp(row.failingSince) }),
    ...(row.problem === null ? {} : { problem: row.problem }),
    ...(row.digestAt === null ? {} : { lastDigestAt: timestamp(row.digestAt) }),
  }
}

export function channelView(row: ChannelRow, { messages, targets }: ChannelViewParts): object {
  return {
    ...channelSummary(row, messages),
    settings: settingsShown(row),
    hasSecret: (targets.secret(row.target) ?? '') !== '',
  }
}
