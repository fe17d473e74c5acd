/** The frame of what is written to set alerting up: a title, its fields, what stands beside them, and what can be done with it. */
import { Button } from '@mantine/core'
import { type FormEvent, type ReactElement, type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useUnsaved } from '../shared/unsaved.tsx'
import styles from './editor.module.css'

interface EditorFrameProps {
  /** What the form is, for those who do not see it. */
  readonly label: string
  readonly title: string
  /** Beside the title. */
  readonly head?: ReactNode
  /** Below the title. */
  readonly warning?: ReactNode
  /** Beside the fields. */
  readonly side?: ReactNode
  /** What keeps it from being saved. */
  readonly problem?: ReactNode
  readonly save: string
  /** In place of the usual word for leaving. */
  readonly cancel?: string | undefined
  /** Whether there is something to save. */
  readonly isReady?: boolean
  /** What saving means. */
  readonly note: string
  /** Whether leaving would lose something. */
  readonly isChanged: boolean
  readonly isBusy: boolean
  /** How often somebody tried to go on, or was refused: each time the first field that is wrong takes the focus. */
  readonly tries: number
  readonly onSave: () => void
  readonly onCancel: () => void
  readonly children: ReactNode
}

export function EditorFrame(props: EditorFrameProps): ReactElement {
  const { tries, onSave } = props
  const { t } = useTranslation('alerts')
  const form = useRef<HTMLFormElement>(null)
  const { question } = useUnsaved(props.title, props.isChanged, props.isBusy)
  // Whoever does not see what is wrong must not have to look for it.
  useEffect(() => {
    if (tries === 0) return
    const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')
    wrong?.focus()
    // It stands below its field, which may be taller than the window.
    const why = wrong?.getAttribute('aria-describedby')?.split(' ').at(-1)
    if (why !== undefined) document.getElementById(why)?.scrollIntoView({ block: 'nearest' })
  }, [tries])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    onSave()
  }
  return (
    <>
      <form
        ref={form}
        className={styles.editor}
        onSubmit={submit}
        noValidate
        autoComplete="off"
        aria-label={props.label}
      >
        <header className={styles.head}>
          <h2 className={styles.title}>
            <bdi>{props.title}</bdi>
          </h2>
          {props.head}
        </header>
        {props.warning}
        <div className={styles.parts}>
          <div className={styles.main}>{props.children}</div>
          {props.side}
        </div>
        <footer className={styles.foot}>
          {props.problem}
          <div className={styles.buttons}>
            <Button type="submit" disabled={props.isBusy || props.isReady === false}>
              {props.save}
            </Button>
            <Button variant="subtle" onClick={props.onCancel}>
              {props.cancel ?? t('form.cancel')}
            </Button>
            <p className={styles.note}>{props.note}</p>
          </div>
        </footer>
      </form>
      {question}
    </>
  )
}
