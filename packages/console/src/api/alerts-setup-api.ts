/** Calls that set alerting up: rules, calendars and channels are written, and what did not arrive is sent again. */
import type {
  Calendar,
  Channel,
  ChannelChange,
  ChannelMessage,
  NewChannel,
  RuleDocument,
  RuleVersion,
  RuleView,
} from './alert-types.ts'
import type { Calls } from './client.ts'
import type { Part } from './types.ts'

export interface AlertsSetupApi {
  rule(id: string): Promise<RuleView>
  /** Newest first. */
  versions(id: string, signal?: AbortSignal): Promise<readonly RuleVersion[]>
  /** @param rule as docs/reference/rules.md has it; the server says what is wrong with it, and where */
  createRule(rule: object): Promise<RuleView>
  /** @param version the one that this follows: refused as `CONFLICT` when there is another by now */
  changeRule(id: string, rule: object, version: number): Promise<RuleView>
  deleteRule(id: string, reason: string): Promise<void>
  /** Rules and calendars as the file that is taken in again, here or by the command line. */
  exportRules(): Promise<RuleDocument>
  calendars(signal?: AbortSignal): Promise<readonly Calendar[]>
  /** Makes it when there is none of its id. */
  putCalendar(calendar: { readonly id: string }): Promise<Calendar>
  deleteCalendar(id: string): Promise<void>
  /** With the signing secret that the server made for a webhook: told this once. */
  createChannel(channel: NewChannel): Promise<Channel & { readonly signingSecret?: string }>
  changeChannel(id: string, change: ChannelChange): Promise<Channel>
  deleteChannel(id: string): Promise<void>
  messages(
    channel: string,
    state: ChannelMessage['state'],
    after: string | null,
    signal?: AbortSignal,
  ): Promise<Part<ChannelMessage>>
  resendMessage(channel: string, message: string): Promise<void>
}

const messagesLimit = 50

export function createAlertsSetupApi({ send, read }: Calls, location: string): AlertsSetupApi {
  const part = encodeURIComponent
  const tracker = `/v1/trackers/${part(location)}`
  const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
    read<T>(`${tracker}${path}`, { cache: 'no-store', ...(signal === undefined ? {} : { signal }) })
  const write = <T>(method: 'POST' | 'PUT', path: string, body: object): Promise<T> =>
    read<T>(`${tracker}${path}`, said(method, body))
  const remove = async (path: string, body?: object): Promise<void> => {
    await send(`${tracker}${path}`, body === undefined ? { method: 'DELETE' } : said('DELETE', body))
  }
  return {
    rule: (id) => get(`/rules/${part(id)}`),
    versions: async (id, signal) =>
      (await get<{ versions: readonly RuleVersion[] }>(`/rules/${part(id)}/versions`, signal)).versions,
    createRule: (rule) => write('POST', '/rules', { rule }),
    changeRule: (id, rule, version) => write('PUT', `/rules/${part(id)}`, { rule, version }),
    deleteRule: (id, reason) => remove(`/rules/${part(id)}`, { reason }),
    exportRules: () => get('/rules/export'),
    calendars: async (signal) => (await get<{ calendars: readonly Calendar[] }>('/calendars', signal)).calendars,
    putCalendar: (calendar) => write('PUT', `/calendars/${part(calendar.id)}`, calendar),
    deleteCalendar: (id) => remove(`/calendars/${part(id)}`),
    createChannel: (channel) => write('POST', '/channels', channel),
    changeChannel: (id, change) => write('PUT', `/channels/${part(id)}`, change),
    deleteChannel: (id) => remove(`/channels/${part(id)}`),
    async messages(channel, state, after, signal) {
      const params = new URLSearchParams({
        state,
        limit: String(messagesLimit),
        ...(after === null ? {} : { after }),
      })
      const { messages, next } = await get<{ messages: readonly ChannelMessage[]; next: string | null }>(
        `/channels/${part(channel)}/messages?${params}`,
        signal,
      )
      return { items: messages, next }
    },
    async resendMessage(channel, message) {
      await send(`${tracker}/channels/${part(channel)}/messages/${part(message)}/resend`, { method: 'POST' })
    },
  }
}

function said(method: string, body: object): RequestInit {
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
}
