/** What ends a form: the button that does it, and the one that leaves it, where it can be left. */
import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './say-form.module.css'

interface FormButtonsProps {
  readonly confirm: string
  readonly isReady: boolean
  readonly onCancel: (() => void) | undefined
}

export function FormButtons({ confirm, isReady, onCancel }: FormButtonsProps): ReactElement {
  const { t } = useTranslation()
  return (
    <div className={styles.buttons}>
      <Button type="submit" disabled={!isReady}>
        {confirm}
      </Button>
      {onCancel !== undefined && (
        <Button variant="subtle" onClick={onCancel}>
          {t('cancel')}
        </Button>
      )}
    </div>
  )
}
