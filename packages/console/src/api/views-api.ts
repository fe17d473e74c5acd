/** Saved views of a tracker (`/v1/trackers/{location}/views`): searches that people keep, for themselves or for all. */
import type { Calls } from './client.ts'

/** What a view finds: times are as searches take them, so that relative ones stay relative. */
export interface ViewContent {
  /** In the query language; empty for every event. */
  readonly query: string
  readonly from: string | null
  readonly to: string | null
  readonly by: 'severity' | 'outcome'
}

export interface SavedView extends ViewContent {
  readonly id: string
  readonly name: string
  /** Empty for none. */
  readonly category: string
  readonly isShared: boolean
  readonly owner: { readonly id: string; readonly name: string }
  readonly version: number
}

/** A view as it shall be. */
export type WantedView = Pick<SavedView, 'name' | 'category' | 'isShared' | keyof ViewContent>

export interface ViewsApi {
  /** One's own and the shared ones. Reading them is an event of the trail. */
  list(signal?: AbortSignal): Promise<readonly SavedView[]>
  create(wanted: WantedView): Promise<SavedView>
  /** @throws ApiError of status 412 when it is no longer the version at hand */
  update(view: SavedView, wanted: WantedView): Promise<SavedView>
  /** @throws ApiError of status 412 when it is no longer the version at hand */
  remove(view: SavedView): Promise<void>
}

export function createViewsApi({ send, read }: Calls, location: string): ViewsApi {
  const path = `/v1/trackers/${encodeURIComponent(location)}/views`
  const pathOf = ({ id }: SavedView): string => `${path}/${encodeURIComponent(id)}`
  const matching = ({ version }: SavedView): Record<string, string> => ({ 'If-Match': `"${version}"` })
  const bodyOf = ({ from, to, ...wanted }: WantedView): string =>
    JSON.stringify({ ...wanted, ...(from !== null && { from }), ...(to !== null && { to }) })
  const json = { 'Content-Type': 'application/json' }
  return {
    list: async (signal) =>
      (await read<{ views: readonly SavedView[] }>(path, { cache: 'no-store', signal: signal ?? null })).views,
    create: (wanted) => read(path, { method: 'POST', headers: json, body: bodyOf(wanted) }),
    update: (view, wanted) =>
      read(pathOf(view), { method: 'PUT', headers: { ...json, ...matching(view) }, body: bodyOf(wanted) }),
    async remove(view) {
      await send(pathOf(view), { method: 'DELETE', headers: matching(view) })
    },
  }
}
