/** A part whose file comes when it is opened for the first time, and that says so when it does not come. */
import { useQuery } from '@tanstack/react-query'
import type { ComponentType, ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { StateView } from '../app/state-view.tsx'

interface LazyPartProps<Props extends object> {
  /** Of the file. */
  readonly name: string
  readonly load: () => Promise<ComponentType<Props>>
  readonly props: Props
}

export function LazyPart<Props extends object>({ name, load, props }: LazyPartProps<Props>): ReactElement {
  const { t } = useTranslation()
  const {
    data: Part,
    error,
    refetch,
  } = useQuery({
    queryKey: ['part', name],
    // A component by itself would be taken for a function that makes the data.
    queryFn: async () => ({ Part: await load() }),
    select: (file) => file.Part,
    // What was fetched is there; and it may be in the browser's cache when there is no network.
    gcTime: Number.POSITIVE_INFINITY,
    networkMode: 'always',
  })
  if (Part !== undefined) return <Part {...props} />
  if (error === null) return <StateView kind="loading" title={t('shell.loading')} />
  return <StateView kind="error" title={t('shell.partFailed')} text={error.message} onRetry={() => void refetch()} />
}
