/** The roles of an identity, each with a sentence of what it allows; granted and taken back one by one. */
import { Button } from '@mantine/core'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RoleGrant } from '../api/iam-api.ts'
import { PanelSection } from '../app/side-panel.tsx'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { Moment } from '../shared/moment.tsx'
import { GrantDialog } from './grant-dialog.tsx'
import type { IdentityPartProps } from './identity-panel.tsx'
import { roleWords } from './roles.ts'
import type { Roles } from './use-iam.ts'
import { useRefusals } from './use-refusals.ts'
import { useWording } from './use-where.ts'
import styles from './identity-panel.module.css'

export function RoleList(props: IdentityPartProps & { readonly roles: Roles }): ReactElement {
  const { of: identity, iam, changing, roles, nameOf, mayChange } = props
  const { t } = useTranslation('access')
  const { sentence, where } = useWording()
  const explain = useRefusals()
  const [isGranting, setIsGranting] = useState(false)
  const [revoking, setRevoking] = useState<RoleGrant>()
  const held = roles.byIdentity?.get(identity.id) ?? []
  const revoke = async (grant: RoleGrant): Promise<void> => {
    const said = t('revoke.done', { role: roleWords(grant.role), name: identity.name })
    if (await changing.run(() => iam.revoke(grant.id), said)) setRevoking(undefined)
  }
  return (
    <PanelSection title={t('roles.title')}>
      {roles.byIdentity !== undefined && held.length === 0 && <p className={styles.note}>{t('roles.none')}</p>}
      <ul className={styles.list}>
        {held.map((grant) => (
          <li key={grant.id} className={styles.item}>
            <div className={styles.what}>
              <p className={styles.role}>{roleWords(grant.role)}</p>
              <p>{sentence(grant.role, grant.scope)}</p>
              <p className={styles.note}>
                {t('roles.granted')} <Moment at={grant.createdAt} /> {t('facts.by', { who: nameOf(grant.createdBy) })}
              </p>
            </div>
            {mayChange && (
              <Button
                variant="subtle"
                aria-label={t('revoke.of', { role: roleWords(grant.role), where: where(grant.scope) })}
                onClick={() => {
                  changing.forget()
                  setRevoking(grant)
                }}
              >
                {t('revoke.name')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {mayChange && (
        <div className={styles.buttons}>
          <Button
            variant="default"
            onClick={() => {
              changing.forget()
              setIsGranting(true)
            }}
          >
            {t('grant.name')}
          </Button>
        </div>
      )}
      {isGranting && <GrantDialog of={identity} iam={iam} changing={changing} onClose={() => setIsGranting(false)} />}
      {revoking !== undefined && (
        <ConfirmDialog
          title={t('revoke.title')}
          name={identity.name}
          will={[t('revoke.will', { what: sentence(revoking.role, revoking.scope) }), t('revoke.atOnce')]}
          confirm={t('revoke.confirm', { role: roleWords(revoking.role) })}
          isBusy={changing.isBusy}
          error={changing.error}
          explain={explain}
          onCancel={() => setRevoking(undefined)}
          onConfirm={() => void revoke(revoking)}
        />
      )}
    </PanelSection>
  )
}
