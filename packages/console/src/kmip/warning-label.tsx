/** A few words of warning beside a value of a certificate. */
import type { ReactElement, ReactNode } from 'react'
import { WarningMark } from '../app/icons.tsx'
import labels from '../shared/labels.module.css'

export function WarningLabel({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <span className={labels.label} data-tone="warning">
      <WarningMark size={12} className={labels.mark} />
      {children}
    </span>
  )
}
