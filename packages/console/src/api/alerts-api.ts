/** Calls about the alerts, rules, mutes and channels of one tracker. */
import type {
  Alert,
  AlertDetail,
  AlertingStatus,
  AlertsPage,
  AlertsQuery,
  Channel,
  Mute,
  NewMute,
  RuleTest,
  RuleView,
} from './alert-types.ts'

/** What people do about an alert, and what each step says. */
export type AlertAction =
  | { readonly kind: 'acknowledge'; readonly comment?: string }
  /** To nobody: null. */
  | { readonly kind: 'assign'; readonly assignee: string | null }
  | { readonly kind: 'comment' | 'close' | 'reopen'; readonly comment: string }

export interface AlertsApi {
  status(signal?: AbortSignal): Promise<AlertingStatus>
  /** Newest first. */
  list(query: AlertsQuery, page: { limit: number; after?: string }, signal?: AbortSignal): Promise<AlertsPage>
  alert(id: string, signal?: AbortSignal): Promise<AlertDetail>
  act(id: string, action: AlertAction): Promise<Alert>
  rules(signal?: AbortSignal): Promise<readonly RuleView[]>
  turnRule(id: string, isOn: boolean, reason: string): Promise<RuleView>
  /** @param from RFC 3339, or relative such as `-7d` */
  testRule(rule: object, from: string): Promise<RuleTest>
  mutes(signal?: AbortSignal): Promise<readonly Mute[]>
  mute(mute: NewMute): Promise<Mute>
  endMute(id: string, reason: string): Promise<void>
  channels(signal?: AbortSignal): Promise<readonly Channel[]>
  testChannel(id: string): Promise<void>
  /** Gives how many are sent again. */
  resend(id: string): Promise<number>
}

/** How calls are made: by the client, which knows the session and its errors. */
export interface Calls {
  readonly send: (path: string, init?: RequestInit) => Promise<Response>
  readonly read: <T>(path: string, init?: RequestInit) => Promise<T>
}

/** @param tracker path of the tracker */
export function createAlertsApi({ send, read }: Calls, tracker: string): AlertsApi {
  const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
    read<T>(`${tracker}${path}`, { cache: 'no-store', ...(signal === undefined ? {} : { signal }) })
  const post = <T>(path: string, body: object): Promise<T> => read<T>(`${tracker}${path}`, jsonRequest('POST', body))
  const part = encodeURIComponent

  return {
    status: (signal) => get('/alerts/status', signal),
    list(query, { limit, after }, signal) {
      const params = new URLSearchParams({ ...query, limit: String(limit), ...(after === undefined ? {} : { after }) })
      return get(`/alerts?${params}`, signal)
    },
    alert: (id, signal) => get(`/alerts/${part(id)}`, signal),
    act: (id, { kind, ...said }) => post(`/alerts/${part(id)}/${kind}`, said),
    rules: async (signal) => (await get<{ rules: readonly RuleView[] }>('/rules', signal)).rules,
    turnRule: (id, isOn, reason) => post(`/rules/${part(id)}/${isOn ? 'enable' : 'disable'}`, { reason }),
    testRule: (rule, from) => post('/rules/test', { rule, from }),
    mutes: async (signal) => (await get<{ mutes: readonly Mute[] }>('/mutes', signal)).mutes,
    mute: (mute) => post('/mutes', mute),
    async endMute(id, reason) {
      await send(`${tracker}/mutes/${part(id)}`, jsonRequest('DELETE', { reason }))
    },
    channels: async (signal) => (await get<{ channels: readonly Channel[] }>('/channels', signal)).channels,
    async testChannel(id) {
      await send(`${tracker}/channels/${part(id)}/test`, { method: 'POST' })
    },
    resend: async (id) =>
      (await read<{ resent: number }>(`${tracker}/channels/${part(id)}/resend`, { method: 'POST' })).resent,
  }
}

function jsonRequest(method: string, body: object): RequestInit {
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
}
