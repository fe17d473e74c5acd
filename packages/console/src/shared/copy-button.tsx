/** A small button that copies a text and says that it did. */
import { type ReactElement, type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CheckIcon, CopyIcon } from '../app/icons.tsx'
import styles from './copy-button.module.css'

interface CopyButtonProps {
  readonly text: string
  /** What is copied, for its name: "Copy the root hash". */
  readonly label: string
  readonly icon?: ReactNode
}

const shownMs = 1500

export function CopyButton({ text, label, icon }: CopyButtonProps): ReactElement {
  const { t } = useTranslation()
  const [result, setResult] = useState<'copied' | 'failed'>()

  useEffect(() => {
    if (result === undefined) return
    const timer = setTimeout(() => setResult(undefined), shownMs)
    return () => clearTimeout(timer)
  }, [result])

  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setResult('copied'),
      () => setResult('failed'),
    )
  }
  return (
    <button type="button" className={styles.button} onClick={copy} aria-label={label} title={label} data-done={result}>
      {result === 'copied' ? <CheckIcon size={14} /> : (icon ?? <CopyIcon size={14} />)}
      <span role="status" className="kw-hidden">
        {result !== undefined && t(`copy.${result}`)}
      </span>
    </button>
  )
}
