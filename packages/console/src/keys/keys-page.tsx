/** The keys of an instance: their inventory with the open one, their rings, the instance's policies, and a new key. */
import { getRouteApi } from '@tanstack/react-router'
import { type ReactElement, useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createKeysApi, type KeysApi } from '../api/keys-api.ts'
import { useApi } from '../app/session.tsx'
import texts from '../i18n/en/keys.json'
import { addTexts } from '../i18n/texts.ts'
import { PageViews } from '../shared/page.tsx'
import { FormPlace } from '../shared/unsaved.tsx'
import { KeysView } from './keys-view.tsx'
import { NewKeyView } from './new-key-view.tsx'
import { PoliciesView } from './policies-view.tsx'
import { RingsView } from './rings-view.tsx'
import { type KeysSearch, keysShown, parseKeysSearch } from './search.ts'

addTexts('keys', texts)

const route = getRouteApi('/keys/$instance')

export interface KeysViewProps {
  readonly api: KeysApi
  readonly guid: string
  readonly search: KeysSearch
  /** The ways to the other views. */
  readonly views: ReactElement
  readonly onChange: (search: KeysSearch, replace?: boolean) => void
  /** Id of the key that was made just now, which is open. */
  readonly made: string | undefined
  readonly onMade: (id: string) => void
}

const shownBy = { keys: KeysView, new: NewKeyView, rings: RingsView, policies: PoliciesView }

/** Without what narrows the list, and what is shown of the open key. */
const placeOf = (raw: Readonly<Record<string, unknown>>): KeysSearch => {
  const { show, key } = parseKeysSearch(raw)
  return { show, key }
}

export function KeysPage(): ReactElement {
  const { t } = useTranslation('keys')
  const { calls } = useApi()
  const { instance: guid } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const api = useMemo(() => createKeysApi(calls, guid), [calls, guid])
  const [made, setMade] = useState<string>()
  const change = useCallback(
    (next: KeysSearch, replace = false) => {
      const state = next.state?.length === 0 ? undefined : next.state
      setMade(undefined)
      void navigate({ search: { ...next, state }, replace })
    },
    [navigate],
  )
  const { show = 'keys' } = search
  const View = shownBy[show]
  const views = (
    <PageViews
      label={t('show.label')}
      views={keysShown.map((name) => ({ name, text: t(`show.${name}`) }))}
      view={show === 'new' ? 'keys' : show}
      onView={(name) => change(name === 'keys' ? {} : { show: name })}
    />
  )
  const showMade = (id: string): void => {
    change({ key: id }, true)
    setMade(id)
  }
  return (
    <FormPlace of={placeOf}>
      <View
        key={guid}
        api={api}
        guid={guid}
        search={search}
        views={views}
        onChange={change}
        made={made}
        onMade={showMade}
      />
    </FormPlace>
  )
}
