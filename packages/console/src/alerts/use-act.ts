/** What is done about alerts: one thing at a time, its failure kept to be shown, its success told. */
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Alert, AlertDetail } from '../api/alert-types.ts'
import type { AlertAction } from '../api/alerts-api.ts'
import { type ApiError, asApiError } from '../api/problem.ts'
import { useApi } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { useAlerting } from './alerting-room.tsx'

export interface ActControl {
  readonly isBusy: boolean
  /** The alert that something could not be done about, and why. */
  readonly problem: { readonly id: string; readonly error: ApiError } | undefined
  /** What was done last, in words. */
  readonly said: string
  /** Whether it was done. */
  readonly act: (alert: Pick<Alert, 'id' | 'title'>, action: AlertAction) => Promise<boolean>
  readonly dismiss: () => void
}

/** @param onChanged is given the alert as it is afterwards */
export function useAct(onChanged: (alert: Alert) => void): ActControl {
  const { t } = useTranslation()
  const api = useApi()
  const { tracker } = useRoom()
  const { refresh } = useAlerting()
  const queries = useQueryClient()
  const [state, setState] = useState<Pick<ActControl, 'isBusy' | 'problem' | 'said'>>({
    isBusy: false,
    problem: undefined,
    said: '',
  })

  const act = useCallback(
    async ({ id, title }: Pick<Alert, 'id' | 'title'>, action: AlertAction): Promise<boolean> => {
      setState({ isBusy: true, problem: undefined, said: '' })
      try {
        const alert = await api.alerts(tracker.location).act(id, action)
        const key = alertKey(tracker.location, id)
        queries.setQueryData<AlertDetail>(key, (known) => {
          if (known === undefined) return undefined
          const { events, definition, steps } = known
          return { ...alert, events, definition, steps }
        })
        void queries.invalidateQueries({ queryKey: key })
        onChanged(alert)
        refresh()
        setState({ isBusy: false, problem: undefined, said: t(`alerts.act.done.${action.kind}`, { title }) })
        return true
      } catch (cause) {
        setState({ isBusy: false, problem: { id, error: asApiError(cause) }, said: '' })
        return false
      }
    },
    [api, tracker.location, queries, onChanged, refresh, t],
  )
  const dismiss = useCallback(() => setState((now) => ({ ...now, problem: undefined })), [])
  return useMemo(() => ({ ...state, act, dismiss }), [state, act, dismiss])
}

/** Under which an alert in full is kept. */
export function alertKey(location: string, id: string): readonly string[] {
  return ['alert', location, id]
}
