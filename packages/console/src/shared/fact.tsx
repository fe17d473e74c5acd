/** A name and a value of a section; nothing for an absent value. */
import type { ReactElement, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { CopyButton } from './copy-button.tsx'
import sheet from './sheet.module.css'

interface FactProps {
  readonly name: string
  /** What a button beside it copies. */
  readonly copy?: string
  readonly children: ReactNode
}

export function Fact({ name, copy, children }: FactProps): ReactElement | null {
  const { t } = useTranslation()
  if (children === undefined || children === null || children === '') return null
  return (
    <div className={sheet.fact}>
      <dt>{name}</dt>
      <dd>
        {copy === undefined ? (
          children
        ) : (
          <span className={sheet.copied}>
            {children}
            <CopyButton text={copy} label={t('copy.what', { what: name })} />
          </span>
        )}
      </dd>
    </div>
  )
}
