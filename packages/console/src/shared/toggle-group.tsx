/** A few values to narrow by, each on or off; none on means all. */
import type { ReactElement } from 'react'
import type { IconComponent } from '../app/icons.tsx'
import styles from './toggle-group.module.css'

interface ToggleGroupProps<Value extends string> {
  readonly label: string
  readonly values: readonly Value[]
  readonly chosen: readonly Value[]
  readonly marks: Readonly<Record<Value, IconComponent>>
  readonly nameOf: (value: Value) => string
  readonly onChange: (chosen: readonly Value[]) => void
}

export function ToggleGroup<Value extends string>(props: ToggleGroupProps<Value>): ReactElement {
  const { label, values, chosen, marks, nameOf, onChange } = props
  return (
    <div role="group" aria-label={label} className={styles.group}>
      {values.map((value) => {
        const Mark: IconComponent = marks[value]
        const isOn = chosen.includes(value)
        return (
          <button
            key={value}
            type="button"
            aria-pressed={isOn}
            className={styles.toggle}
            data-tone={value}
            onClick={() => onChange(isOn ? chosen.filter((each) => each !== value) : [...chosen, value])}
          >
            <Mark size={12} className={styles.mark} />
            {nameOf(value)}
          </button>
        )
      })}
    </div>
  )
}
