/**
 * Asks before something is done: says what will happen, has the name typed where it destroys, shows the refusal in words;
 * stays open until the server has answered.
 */
import { Button, Modal } from '@mantine/core'
import type { TFunction } from 'i18next'
import { type FormEvent, type ReactElement, type ReactNode, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type ApiError, asApiError } from '../api/problem.ts'
import { AlertIcon } from '../app/icons.tsx'
import { useUnsaved } from './unsaved.tsx'
import { useFocusBack } from './use-focus-back.ts'
import styles from './confirm-dialog.module.css'
import problem from './act-problem.module.css'

interface ConfirmDialogProps {
  readonly title: string
  /** What it is done to. */
  readonly name?: string
  /** What will happen, a sentence each. */
  readonly will?: readonly string[]
  /** Whether what will happen depends on the fields: then it stands below them. */
  readonly isWillChosen?: boolean
  readonly confirm: string
  /** What must be typed before: any of these. */
  readonly typed?: readonly string[]
  /** What is to be typed; a name or an id when not given. */
  readonly typedLabel?: string
  /** Whether what the dialog asks for is there. */
  readonly isReady?: boolean
  readonly isBusy: boolean
  /** Whether something was typed into its fields that would be lost with it. */
  readonly isChanged?: boolean
  /** Why it was not done; null or undefined while nothing says so. */
  readonly error?: Error | null | undefined
  /** What the refusal means and what to do, where one knows better than the server. */
  readonly explain?: (error: ApiError) => string | undefined
  readonly onCancel: () => void
  readonly onConfirm: () => void
  /** Fields, and what else will happen. */
  readonly children?: ReactNode
}

export function ConfirmDialog(props: ConfirmDialogProps): ReactElement {
  const { title, name, confirm, typed, isReady = true, isBusy, explain, onCancel, onConfirm } = props
  const { t } = useTranslation()
  const { will = [], isWillChosen = false, typedLabel = t('confirm.type') } = props
  const [said, setSaid] = useState('')
  const id = useId()
  const form = useFocusBack<HTMLFormElement>(true)
  const error = props.error instanceof Error ? asApiError(props.error) : undefined
  const unsaved = useUnsaved(title, props.isChanged === true, isBusy)
  const cancel = (): void => unsaved.leave(onCancel)
  const isSaid = typed === undefined || typed.includes(said.trim())
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (isSaid && isReady && !isBusy) onConfirm()
  }
  return (
    <Modal
      opened
      onClose={cancel}
      // What is asked above it takes the key first.
      closeOnEscape={!unsaved.isAsking}
      title={title}
      closeButtonProps={{ 'aria-label': t('close') }}
      size="md"
    >
      <form ref={form} className={styles.form} onSubmit={submit}>
        {name !== undefined && (
          <p className={styles.name}>
            <bdi>{name}</bdi>
          </p>
        )}
        {!isWillChosen && <Will will={will} />}
        {props.children}
        {isWillChosen && <Will will={will} />}
        {typed !== undefined && (
          <div className={styles.field}>
            <label htmlFor={id}>{typedLabel}</label>
            <input
              id={id}
              className={styles.input}
              autoComplete="off"
              spellCheck={false}
              value={said}
              onChange={(event) => setSaid(event.currentTarget.value)}
            />
          </div>
        )}
        {error !== undefined && (
          <div className={problem.problem} role="alert">
            <AlertIcon size={14} className={problem.icon} />
            <p className={problem.text}>{explain?.(error) ?? refusalText(error, t)}</p>
          </div>
        )}
        <div className={styles.buttons}>
          <Button
            type="submit"
            disabled={!isSaid || !isReady}
            aria-busy={isBusy}
            className={typed === undefined ? undefined : styles.danger}
          >
            {isBusy ? t('confirm.busy') : confirm}
          </Button>
          <Button variant="default" onClick={cancel}>
            {t('cancel')}
          </Button>
        </div>
      </form>
      {unsaved.question}
    </Modal>
  )
}

function Will({ will }: { readonly will: readonly string[] }): ReactElement | null {
  if (will.length === 0) return null
  return (
    <ul className={styles.will}>
      {will.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  )
}

/** A refusal in words: what it takes, that nobody answered, or what the server said. */
function refusalText(error: ApiError, t: TFunction): string {
  if (error.kind === 'network') return t('confirm.offline')
  if (error.kind === 'forbidden') return t('confirm.forbidden')
  return t('confirm.refused', { message: error.message, code: error.code })
}
