/** A few words that something needs: a comment, a reason. */
import {
  type FormEvent,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react'
import { FormButtons } from './form-buttons.tsx'
import { inSight } from './in-sight.ts'
import { useUnsaved } from './unsaved.tsx'
import styles from './say-form.module.css'

interface SayFormProps {
  readonly label: string
  readonly confirm: string
  readonly isBusy: boolean
  /** Most characters. */
  readonly most?: number
  /** What it does, said above the button. */
  readonly note?: ReactNode
  readonly onCancel: () => void
  readonly onSay: (text: string) => void | Promise<void>
}

export function SayForm({ label, confirm, isBusy, most = 1_000, note, onCancel, onSay }: SayFormProps): ReactElement {
  const [text, setText] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const id = useId()
  useEffect(() => field.current?.focus(), [])
  const said = text.trim()
  const unsaved = useUnsaved(label, said !== '', isBusy)
  const cancel = (): void => unsaved.leave(onCancel)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (said !== '' && !isBusy) void onSay(said)
  }
  return (
    <>
      <form ref={inSight} className={styles.form} onSubmit={submit} onKeyDown={cancelByEscape(cancel)}>
        <label htmlFor={id} className={styles.label}>
          {label}
        </label>
        <textarea
          ref={field}
          id={id}
          className={styles.area}
          rows={3}
          maxLength={most}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event)
          }}
        />
        {note}
        <FormButtons confirm={confirm} isReady={said !== '' && !isBusy} onCancel={cancel} />
      </form>
      {unsaved.question}
    </>
  )
}

/** Escape leaves the form; it does not close the panel around it as well. */
export function cancelByEscape(onCancel: () => void): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    onCancel()
  }
}
