/** The open key: where it stands, what waits for people, what can be done, its facts; or its whole life. */
import type { ReactElement } from 'react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { InventoryKey, KeysApi } from '../api/keys-api.ts'
import { SidePanel } from '../app/side-panel.tsx'
import { useSession } from '../app/session.tsx'
import { useRights } from '../app/rights.ts'
import { StateView } from '../app/state-view.tsx'
import { PageViews } from '../shared/page.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { ActDialog, type Asked } from './act-dialog.tsx'
import { DeletionCard } from './deletion-card.tsx'
import { actsOf } from './key-acts.ts'
import { KeyActions } from './key-actions.tsx'
import { KeyFacts } from './key-facts.tsx'
import { KeyStateLabel } from './key-labels.tsx'
import { KeyLife } from './key-life.tsx'
import { keyViews, type KeysSearch } from './search.ts'
import type { KeyActing } from './use-key-act.ts'
import type { OpenKey } from './use-inventory.ts'
import styles from './key-panel.module.css'

interface KeyPanelProps {
  readonly open: OpenKey
  readonly api: KeysApi
  readonly guid: string
  readonly search: KeysSearch
  readonly acting: KeyActing
  readonly rings: readonly string[] | undefined
  /** It was made just now. */
  readonly isNew: boolean
  readonly onClose: () => void
  readonly onChange: (search: KeysSearch, replace?: boolean) => void
}

export function KeyPanel(props: KeyPanelProps): ReactElement {
  const { open, onClose } = props
  const { t } = useTranslation('keys')
  const { key, error, again } = open
  return (
    <SidePanel
      label={t('panel.label')}
      heading={
        <>
          {t('panel.label')} <bdi>{key?.name}</bdi>
        </>
      }
      closeLabel={t('panel.close')}
      onClose={onClose}
    >
      {key !== undefined && <KeyBody {...props} of={key} />}
      {key === undefined && error === undefined && <StateView kind="loading" title={t('panel.loading')} />}
      {key === undefined && error?.kind === 'missing' && (
        <StateView kind="missing" title={t('panel.missing')} text={t('panel.missingText')} error={error} />
      )}
      {key === undefined && error !== undefined && error.kind !== 'missing' && (
        <ReadFailed title={t('panel.failed')} forbidden={t('forbidden')} error={error} onRetry={again} />
      )}
    </SidePanel>
  )
}

function KeyBody(props: KeyPanelProps & { readonly of: InventoryKey }): ReactElement {
  const { of: key, open, api, guid, search, acting, rings, isNew, onClose, onChange } = props
  const { t } = useTranslation('keys')
  const { identity } = useSession()
  const may = useRights()
  const [asked, setAsked] = useState<Asked>()
  const title = useRef<HTMLHeadingElement>(null)
  // Where it was asked for is gone.
  useEffect(() => {
    if (isNew) title.current?.focus()
  }, [isNew])
  const view = search.view ?? 'key'
  const { at: now, clockOffset } = open.answered ?? { at: 0, clockOffset: 0 }
  const acts = actsOf(key, identity.id, now, (permission) => may(permission, { instance: guid, keyRing: key.ring }))
  const ask = (next: Asked): void => {
    acting.forget()
    setAsked(next)
  }
  return (
    <div className={styles.body}>
      <header className={styles.head}>
        <h2 ref={title} tabIndex={-1} className={styles.name}>
          <bdi>{key.name}</bdi>
        </h2>
        <KeyStateLabel state={key.state} />
      </header>
      <div className={styles.views}>
        <PageViews
          label={t('panel.views')}
          views={keyViews.map((name) => ({ name, text: t(`panel.view.${name}`) }))}
          view={view}
          onView={(name) => onChange({ ...search, view: name === 'key' ? undefined : name, uses: undefined }, true)}
        />
      </div>
      <p role="status" className={styles.done}>
        {acting.done?.id === key.id ? t(`done.${acting.done.act}`) : isNew && t('done.create')}
      </p>
      {view === 'life' ? (
        <KeyLife
          id={key.id}
          withUses={search.uses === true}
          onWithUses={(is) => onChange({ ...search, uses: is ? true : undefined }, true)}
        />
      ) : (
        <>
          {key.deletion !== null && (
            <DeletionCard
              of={key}
              deletion={key.deletion}
              clockOffset={clockOffset}
              acts={acts}
              api={api}
              onAsk={ask}
            />
          )}
          <KeyActions of={key} acts={acts} onAsk={ask} />
          <KeyFacts of={key} now={now} api={api} guid={guid} onAsk={ask} />
        </>
      )}
      {asked !== undefined && (
        <ActDialog
          of={key}
          asked={asked}
          acting={acting}
          rings={rings}
          onClose={() => {
            acting.forget()
            setAsked(undefined)
          }}
          onPurged={onClose}
        />
      )}
    </div>
  )
}
