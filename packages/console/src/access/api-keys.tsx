/** The API keys of an identity: what each is for, whether it works; a new one is shown this once and never again. */
import { Button } from '@mantine/core'
import { type ReactElement, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ApiKey } from '../api/iam-api.ts'
import { PanelSection } from '../app/side-panel.tsx'
import { useSession } from '../app/session.tsx'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { CopyButton } from '../shared/copy-button.tsx'
import { TextField } from '../shared/fields.tsx'
import { Moment } from '../shared/moment.tsx'
import { MoreButton } from '../shared/more-button.tsx'
import { useParts } from '../shared/use-parts.ts'
import { IdentityStateLabel } from './identity-label.tsx'
import type { IdentityPartProps } from './identity-panel.tsx'
import { useRefusals } from './use-refusals.ts'
import styles from './identity-panel.module.css'

type Asked = { readonly act: 'create' } | { readonly act: 'disable' | 'enable' | 'delete'; readonly key: ApiKey }

export function ApiKeys(props: IdentityPartProps): ReactElement {
  const { of: identity, iam, changing, nameOf, mayChange } = props
  const { t } = useTranslation('access')
  const { account } = useSession()
  const [asked, setAsked] = useState<Asked>()
  const [secret, setSecret] = useState<string>()
  const parts = useParts(['iam', account, 'api-keys', identity.id], (after, signal) =>
    iam.apiKeys(identity.id, after, signal),
  )
  const { items, error } = parts
  const ask = (next: Asked): void => {
    changing.forget()
    setAsked(next)
  }
  return (
    <PanelSection title={t('apiKeys.title')}>
      {secret !== undefined && (
        <Secret value={secret} isAlone={asked === undefined} onDone={() => setSecret(undefined)} />
      )}
      {items === undefined && error === undefined && <p role="status">{t('apiKeys.loading')}</p>}
      {items === undefined && error !== undefined && (
        <p role="alert" className={styles.failed}>
          {t('apiKeys.failed', { message: error.message })}
        </p>
      )}
      {identity.state !== 'active' && items !== undefined && items.length > 0 && (
        <p className={styles.note}>{t('apiKeys.off')}</p>
      )}
      {items?.length === 0 && <p className={styles.note}>{t('apiKeys.none')}</p>}
      <ul className={styles.list}>
        {items?.map((key) => (
          <li key={key.id} className={styles.item}>
            <div className={styles.what}>
              <p className={styles.role}>
                <bdi>{key.name}</bdi>
              </p>
              <IdentityStateLabel state={key.state} />
              <p className={styles.note}>
                {t('apiKeys.made')} <Moment at={key.createdAt} /> {t('facts.by', { who: nameOf(key.createdBy) })}
              </p>
            </div>
            {mayChange && <KeyButtons of={key} onAsk={ask} />}
          </li>
        ))}
      </ul>
      <MoreButton parts={parts} />
      {mayChange && (
        <div className={styles.buttons}>
          <Button variant="default" onClick={() => ask({ act: 'create' })}>
            {t('apiKeys.create.name')}
          </Button>
        </div>
      )}
      {asked !== undefined && (
        <KeyDialog {...props} asked={asked} onClose={() => setAsked(undefined)} onSecret={setSecret} />
      )}
    </PanelSection>
  )
}

function KeyButtons({ of: key, onAsk }: { readonly of: ApiKey; readonly onAsk: (asked: Asked) => void }): ReactElement {
  const { t } = useTranslation('access')
  const { name } = key
  const turn = key.state === 'active' ? 'disable' : 'enable'
  return (
    <div>
      {([turn, 'delete'] as const).map((act) => (
        <Button
          key={act}
          variant="subtle"
          aria-label={t(`apiKeys.${act}.of`, { name })}
          onClick={() => onAsk({ act, key })}
        >
          {t(`apiKeys.${act}.name`)}
        </Button>
      ))}
    </div>
  )
}

interface KeyDialogProps extends IdentityPartProps {
  readonly asked: Asked
  readonly onClose: () => void
  readonly onSecret: (secret: string) => void
}

function KeyDialog({ of: identity, iam, changing, asked, onClose, onSecret }: KeyDialogProps): ReactElement {
  const { t } = useTranslation('access')
  const explain = useRefusals()
  const [name, setName] = useState('')
  const { act } = asked
  const perform = async (): Promise<void> => {
    if (asked.act === 'create') onSecret(await iam.createApiKey(identity.id, name.trim()))
    else if (asked.act === 'delete') await iam.removeApiKey(asked.key.id)
    else await iam.setApiKeyState(asked.key.id, asked.act === 'enable' ? 'active' : 'disabled')
  }
  const confirm = async (): Promise<void> => {
    const of = asked.act === 'create' ? name.trim() : asked.key.name
    if (await changing.run(perform, t(`apiKeys.${act}.done`, { name: of }))) onClose()
  }
  return (
    <ConfirmDialog
      title={t(`apiKeys.${act}.title`)}
      name={asked.act === 'create' ? identity.name : asked.key.name}
      will={t(`apiKeys.${act}.will`).split('\n')}
      confirm={t(`apiKeys.${act}.confirm`)}
      isReady={asked.act !== 'create' || name.trim() !== ''}
      isChanged={name.trim() !== ''}
      isBusy={changing.isBusy}
      error={changing.error}
      explain={explain}
      onCancel={onClose}
      onConfirm={() => void confirm()}
    >
      {asked.act === 'create' && (
        <TextField label={t('apiKeys.create.label')} most={128} value={name} isProse isFirst onChange={setName} />
      )}
    </ConfirmDialog>
  )
}

/** Kept nowhere: gone when it is put away, or with the panel. */
function Secret(props: {
  readonly value: string
  /** No dialog is before it any more: it is read next. */
  readonly isAlone: boolean
  readonly onDone: () => void
}): ReactElement {
  const { value, isAlone, onDone } = props
  const { t } = useTranslation('access')
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!isAlone) return
    box.current?.scrollIntoView({ block: 'nearest' })
    box.current?.querySelector('button')?.focus({ preventScroll: true })
  }, [isAlone])
  return (
    <div ref={box} className={styles.secret}>
      <p className={styles.role} role="status">
        {t('apiKeys.secret')}
      </p>
      <p className={styles.value}>
        <code>{value}</code>
        <CopyButton text={value} label={t('apiKeys.copy')} />
      </p>
      <p>{t('apiKeys.secretText')}</p>
      <div className={styles.buttons}>
        <Button variant="default" onClick={onDone}>
          {t('apiKeys.stored')}
        </Button>
      </div>
    </div>
  )
}
