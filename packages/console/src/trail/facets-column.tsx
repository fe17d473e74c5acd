/** The column of values, whose file comes when it is opened for the first time. */
import { useQuery } from '@tanstack/react-query'
import type { ComponentProps, ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { StateView } from '../app/state-view.tsx'
import type { Facets } from './facets.tsx'

export function FacetsColumn(props: ComponentProps<typeof Facets>): ReactElement | null {
  const { t } = useTranslation('trail')
  const {
    data: Column,
    error,
    refetch,
  } = useQuery({
    queryKey: ['facets-column'],
    queryFn: async () => (await import('./facets.tsx')).Facets,
    gcTime: Number.POSITIVE_INFINITY,
    networkMode: 'always',
  })
  if (Column !== undefined) return <Column {...props} />
  if (error === null) return null
  return <StateView kind="error" title={t('facets.missingFile')} text={error.message} onRetry={() => void refetch()} />
}
