/** What can be done to the open key: a button each; and what it would take where one's roles do not permit it. */
import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { InventoryKey } from '../api/keys-api.ts'
import type { Asked } from './act-dialog.tsx'
import type { ActName, KeyActs } from './key-acts.ts'
import styles from './key-actions.module.css'

interface KeyActionsProps {
  readonly of: InventoryKey
  readonly acts: KeyActs
  readonly onAsk: (asked: Asked) => void
}

/** These stand in the card of the deletion. */
const ofDeletion = new Set(['approve', 'withdraw'])

export function KeyActions({ of: key, acts, onAsk }: KeyActionsProps): ReactElement | null {
  const { t } = useTranslation('keys')
  const shown = acts.possible.filter((act) => !ofDeletion.has(act))
  const notMine = acts.notMine.filter((act) => !ofDeletion.has(act))
  const nameOf = (act: ActName): string =>
    act === 'setRotation' && key.rotation !== null ? t('acts.changeRotation') : t(`acts.${act}.name`)
  if (shown.length === 0 && notMine.length === 0) return null
  return (
    <section className={styles.actions} aria-label={t('acts.label')}>
      <div className={styles.buttons}>
        {shown.map((act) => (
          <Button key={act} variant="default" onClick={() => onAsk({ act })}>
            {nameOf(act)}
          </Button>
        ))}
      </div>
      {key.imported && key.state === 'active' && key.kind === 'root' && (
        <p className={styles.note}>{t('acts.imported')}</p>
      )}
      {notMine.length > 0 && (
        <p className={styles.note}>{t('acts.notMine', { acts: notMine.map(nameOf).join(', ') })}</p>
      )}
    </section>
  )
}
