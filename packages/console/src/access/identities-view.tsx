/** The users or the service IDs of the account, with the open one beside them. */
import { Button } from '@mantine/core'
import type { TFunction } from 'i18next'
import { type ReactElement, useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Identity, IdentityKind, RoleGrant } from '../api/iam-api.ts'
import { useRights } from '../app/rights.ts'
import { useSession } from '../app/session.tsx'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { formatCount } from '../i18n/texts.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { Moment } from '../shared/moment.tsx'
import { MoreButton } from '../shared/more-button.tsx'
import { Page } from '../shared/page.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { useParts } from '../shared/use-parts.ts'
import type { AccessViewProps } from './access-page.tsx'
import { CreateDialog } from './create-dialog.tsx'
import { IdentityStateLabel } from './identity-label.tsx'
import { IdentityPanel } from './identity-panel.tsx'
import { roleWords } from './roles.ts'
import { useChanging, useIam, useNames, useRoles } from './use-iam.ts'
import styles from './access-page.module.css'

export function IdentitiesView(props: AccessViewProps & { readonly kind: IdentityKind }): ReactElement {
  const { kind, search, views, onChange } = props
  const { t } = useTranslation('access')
  const { account } = useSession()
  const iam = useIam()
  const parts = useParts(['iam', account, kind], (after, signal) => iam.identities(kind, after, signal))
  const { items, error, again } = parts
  const roles = useRoles(iam, items !== undefined)
  const changing = useChanging()
  const [isCreating, setIsCreating] = useState(false)
  const may = useRights()
  const mayChange = may('identities.change', {})
  const { id: openId, view } = search
  const open = items?.find(({ id }) => id === openId)
  const close = useCallback(() => onChange({ view }), [onChange, view])
  const { offer } = useShortcuts()
  useEffect(() => offer({ ...(openId !== undefined && { close }) }), [offer, openId, close])
  const nameOf = useNames(iam, items)

  return (
    <Page
      title={t('title')}
      of={open?.name}
      tools={views}
      panel={
        open === undefined ? undefined : (
          <IdentityPanel
            key={open.id}
            of={open}
            iam={iam}
            roles={roles}
            changing={changing}
            nameOf={nameOf}
            onClose={close}
          />
        )
      }
    >
      {items === undefined && error === undefined && <StateView kind="loading" title={t('loading')} />}
      {items === undefined && error !== undefined && (
        <ReadFailed title={t('failed')} forbidden={t('forbidden')} error={error} onRetry={again} />
      )}
      {items !== undefined && (
        <>
          <div className={styles.bar}>
            <p role="status" className={styles.said}>
              {changing.said}
            </p>
            {mayChange && (
              <Button
                onClick={() => {
                  changing.forget()
                  setIsCreating(true)
                }}
              >
                {t(`create.${kind}.name`)}
              </Button>
            )}
          </div>
          {(roles.error !== undefined || !roles.isWhole) && (
            <p role="status" className={styles.partial}>
              {roles.error === undefined ? t('roles.partial') : t('roles.failed', { message: roles.error.message })}
            </p>
          )}
          {items.length === 0 ? (
            <StateView kind="empty" title={t(`empty.${kind}`)} text={t(`emptyText.${kind}`)} />
          ) : (
            <DataTable
              label={t(`list.${kind}`)}
              columns={columnsIn(t, roles.byIdentity, nameOf)}
              rows={items}
              keyOf={({ id }) => id}
              sorting={{ column: 'name', isDescending: false }}
              openKey={openId}
              onOpen={({ id }) => onChange({ view, id }, openId !== undefined)}
            />
          )}
          <MoreButton parts={parts} />
        </>
      )}
      {isCreating && (
        <CreateDialog
          kind={kind}
          iam={iam}
          changing={changing}
          onClose={() => setIsCreating(false)}
          onCreated={({ id }) => onChange({ view, id })}
        />
      )}
    </Page>
  )
}

function columnsIn(
  t: TFunction<'access'>,
  roles: ReadonlyMap<string, readonly RoleGrant[]> | undefined,
  nameOf: (id: string) => string,
): readonly [Column<Identity>, ...Column<Identity>[]] {
  const rolesOf = (id: string): readonly RoleGrant[] => roles?.get(id) ?? []
  return [
    {
      id: 'name',
      title: t('column.name'),
      cell: ({ name, email, description }) => (
        <>
          <bdi className={styles.name}>{name}</bdi>
          <bdi className={styles.about}>{email ?? description}</bdi>
        </>
      ),
      sortBy: ({ name }) => name,
    },
    {
      id: 'state',
      title: t('column.state'),
      cell: ({ state }) => <IdentityStateLabel state={state} />,
      sortBy: ({ state }) => state,
    },
    {
      id: 'roles',
      title: t('column.roles'),
      cell: ({ id }) =>
        roles === undefined ? '…' : rolesOf(id).length === 0 ? t('roles.noneShort') : namesOf(rolesOf(id)),
      sortBy: ({ id }) => rolesOf(id).length,
    },
    {
      id: 'created',
      title: t('column.created'),
      needs: 'middle',
      cell: ({ createdAt }) => <Moment at={createdAt} />,
      sortBy: ({ createdAt }) => createdAt,
    },
    { id: 'by', title: t('column.by'), needs: 'wide', cell: ({ createdBy }) => nameOf(createdBy) },
  ]
}

/** `Auditor, Manager × 2`. */
function namesOf(grants: readonly RoleGrant[]): string {
  return [...Map.groupBy(grants, ({ role }) => role)]
    .map(([role, held]) => (held.length === 1 ? roleWords(role) : `${roleWords(role)} × ${formatCount(held.length)}`))
    .join(', ')
}
