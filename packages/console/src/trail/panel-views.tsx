/** The views of an open event: told in full, its proof, its bytes. */
import type { ActivityEvent } from '@keywitness/cadf'
import { Tabs } from '@mantine/core'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { addTexts } from '../i18n/texts.ts'
import texts from '../i18n/en/trail-parts.json'
import { ProofView } from '../proof/proof-view.tsx'
import { PanelEvent } from './panel-event.tsx'
import { PanelJson } from './panel-json.tsx'
import { type PanelView, type TrailSearch, panelViews } from './search.ts'
import styles from './panel-views.module.css'

addTexts('trail', texts)

interface PanelViewsProps {
  readonly event: ActivityEvent
  readonly index: number
  readonly view: PanelView
  readonly search: TrailSearch
  readonly onChange: (search: TrailSearch, replace?: boolean) => void
}

export function PanelViews({ event, index, view, search, onChange }: PanelViewsProps): ReactElement {
  const { t } = useTranslation()
  return (
    <Tabs
      value={view}
      onChange={(next) => {
        const chosen = panelViews.find((each) => each === next)
        onChange({ ...search, ...(chosen !== undefined && { view: chosen }) }, true)
      }}
      keepMounted={false}
      classNames={{ root: styles.tabs, list: styles.tabList, tab: styles.tab, panel: styles.tabPanel }}
    >
      <Tabs.List aria-label={t('panel.views')}>
        {panelViews.map((each) => (
          <Tabs.Tab key={each} value={each}>
            {t(`panel.view.${each}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="event" tabIndex={0}>
        <PanelEvent event={event} index={index} search={search} onChange={onChange} />
      </Tabs.Panel>
      <Tabs.Panel value="proof" tabIndex={0}>
        <ProofView event={event} index={index} />
      </Tabs.Panel>
      <Tabs.Panel value="json" tabIndex={0}>
        <PanelJson event={event} />
      </Tabs.Panel>
    </Tabs>
  )
}
