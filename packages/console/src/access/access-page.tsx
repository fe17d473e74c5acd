/** Who may do what: people, services, their roles and API keys; and who sees and changes the audit. */
import { getRouteApi } from '@tanstack/react-router'
import { type ReactElement, useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { useRights } from '../app/rights.ts'
import texts from '../i18n/en/access.json'
import { addTexts } from '../i18n/texts.ts'
import { PageViews } from '../shared/page.tsx'
import { AuditView } from './audit-view.tsx'
import { IdentitiesView } from './identities-view.tsx'
import { type AccessSearch, accessViews, type AccessView } from './search.ts'

addTexts('access', texts)

const route = getRouteApi('/access')

export interface AccessViewProps {
  readonly search: AccessSearch
  /** The ways to the other views. */
  readonly views: ReactElement
  readonly onChange: (search: AccessSearch, replace?: boolean) => void
}

export function AccessPage(): ReactElement {
  const { t } = useTranslation('access')
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const may = useRights()
  // Who may not see the account's identities comes for the audit.
  const view: AccessView = search.view ?? (may('identities.read', {}) ? 'people' : 'audit')
  const change = useCallback(
    (next: AccessSearch, replace = false) => void navigate({ search: next, replace }),
    [navigate],
  )
  const views = (
    <PageViews
      label={t('views')}
      views={accessViews.map((name) => ({ name, text: t(`view.${name}`) }))}
      view={view}
      onView={(name) => change({ view: name })}
    />
  )
  if (view === 'audit') return <AuditView search={search} views={views} onChange={change} />
  const kind = view === 'people' ? 'user' : 'serviceId'
  return <IdentitiesView key={kind} kind={kind} search={{ ...search, view }} views={views} onChange={change} />
}
