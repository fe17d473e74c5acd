/** The fields of forms and dialogs: texts, choices, lists. */
import { type ReactElement, type ReactNode, useId } from 'react'
import { Field } from './field.tsx'
import styles from './say-form.module.css'

interface TextFieldProps {
  readonly label: string
  readonly value: string
  /** Most characters. */
  readonly most: number
  readonly note?: ReactNode
  readonly isWrong?: boolean
  /** The first of a dialog: it takes the focus. */
  readonly isFirst?: boolean
  readonly type?: 'text' | 'date'
  /** Prose is looked through for mistakes, names of machines are not. */
  readonly isProse?: boolean
  readonly onChange: (value: string) => void
}

export function TextField(props: TextFieldProps): ReactElement {
  const { label, value, most, note, isWrong = false, isFirst = false, type = 'text', isProse = false, onChange } = props
  return (
    <Field label={label} {...told(note, isWrong)}>
      {(control) => (
        <input
          {...control}
          type={type}
          className={styles.field}
          autoComplete="off"
          spellCheck={isProse}
          maxLength={most}
          value={value}
          {...(isFirst && { 'data-autofocus': true })}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

/** What is said below a field: what is to be known, or what is wrong. */
function told(note: ReactNode, isWrong: boolean): { readonly hint?: ReactNode; readonly fault?: ReactNode } {
  return isWrong ? { fault: note } : { hint: note }
}

interface ChoiceFieldProps {
  readonly label: string
  readonly value: string
  readonly choices?: readonly (readonly [value: string, text: string])[]
  /** In place of choices: names under a heading each. */
  readonly groups?: readonly (readonly [heading: string, names: readonly string[]])[]
  /** What a name of a group is called. */
  readonly textOf?: (name: string) => string
  /** The first of a dialog: it takes the focus. */
  readonly isFirst?: boolean
  readonly onChoose: (value: string) => void
}

export function ChoiceField(props: ChoiceFieldProps): ReactElement {
  const { label, value, choices = [], groups = [], textOf = String, isFirst = false, onChoose } = props
  return (
    <Field label={label}>
      {(control) => (
        <select
          {...control}
          className={styles.field}
          value={value}
          {...(isFirst && { 'data-autofocus': true })}
          onChange={(event) => onChoose(event.currentTarget.value)}
        >
          {choices.map(([each, text]) => (
            <option key={each} value={each}>
              {text}
            </option>
          ))}
          {groups.map(([heading, names]) => (
            <optgroup key={heading} label={heading}>
              {names.map((name) => (
                <option key={name} value={name}>
                  {textOf(name)}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      )}
    </Field>
  )
}

interface CheckFieldProps {
  readonly label: ReactNode
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
}

export function CheckField({ label, isOn, onChange }: CheckFieldProps): ReactElement {
  return (
    <label className={styles.choice}>
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  )
}

interface RadioFieldsProps<Value extends string> {
  readonly label: string
  readonly value: Value
  readonly choices: readonly (readonly [value: Value, text: ReactNode])[]
  readonly onChoose: (value: Value) => void
}

export function RadioFields<Value extends string>(props: RadioFieldsProps<Value>): ReactElement {
  const { label, value, choices, onChoose } = props
  const name = useId()
  return (
    <fieldset className={styles.group}>
      <legend className={styles.label}>{label}</legend>
      {choices.map(([each, text]) => (
        <label key={each} className={styles.choice}>
          <input type="radio" name={name} checked={each === value} onChange={() => onChoose(each)} />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  )
}

interface ListFieldProps {
  readonly label: string
  readonly value: string
  readonly note: ReactNode
  readonly isWrong: boolean
  readonly onChange: (value: string) => void
}

/** Several of something, one a line. */
export function ListField({ label, value, note, isWrong, onChange }: ListFieldProps): ReactElement {
  return (
    <Field label={label} {...told(note, isWrong)}>
      {(control) => (
        <textarea
          {...control}
          className={styles.area}
          rows={5}
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}
