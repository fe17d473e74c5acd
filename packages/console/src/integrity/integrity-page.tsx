/** Whether the log can be trusted, in one place: checkpoints, verifications, continuity, what is kept, keys. */
import { getRouteApi } from '@tanstack/react-router'
import { type ReactElement, type ReactNode, useCallback, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { useRoom } from '../app/witness-room.tsx'
import texts from '../i18n/en/integrity.json'
import { addTexts } from '../i18n/texts.ts'
import { Page, PageViews } from '../shared/page.tsx'
import { PaperHead } from './paper-head.tsx'
import { FormPlace } from '../shared/unsaved.tsx'
import { useTrackerStatus } from '../shared/use-tracker-status.ts'
import { CheckpointsView } from './checkpoints-view.tsx'
import { ContinuityView } from './continuity-view.tsx'
import { HealthView } from './health-view.tsx'
import { KeepingView } from './keeping-view.tsx'
import { KeysView } from './keys-view.tsx'
import { type IntegritySearch, type IntegrityViewName, integrityViews, parseIntegritySearch } from './search.ts'
import { VerificationsView } from './verifications-view.tsx'
import sheet from '../shared/sheet.module.css'
import '../shared/paper.css'

addTexts('integrity', texts)

const route = getRouteApi('/integrity/$location')

const views = {
  health: HealthView,
  checkpoints: CheckpointsView,
  verifications: VerificationsView,
  continuity: ContinuityView,
  keeping: KeepingView,
  keys: KeysView,
}

/** A form stands in a view, whatever is open beside it. */
const placeOf = (raw: Readonly<Record<string, unknown>>): IntegrityViewName | undefined =>
  parseIntegritySearch(raw).view

export function IntegrityPage(): ReactElement {
  const { t } = useTranslation('integrity')
  const { tracker } = useRoom()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { data: status } = useTrackerStatus(tracker.location)
  const view: IntegrityViewName = search.view ?? 'health'
  const onChange = useCallback(
    (next: IntegritySearch, replace = false) => void navigate({ search: next, replace }),
    [navigate],
  )
  const { offer } = useShortcuts()
  const isOpen = search.checkpoint !== undefined || search.verification !== undefined || search.hold !== undefined
  useEffect(
    () => offer(isOpen ? { close: () => onChange(search.view === undefined ? {} : { view: search.view }) } : {}),
    [offer, isOpen, search.view, onChange],
  )
  const View = views[view]
  const frame = (content: ReactNode, panel?: ReactNode): ReactElement => (
    <Page
      title={t('title')}
      of={tracker.location}
      panel={panel}
      tools={
        <PageViews
          label={t('views')}
          views={integrityViews.map((name) => ({ name, text: t(`view.${name}`) }))}
          view={view}
          onView={(name) => onChange(name === 'health' ? {} : { view: name })}
        />
      }
    >
      <PaperHead view={t(`view.${view}`)} />
      {content}
    </Page>
  )
  if (status?.remote !== undefined) {
    return frame(
      <StateView
        kind="missing"
        title={t('remote')}
        text={t('remoteText', { url: status.remote.url, location: status.remote.location })}
      >
        {/^https?:\/\//i.test(status.remote.url) && (
          <a href={status.remote.url} rel="noreferrer" className={sheet.link}>
            {t('remoteOpen', { url: status.remote.url })}
          </a>
        )}
        {typeof status.trouble === 'string' && <p role="alert">{t('remoteTrouble', { trouble: status.trouble })}</p>}
      </StateView>,
    )
  }
  return (
    <FormPlace of={placeOf}>
      <View search={search} onChange={onChange} frame={frame} />
    </FormPlace>
  )
}
