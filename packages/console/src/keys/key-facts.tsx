/** What a key is: its facts, policies, aliases, what it protects, its use, its versions. Its material is never shown. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { InventoryKey, KeysApi } from '../api/keys-api.ts'
import { asApiError } from '../api/problem.ts'
import { CloseIcon } from '../app/icons.tsx'
import { useRights } from '../app/rights.ts'
import { PanelFact, PanelSection, PanelTool } from '../app/side-panel.tsx'
import { formatCount } from '../i18n/texts.ts'
import { CopyButton } from '../shared/copy-button.tsx'
import { Moment } from '../shared/moment.tsx'
import type { Asked } from './act-dialog.tsx'
import { ageText } from './age.ts'
import { nameOf } from './deletion-card.tsx'
import { permissionOf } from './key-acts.ts'
import { DueLabel } from './key-labels.tsx'
import { KeyUseText } from './key-use.tsx'
import { Registrations } from './registrations.tsx'
import styles from './lists.module.css'

interface KeyFactsProps {
  readonly of: InventoryKey
  /** By the server's clock, milliseconds. */
  readonly now: number
  readonly api: KeysApi
  readonly guid: string
  readonly onAsk: (asked: Asked) => void
}

export function KeyFacts({ of: key, now, api, guid, onAsk }: KeyFactsProps): ReactElement {
  const { t } = useTranslation('keys')
  return (
    <>
      <PanelSection title={t('facts.title')}>
        <Facts of={key} now={now} />
      </PanelSection>
      <PanelSection title={t('policies.title')}>
        <dl>
          <PanelFact name={t('policies.rotation')}>
            {key.rotation === null ? t('policies.noRotation') : t('every', { count: key.rotation.everyMonths })}
          </PanelFact>
          {key.rotation !== null && (
            <PanelFact name={t('policies.due')}>
              <DueLabel rotation={key.rotation} kind={key.kind} now={now} />
            </PanelFact>
          )}
          <PanelFact name={t('policies.deletion')}>
            {key.needsTwo ? t('policies.twoPeople') : t('policies.onePerson')}
          </PanelFact>
        </dl>
      </PanelSection>
      <PanelSection title={t('aliases.title')}>
        <Aliases of={key} guid={guid} onAsk={onAsk} />
      </PanelSection>
      {key.deletion === null && (
        <>
          <PanelSection title={t('registrations.title')}>
            <Registrations of={key} api={api} />
          </PanelSection>
          <PanelSection title={t('use.title')}>
            <KeyUseText id={key.id} />
          </PanelSection>
        </>
      )}
      {key.kind === 'root' && (
        <PanelSection title={t('versions.title', { formatted: formatCount(key.versions) })}>
          <Versions of={key} api={api} />
        </PanelSection>
      )}
    </>
  )
}

function Facts({ of: key, now }: Pick<KeyFactsProps, 'of' | 'now'>): ReactElement {
  const { t } = useTranslation('keys')
  return (
    <dl>
      <PanelFact name={t('facts.id')}>
        <span className={styles.id}>
          <code>{key.id}</code>
          <CopyButton text={key.id} label={t('facts.copyId')} />
        </span>
      </PanelFact>
      <PanelFact name={t('facts.kind')}>
        {t(`kindTexts.${key.kind}`)} {key.imported && t('facts.imported')}
      </PanelFact>
      <PanelFact name={t('facts.ring')}>{key.ring}</PanelFact>
      <PanelFact name={t('facts.description')}>{key.description}</PanelFact>
      <PanelFact name={t('facts.tags')}>{key.tags?.join(', ')}</PanelFact>
      <PanelFact name={t('facts.created')}>
        <Moment at={key.createdAt} /> {t('facts.by', { who: nameOf(key.createdBy) })}
      </PanelFact>
      <PanelFact name={t('facts.age')}>{ageText(now - Date.parse(key.createdAt), t)}</PanelFact>
      <PanelFact name={t('facts.rotated')}>
        {key.rotatedAt === undefined ? key.kind === 'root' && t('never') : <Moment at={key.rotatedAt} />}
      </PanelFact>
      <PanelFact name={t('facts.expires')}>
        {key.expiresAt === undefined ? t('facts.noExpiry') : <Moment at={key.expiresAt} />}
      </PanelFact>
      {key.deletedAt !== undefined && (
        <PanelFact name={t('facts.deleted')}>
          <Moment at={key.deletedAt} /> {key.deletedBy !== undefined && t('facts.by', { who: nameOf(key.deletedBy) })}
        </PanelFact>
      )}
      {key.restoreUntil !== undefined && (
        <PanelFact name={t('facts.restoreUntil')}>
          <Moment at={key.restoreUntil} />
        </PanelFact>
      )}
      {key.purgeFrom !== undefined && (
        <PanelFact name={t('facts.purgeFrom')}>
          <Moment at={key.purgeFrom} />
        </PanelFact>
      )}
      {key.purgeAt !== undefined && (
        <PanelFact name={t('facts.purgeAt')}>
          <Moment at={key.purgeAt} />
        </PanelFact>
      )}
    </dl>
  )
}

function Aliases(props: Pick<KeyFactsProps, 'of' | 'guid' | 'onAsk'>): ReactElement {
  const { of: key, guid, onAsk } = props
  const { t } = useTranslation('keys')
  const may = useRights()
  const mayRemove = may(permissionOf.removeAlias, { instance: guid, keyRing: key.ring })
  if (key.aliases.length === 0) return <p className={styles.note}>{t('aliases.none')}</p>
  return (
    <ul className={styles.items}>
      {key.aliases.map((alias) => (
        <li key={alias} className={styles.item}>
          <code>{alias}</code>
          {mayRemove && (
            <PanelTool label={t('aliases.remove', { alias })} onClick={() => onAsk({ act: 'removeAlias', alias })}>
              <CloseIcon size={14} />
            </PanelTool>
          )}
        </li>
      ))}
    </ul>
  )
}

function Versions({ of: key, api }: Pick<KeyFactsProps, 'of' | 'api'>): ReactElement {
  const { t } = useTranslation('keys')
  const [isWanted, setIsWanted] = useState(false)
  const { data, error, isFetching } = useQuery({
    queryKey: ['versions', key.id, key.versions],
    queryFn: ({ signal }) => api.versions(key.id, signal),
    enabled: isWanted,
    retry: false,
  })
  if (error !== null) {
    return (
      <p role="alert" className={styles.failed}>
        {t('versions.failed', { message: asApiError(error).message })}
      </p>
    )
  }
  if (data === undefined) {
    return (
      <div className={styles.list}>
        <Button variant="subtle" disabled={isFetching} onClick={() => setIsWanted(true)}>
          {isFetching ? t('reading') : t('versions.show')}
        </Button>
      </div>
    )
  }
  const newest = data.toSorted((one, other) => Date.parse(other.creationDate) - Date.parse(one.creationDate))[0]?.id
  return (
    <ol className={styles.items}>
      {data.map(({ id, creationDate }) => (
        <li key={id} className={styles.pair}>
          <Moment at={creationDate} /> <code>{id}</code>
          {id === newest && key.state === 'active' && <span className={styles.note}>{t('versions.newest')}</span>}
        </li>
      ))}
    </ol>
  )
}
