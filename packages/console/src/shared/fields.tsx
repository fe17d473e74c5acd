/** The fields of forms and dialogs: a label above, what is typed or chosen, and what is to be known about it below. */
import { type ReactElement, type ReactNode, useId } from 'react'
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
  const ids = { field: useId(), note: useId() }
  return (
    <div className={styles.group}>
      <label htmlFor={ids.field} className={styles.label}>
        {label}
      </label>
      <input
        id={ids.field}
        type={type}
        className={styles.field}
        autoComplete="off"
        spellCheck={isProse}
        maxLength={most}
        value={value}
        {...(isFirst && { 'data-autofocus': true })}
        {...(isWrong && { 'aria-invalid': true })}
        {...(note !== undefined && { 'aria-describedby': ids.note })}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {note !== undefined && (
        <p id={ids.note} className={isWrong ? styles.error : styles.note}>
          {note}
        </p>
      )}
    </div>
  )
}

interface ChoiceFieldProps {
  readonly label: string
  readonly value: string
  readonly choices?: readonly (readonly [value: string, text: string])[]
  /** In place of choices: names under a heading each. */
  readonly groups?: readonly (readonly [heading: string, names: readonly string[]])[]
  readonly onChoose: (value: string) => void
}

export function ChoiceField({ label, value, choices = [], groups = [], onChoose }: ChoiceFieldProps): ReactElement {
  const id = useId()
  return (
    <div className={styles.group}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      <select id={id} className={styles.field} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {choices.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
        {groups.map(([heading, names]) => (
          <optgroup key={heading} label={heading}>
            {names.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </div>
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
  const ids = { field: useId(), note: useId() }
  return (
    <div className={styles.group}>
      <label htmlFor={ids.field} className={styles.label}>
        {label}
      </label>
      <textarea
        id={ids.field}
        className={styles.area}
        rows={5}
        spellCheck={false}
        aria-describedby={ids.note}
        aria-invalid={isWrong}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <p id={ids.note} className={isWrong ? styles.error : styles.note}>
        {note}
      </p>
    </div>
  )
}
