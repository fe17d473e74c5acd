/**
 * A deletion that waits for a second person: who agreed, when, how long that holds, what depends on the key, and what the
 * reader can do; who agreed is told why they cannot be the second, too.
 */
import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { InventoryKey, KeysApi, Who } from '../api/keys-api.ts'
import { CheckIcon, ClockIcon } from '../app/icons.tsx'
import { useSession } from '../app/session.tsx'
import { CopyButton } from '../shared/copy-button.tsx'
import { Moment } from '../shared/moment.tsx'
import { TimeLeft } from '../shared/time-left.tsx'
import type { Asked } from './act-dialog.tsx'
import type { KeyActs } from './key-acts.ts'
import { KeyUseText } from './key-use.tsx'
import { Registrations } from './registrations.tsx'
import styles from './deletion-card.module.css'

interface DeletionCardProps {
  readonly of: InventoryKey
  readonly deletion: NonNullable<InventoryKey['deletion']>
  readonly clockOffset: number
  readonly acts: KeyActs
  readonly api: KeysApi
  readonly onAsk: (asked: Asked) => void
}

export function DeletionCard(props: DeletionCardProps): ReactElement {
  const { of: key, deletion, clockOffset, acts, api, onAsk } = props
  const { t } = useTranslation('keys')
  const { identity } = useSession()
  const isMine = deletion.by.id === identity.id
  return (
    <section className={styles.card} aria-label={t('deletion.title')}>
      <h3 className={styles.title}>{t('deletion.title')}</h3>
      <ol className={styles.steps}>
        <li className={styles.step}>
          <CheckIcon size={14} className={styles.doneMark} />
          <p>
            {t('deletion.first', { who: nameOf(deletion.by) })} <Moment at={deletion.at} />
          </p>
        </li>
        <li className={styles.step}>
          <ClockIcon size={14} className={styles.openMark} />
          <div>
            <p>{t('deletion.second')}</p>
            <p className={styles.left}>
              <TimeLeft until={deletion.expiresAt} clockOffset={clockOffset} over={t('deletion.over')} />{' '}
              <span className={styles.until}>
                {t('deletion.until')} <Moment at={deletion.expiresAt} />
              </span>
            </p>
          </div>
        </li>
      </ol>
      <div className={styles.depends}>
        <h4 className={styles.subtitle}>{t('deletion.depends')}</h4>
        <Registrations of={key} api={api} />
        <KeyUseText id={key.id} isAsked />
      </div>
      {isMine && <p className={styles.why}>{t('deletion.mine')}</p>}
      {!isMine && acts.notMine.includes('approve') && <p className={styles.why}>{t('deletion.notMine')}</p>}
      <div className={styles.buttons}>
        {acts.possible.includes('approve') && (
          <Button onClick={() => onAsk({ act: 'approve' })}>{t('acts.approve.name')}</Button>
        )}
        {acts.possible.includes('withdraw') && (
          <Button variant="default" onClick={() => onAsk({ act: 'withdraw' })}>
            {t('acts.withdraw.name')}
          </Button>
        )}
        {isMine && (
          <span className={styles.copy}>
            {t('deletion.link')}
            <CopyButton text={globalThis.location.href} label={t('deletion.copyLink')} />
          </span>
        )}
      </div>
    </section>
  )
}

/** The name of an identity, or its id when it is gone. */
export const nameOf = ({ name, id }: Who): string => name ?? id
