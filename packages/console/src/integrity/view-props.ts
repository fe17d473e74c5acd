/** What every view of the integrity page is given. */
import type { ReactElement, ReactNode } from 'react'
import type { IntegritySearch } from './search.ts'

export interface ViewProps {
  readonly search: IntegritySearch
  readonly onChange: (search: IntegritySearch, replace?: boolean) => void
  /** Around what a view shows: a view that has something open brings the panel. */
  readonly frame: (content: ReactNode, panel?: ReactNode) => ReactElement
}
