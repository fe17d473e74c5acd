/** A field: a label above what is typed or chosen, and below it what is to be known about it and what is wrong. */
import { type ReactElement, type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import form from './say-form.module.css'
import styles from './field.module.css'

/** What a control needs, so that its label, hint and fault are read with it. */
interface ControlProps {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': true | undefined
}

export interface FieldProps {
  readonly label: string
  readonly hint?: ReactNode
  /** What is wrong, in words. */
  readonly fault?: ReactNode
  readonly isOptional?: boolean
}

export function Field(props: FieldProps & { readonly children: (control: ControlProps) => ReactNode }): ReactElement {
  const { label, hint, fault, isOptional = false, children } = props
  const { t } = useTranslation()
  const ids = { control: useId(), hint: useId(), fault: useId() }
  const described = [hint === undefined ? '' : ids.hint, fault === undefined ? '' : ids.fault].filter(Boolean).join(' ')
  return (
    <div className={styles.field} data-fault={fault !== undefined || undefined}>
      <label htmlFor={ids.control} className={form.label}>
        {label}
        {isOptional && <span className={styles.optional}> {t('form.optional')}</span>}
      </label>
      {children({
        id: ids.control,
        'aria-describedby': described === '' ? undefined : described,
        'aria-invalid': fault === undefined ? undefined : true,
      })}
      {hint !== undefined && (
        <p id={ids.hint} className={form.note}>
          {hint}
        </p>
      )}
      {fault !== undefined && (
        <p id={ids.fault} className={form.error} data-place-of-fault>
          {fault}
        </p>
      )}
    </div>
  )
}
