/** Asks before something is changed: what will happen, in words, then yes or no. */
import { Button } from '@mantine/core'
import { type FormEvent, type ReactElement, type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { cancelByEscape } from './say-form.tsx'
import styles from './say-form.module.css'

interface ConfirmFormProps {
  /** What it is about, for those who do not see it. */
  readonly label: string
  readonly confirm: string
  readonly isBusy: boolean
  /** What will happen. */
  readonly children: ReactNode
  readonly onCancel: () => void
  readonly onConfirm: () => void
}

export function ConfirmForm(props: ConfirmFormProps): ReactElement {
  const { label, confirm, isBusy, children, onCancel, onConfirm } = props
  const { t } = useTranslation()
  const cancel = useRef<HTMLButtonElement>(null)
  // Enter pressed once too often changes nothing.
  useEffect(() => cancel.current?.focus(), [])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!isBusy) onConfirm()
  }
  return (
    <form className={styles.form} aria-label={label} onSubmit={submit} onKeyDown={cancelByEscape(onCancel)}>
      {children}
      <div className={styles.buttons}>
        <Button type="submit" disabled={isBusy}>
          {confirm}
        </Button>
        <Button ref={cancel} variant="subtle" onClick={onCancel}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  )
}
