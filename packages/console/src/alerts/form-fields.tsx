/** Fields of the forms of alerting, and groups of them. */
import type { ReactElement, ReactNode } from 'react'
import { Field, type FieldProps } from '../shared/field.tsx'
import form from '../shared/say-form.module.css'
import styles from './form-fields.module.css'

interface TextFieldProps extends FieldProps {
  readonly value: string
  readonly most?: number
  readonly isCode?: boolean
  readonly isShort?: boolean
  readonly isReadOnly?: boolean
  readonly hasFocus?: boolean
  readonly placeholder?: string | undefined
  readonly list?: string
  readonly onChange: (value: string) => void
}

export function TextField(props: TextFieldProps): ReactElement {
  const {
    value,
    most,
    isCode = false,
    isShort = false,
    isReadOnly = false,
    hasFocus = false,
    placeholder,
    list,
  } = props
  return (
    <Field {...props}>
      {(control) => (
        <input
          {...control}
          className={form.field}
          data-code={isCode || undefined}
          data-short={isShort || undefined}
          value={value}
          maxLength={most}
          readOnly={isReadOnly}
          autoFocus={hasFocus}
          placeholder={placeholder}
          list={list}
          autoComplete="off"
          spellCheck={!isCode}
          onChange={(event) => props.onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

interface AreaFieldProps extends FieldProps {
  readonly value: string
  readonly rows: number
  readonly most?: number
  readonly isCode?: boolean
  readonly onChange: (value: string) => void
}

export function AreaField(props: AreaFieldProps): ReactElement {
  const { value, rows, most, isCode = false, onChange } = props
  return (
    <Field {...props}>
      {(control) => (
        <textarea
          {...control}
          className={form.area}
          data-code={isCode || undefined}
          rows={rows}
          value={value}
          maxLength={most}
          spellCheck={!isCode}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

interface SelectFieldProps<Value extends string> extends FieldProps {
  readonly value: Value
  readonly options: readonly { readonly value: Value; readonly text: string }[]
  readonly isReadOnly?: boolean
  readonly onChange: (value: Value) => void
}

export function SelectField<Value extends string>(props: SelectFieldProps<Value>): ReactElement {
  const { value, options, isReadOnly = false, onChange } = props
  return (
    <Field {...props}>
      {(control) => (
        <select
          {...control}
          className={form.field}
          value={value}
          disabled={isReadOnly}
          onChange={(event) => {
            const chosen = options.find((option) => option.value === event.currentTarget.value)
            if (chosen !== undefined) onChange(chosen.value)
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

/** Fields that belong together. */
export function FieldGroup(props: {
  readonly title: string
  readonly note?: string
  readonly children: ReactNode
}): ReactElement {
  const { title, note, children } = props
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{title}</legend>
      {note !== undefined && <p className={form.note}>{note}</p>}
      {children}
    </fieldset>
  )
}
