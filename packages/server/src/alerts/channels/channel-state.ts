/** How a channel is, by how its deliveries went. */
import type { ChannelRow } from './channel-rows.ts'

export type ChannelState = 'ok' | 'failing' | 'off' | 'untried'

export function channelState(row: Pick<ChannelRow, 'isOn' | 'failingSince' | 'deliveredAt'>): ChannelState {
  if (row.isOn === 0) return 'off'
  if (row.failingSince !== null) return 'failing'
  return row.deliveredAt === null ? 'untried' : 'ok'
}
