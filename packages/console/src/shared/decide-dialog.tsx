/** Asks before something is done, in words that say what will happen; stays open until the server has answered. */
import { Button, Modal, TextInput } from '@mantine/core'
import { type ReactElement, type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ApiError } from '../api/problem.ts'
import { ActProblem } from './act-problem.tsx'
import styles from './decide-dialog.module.css'

interface DecideDialogProps {
  readonly title: string
  readonly confirm: string
  readonly isBusy: boolean
  readonly error: ApiError | undefined
  /** What the error is in the words of the page. */
  readonly problem?: string | undefined
  /** Must be typed first, for what cannot be taken back. */
  readonly typed?: { readonly label: string; readonly text: string }
  readonly onConfirm: () => void
  readonly onClose: () => void
  /** What will happen. */
  readonly children: ReactNode
}

export function DecideDialog(props: DecideDialogProps): ReactElement {
  const { title, confirm, isBusy, error, problem, typed, onConfirm, onClose, children } = props
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const isTyped = typed === undefined || text.trim() === typed.text
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          if (isTyped && !isBusy) onConfirm()
        }}
      >
        {children}
        {typed !== undefined && (
          <TextInput
            label={typed.label}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
        )}
        {error !== undefined && <ActProblem error={error} said={problem} />}
        <div className={styles.buttons}>
          <Button type="submit" loading={isBusy} disabled={!isTyped}>
            {confirm}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
