/** How alerting is, for the whole page: asked every few seconds while somebody can see it, by one place for all. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, type ReactNode, createContext, useContext, useMemo } from 'react'
import { asApiError } from '../api/problem.ts'
import { useApi } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'
import type { Alerting } from './silence.ts'

interface AlertingControl extends Alerting {
  /** Asks at once, after something was changed. */
  readonly refresh: () => void
}

const AlertingContext = createContext<AlertingControl | undefined>(undefined)

const pollMs = 5_000
/** An answer that takes longer is none: that nothing is known must show soon. */
const waitMs = 8_000
const nothing: Alerting = { status: undefined, error: undefined, at: 0 }

export function AlertingProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const api = useApi()
  const { tracker } = useRoom()
  const queries = useQueryClient()
  const queryKey = useMemo(() => ['alerting', tracker.location], [tracker.location])
  const { data = nothing, refetch } = useQuery({
    queryKey,
    // A failure is an answer, too: what was known stays beside it, and neither blinks while it is asked again.
    queryFn: async ({ signal }): Promise<Alerting> => {
      try {
        const within = AbortSignal.any([signal, AbortSignal.timeout(waitMs)])
        return { status: await api.alerts(tracker.location).status(within), error: undefined, at: Date.now() }
      } catch (error) {
        if (signal.aborted) throw error
        const known = queries.getQueryData<Alerting>(queryKey) ?? nothing
        return { ...known, error: asApiError(error) }
      }
    },
    // Who may not know is refused once: each refusal is an event.
    refetchInterval: ({ state }) => (state.data?.error?.kind === 'forbidden' ? false : pollMs),
    refetchIntervalInBackground: false,
    refetchOnWindowFocus: 'always',
    networkMode: 'always',
    retry: false,
  })
  const control = useMemo<AlertingControl>(() => ({ ...data, refresh: () => void refetch() }), [data, refetch])
  return <AlertingContext value={control}>{children}</AlertingContext>
}

export function useAlerting(): AlertingControl {
  const control = useContext(AlertingContext)
  if (control === undefined) throw new Error('used outside of an AlertingProvider')
  return control
}
