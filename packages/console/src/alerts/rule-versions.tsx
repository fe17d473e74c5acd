/** What a rule was: its versions, read when somebody asks, what each changed, and the way back to what is shipped. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RuleVersion, RuleView } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { PanelSection } from '../app/side-panel.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { Moment } from '../shared/moment.tsx'
import { DifferenceTable } from './difference-table.tsx'
import { changedMembers } from './difference-words.ts'
import { differencesOf } from './rule-difference.ts'
import { useRefusalWords } from './use-refusal-words.ts'
import { useChange, useSetupApi } from './use-setup.ts'
import form from '../shared/say-form.module.css'
import happening from './happening.module.css'
import styles from './rule-versions.module.css'

export function RuleVersions({ view }: { readonly view: RuleView }): ReactElement {
  const { t } = useTranslation('alerts')
  const api = useSetupApi()
  const { tracker } = useRoom()
  const [isWanted, setIsWanted] = useState(false)
  const { rule, version, pack } = view
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['rule-versions', tracker.location, rule.id, version],
    queryFn: ({ signal }) => api.versions(rule.id, signal),
    enabled: isWanted,
  })
  return (
    <PanelSection title={t('versions.title')}>
      {!isWanted && (
        <div>
          <Button variant="default" onClick={() => setIsWanted(true)}>
            {t(pack === 'changed' ? 'versions.showShipped' : 'versions.show')}
          </Button>
        </div>
      )}
      {isFetching && <p role="status">{t('versions.loading')}</p>}
      {error !== null && !isFetching && (
        <div className={styles.failed}>
          <p className={form.error} role="alert">
            {t('versions.failed', { message: asApiError(error).message })}
          </p>
          <Button variant="default" size="compact-sm" onClick={() => void refetch()}>
            {t('form.retry')}
          </Button>
        </div>
      )}
      {data !== undefined && pack === 'changed' && <Shipped view={view} versions={data} />}
      {data !== undefined && (
        <ol className={styles.versions}>
          {data.map((each, i) => (
            <Version key={each.version} version={each} before={data[i + 1]} current={version} />
          ))}
        </ol>
      )}
    </PanelSection>
  )
}

interface VersionProps {
  readonly version: RuleVersion
  /** The one before it; undefined for the first, and where older ones are not kept. */
  readonly before: RuleVersion | undefined
  readonly current: number
}

function Version({ version, before, current }: VersionProps): ReactElement {
  const { t } = useTranslation('alerts')
  const { isDeleted, rule, changedAt, changedBy } = version
  const number = formatCount(version.version)
  const differences = before === undefined ? [] : differencesOf(before.rule, rule)
  const isFirst = version.version === 1
  return (
    <li className={happening.happening}>
      <p className={happening.line}>
        <strong>{t(version.version === current ? 'versions.current' : 'versions.number', { number })}</strong>
        <bdi>{changedBy.name}</bdi>
        <Moment at={changedAt} />
      </p>
      {isDeleted && <p>{t('versions.deleted')}</p>}
      {!isDeleted && before === undefined && (
        <p className={form.note}>{t(isFirst ? 'versions.created' : 'versions.older')}</p>
      )}
      {!isDeleted && before !== undefined && before.isDeleted && <p className={form.note}>{t('versions.again')}</p>}
      {!isDeleted && before !== undefined && !before.isDeleted && (
        <details className={styles.details}>
          <summary>{t('versions.changed', { names: changedMembers(differences, t) })}</summary>
          <DifferenceTable differences={differences} before={t('versions.before')} after={t('versions.after')} />
        </details>
      )}
    </li>
  )
}

/** What the product ships is the first version of a rule that it brought. */
function Shipped({ view, versions }: { readonly view: RuleView; readonly versions: readonly RuleVersion[] }) {
  const { t } = useTranslation('alerts')
  const words = useRefusalWords('rule')
  const [isAsking, setIsAsking] = useState(false)
  const shipped = versions.find(({ version }) => version === 1)?.rule ?? undefined
  const restoring = useChange(['rules'], (api, rule: object) => api.changeRule(view.rule.id, rule, view.version))
  if (shipped === undefined) return <p className={form.note}>{t('shipped.notKept')}</p>
  return (
    <div className={styles.shipped}>
      <Button variant="default" onClick={() => setIsAsking(true)}>
        {t('shipped.restore')}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={t('shipped.restore')}
          will={[t('shipped.will')]}
          confirm={t('shipped.confirm')}
          isBusy={restoring.isPending}
          error={restoring.error}
          explain={words.said}
          onCancel={() => {
            restoring.reset()
            setIsAsking(false)
          }}
          onConfirm={() => restoring.mutate(shipped, { onSuccess: () => setIsAsking(false) })}
        >
          <DifferenceTable
            differences={differencesOf(view.rule, shipped)}
            before={t('shipped.now')}
            after={t('shipped.then')}
          />
        </ConfirmDialog>
      )}
    </div>
  )
}
