/** The open identity: what it is, what it may do, the API keys it signs in with, and how it is disabled or deleted. */
import { Button } from '@mantine/core'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { IamApi, Identity } from '../api/iam-api.ts'
import { useRights } from '../app/rights.ts'
import { PanelFact, PanelSection, SidePanel } from '../app/side-panel.tsx'
import { useSession } from '../app/session.tsx'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { CopyButton } from '../shared/copy-button.tsx'
import { Moment } from '../shared/moment.tsx'
import { TrailLink } from '../shared/trail-link.tsx'
import { ApiKeys } from './api-keys.tsx'
import { IdentityStateLabel } from './identity-label.tsx'
import { RoleList } from './role-list.tsx'
import { useRefusals } from './use-refusals.ts'
import type { Changing, Roles } from './use-iam.ts'
import styles from './identity-panel.module.css'

export interface IdentityPartProps {
  readonly of: Identity
  readonly iam: IamApi
  readonly changing: Changing
  readonly nameOf: (id: string) => string
  /** Whether one's roles permit changes. */
  readonly mayChange: boolean
}

interface IdentityPanelProps extends Omit<IdentityPartProps, 'mayChange'> {
  readonly roles: Roles
  readonly onClose: () => void
}

export function IdentityPanel(props: IdentityPanelProps): ReactElement {
  const { of: identity, roles, nameOf, onClose } = props
  const { t } = useTranslation('access')
  const may = useRights()
  const part = { ...props, mayChange: may('identities.change', {}) }
  return (
    <SidePanel label={t(`panel.${identity.kind}`)} closeLabel={t('panel.close')} onClose={onClose}>
      <div className={styles.body}>
        <header className={styles.head}>
          <h2 className={styles.name}>
            <bdi>{identity.name}</bdi>
          </h2>
          <IdentityStateLabel state={identity.state} />
        </header>
        {part.mayChange && <Acts {...part} />}
        <RoleList {...part} roles={roles} />
        <ApiKeys {...part} />
        <PanelSection title={t('facts.title')}>
          <dl>
            <PanelFact name={t('facts.id')}>
              <code>{identity.id}</code> <CopyButton text={identity.id} label={t('facts.copyId')} />
            </PanelFact>
            <PanelFact name={t('facts.email')}>{identity.email}</PanelFact>
            <PanelFact name={t('facts.description')}>{identity.description}</PanelFact>
            <PanelFact name={t('facts.created')}>
              <Moment at={identity.createdAt} /> {t('facts.by', { who: nameOf(identity.createdBy) })}
            </PanelFact>
          </dl>
          <TrailLink words={identity.id} />
        </PanelSection>
      </div>
    </SidePanel>
  )
}

/** Disables, enables and deletes it. */
function Acts({ of: identity, iam, changing }: IdentityPartProps): ReactElement {
  const { t } = useTranslation('access')
  const me = useSession().identity.id
  const explain = useRefusals()
  const [asked, setAsked] = useState<'disable' | 'enable' | 'delete'>()
  const { id, kind, name, state } = identity
  const ask = (act: typeof asked): void => {
    changing.forget()
    setAsked(act)
  }
  const confirm = async (): Promise<void> => {
    if (asked === undefined) return
    const deed = (): Promise<void> =>
      asked === 'delete' ? iam.remove(kind, id) : iam.setState(kind, id, asked === 'enable' ? 'active' : 'disabled')
    if (await changing.run(deed, t(`acts.${asked}.done`, { name }))) setAsked(undefined)
  }
  return (
    <div className={styles.acts}>
      <Button variant="default" onClick={() => ask(state === 'active' ? 'disable' : 'enable')}>
        {t(state === 'active' ? 'acts.disable.name' : 'acts.enable.name')}
      </Button>
      <Button variant="default" onClick={() => ask('delete')}>
        {t('acts.delete.name')}
      </Button>
      {asked !== undefined && (
        <ConfirmDialog
          title={t(`acts.${asked}.title`)}
          name={name}
          will={[...t(`acts.${asked}.will`).split('\n'), ...(id === me ? [t('acts.self')] : [])]}
          confirm={t(`acts.${asked}.confirm`)}
          {...(asked === 'delete' && { typed: [name, id] })}
          isBusy={changing.isBusy}
          error={changing.error}
          explain={explain}
          onCancel={() => setAsked(undefined)}
          onConfirm={() => void confirm()}
        />
      )}
    </div>
  )
}
