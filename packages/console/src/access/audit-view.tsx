/** Who sees and who changes the audit of a location, through which roles, granted when and by whom. */
import type { TFunction } from 'i18next'
import { type ReactElement, useEffect, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { AuditHolder } from '../api/iam-api.ts'
import { CheckIcon } from '../app/icons.tsx'
import { usePlace } from '../app/place.tsx'
import { useSession } from '../app/session.tsx'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import labels from '../shared/labels.module.css'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { Moment } from '../shared/moment.tsx'
import { MoreButton } from '../shared/more-button.tsx'
import { Page } from '../shared/page.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { useParts } from '../shared/use-parts.ts'
import type { AccessViewProps } from './access-page.tsx'
import { IdentityStateLabel } from './identity-label.tsx'
import { roleWords } from './roles.ts'
import { serviceItself } from '../api/service-itself.ts'
import { useIam } from './use-iam.ts'
import { useWording } from './use-where.ts'
import styles from './access-page.module.css'

export function AuditView({ search, views, onChange }: AccessViewProps): ReactElement {
  const { t } = useTranslation('access')
  const { trackers, tracker } = usePlace()
  const location = search.location ?? tracker?.location
  const id = useId()
  const { offer } = useShortcuts()
  useEffect(() => offer({}), [offer])
  return (
    <Page title={t('title')} of={location} tools={views}>
      {trackers.length > 0 && (
        <div className={styles.bar}>
          <label htmlFor={id}>{t('audit.location')}</label>
          <select
            id={id}
            className={styles.choice}
            value={location}
            onChange={(event) => onChange({ view: 'audit', location: event.currentTarget.value })}
          >
            {trackers.map((each) => (
              <option key={each.location} value={each.location}>
                {each.location}
              </option>
            ))}
          </select>
        </div>
      )}
      {location === undefined ? (
        <StateView kind="forbidden" title={t('audit.noTracker')} text={t('audit.forbidden')} />
      ) : (
        <Holders key={location} location={location} />
      )}
    </Page>
  )
}

function Holders({ location }: { readonly location: string }): ReactElement {
  const { t } = useTranslation('access')
  const { account } = useSession()
  const iam = useIam()
  const parts = useParts(['iam', account, 'audit', location], (after, signal) =>
    iam.auditHolders(location, after, signal),
  )
  const { items, error, again } = parts
  if (items === undefined) {
    if (error === undefined) return <StateView kind="loading" title={t('audit.loading')} />
    return <ReadFailed title={t('audit.failed')} forbidden={t('audit.forbidden')} error={error} onRetry={again} />
  }
  return (
    <>
      <p className={styles.note}>{t('audit.note')}</p>
      <DataTable
        label={t('audit.title', { location })}
        columns={columnsIn(t)}
        rows={items}
        keyOf={({ identity }) => identity.id}
        sorting={{ column: 'name', isDescending: false }}
      />
      <MoreButton parts={parts} />
    </>
  )
}

const permissions = ['trail.read', 'trail.watch', 'trail.administer', 'trail.deliver'] as const
const words = {
  'trail.read': 'audit.read',
  'trail.watch': 'audit.watch',
  'trail.administer': 'audit.administer',
  'trail.deliver': 'audit.deliver',
} as const

function columnsIn(t: TFunction<'access'>): readonly [Column<AuditHolder>, ...Column<AuditHolder>[]] {
  return [
    {
      id: 'name',
      title: t('column.name'),
      cell: ({ identity }) => (
        <>
          <bdi className={styles.name}>{identity.name}</bdi>
          <span className={styles.about}>{identity.kind === 'user' ? t('kind.user') : t('kind.serviceId')}</span>
        </>
      ),
      sortBy: ({ identity }) => identity.name,
    },
    {
      id: 'can',
      title: t('audit.can'),
      cell: ({ identity, can, administersAccount, roles }) => (
        <span className={styles.marks}>
          {identity.state !== 'active' && <IdentityStateLabel state={identity.state} />}
          {permissions
            .filter((permission) => can.includes(permission))
            .map((permission) => (
              <Mark key={permission} text={t(words[permission])} />
            ))}
          {administersAccount && <Mark text={t('audit.grants')} />}
          <span className={styles.below}>
            <Grants of={roles} />
          </span>
        </span>
      ),
      sortBy: ({ can, administersAccount }) => -can.length - Number(administersAccount),
    },
    {
      id: 'roles',
      title: t('audit.through'),
      needs: 'middle',
      cell: ({ roles }) => <Grants of={roles} />,
    },
  ]
}

/** Through which roles, granted when and by whom. */
function Grants({ of: roles }: { readonly of: AuditHolder['roles'] }): ReactElement {
  const { t } = useTranslation('access')
  const { where } = useWording()
  return (
    <span className={styles.grants}>
      {roles.map(({ id, role, scope, grantedAt, grantedBy }) => (
        <span key={id}>
          {t('audit.roleOn', { role: roleWords(role), where: where(scope) })} <Moment at={grantedAt} />{' '}
          {t('facts.by', {
            who: grantedBy.id === serviceItself ? t('facts.itself') : (grantedBy.name ?? grantedBy.id),
          })}
        </span>
      ))}
    </span>
  )
}

function Mark({ text }: { readonly text: string }): ReactElement {
  return (
    <span className={labels.label}>
      <CheckIcon size={14} className={labels.mark} />
      {text}
    </span>
  )
}
