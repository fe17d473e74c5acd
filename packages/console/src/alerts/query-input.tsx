/** A query of a rule: coloured while it is typed, completed, and marked where it cannot be read. */
import { actionWords } from '@keywitness/cadf'
import { Combobox, useCombobox } from '@mantine/core'
import { type KeyboardEvent, type ReactElement, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { completed, useCaret } from '../trail/completing.ts'
import { type QueryOption, readQuery } from '../trail/query-options.ts'
import { partsOfQuery } from '../trail/query-parts.ts'
import { QueryTint } from '../trail/query-tint.tsx'
import { queryCharsMax } from '../trail/search.ts'
import line from '../trail/query-field.module.css'
import { Field } from '../shared/field.tsx'
import { queryFault } from './rule-faults.ts'
import styles from './query-input.module.css'

interface QueryInputProps {
  readonly label: string
  readonly hint?: string | undefined
  /** Said by the form or the server; what the query itself says is found here. */
  readonly fault?: string | undefined
  readonly value: string
  readonly onChange: (value: string) => void
}

type Insert = Extract<QueryOption, { kind: 'insert' }>

export function QueryInput({ label, hint, fault, value, onChange }: QueryInputProps): ReactElement {
  const { t } = useTranslation('alerts')
  const input = useRef<HTMLInputElement>(null)
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() })
  const [caret, setCaret] = useState(0)
  const putCaret = useCaret(input)
  const [isTyping, setIsTyping] = useState(false)
  const known = useMemo(
    () => ({
      catalogue: actionWords,
      valuesOf: () => [],
      signs: { '==': t('query.exactly'), '>=': t('query.atLeast'), '<': t('query.less'), '*': t('query.any') },
    }),
    [t],
  )
  const found = queryFault(value)
  const options = useMemo(
    () => (isTyping ? readQuery({ text: value, caret, current: '' }, [], known).options.filter(isInsert) : []),
    [isTyping, value, caret, known],
  )
  const take = ({ completion }: Insert): void => {
    const next = completed(value, completion)
    putCaret(next.caret)
    setCaret(next.caret)
    onChange(next.text)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Escape' && box.dropdownOpened) {
      event.preventDefault()
      box.closeDropdown()
    }
    // A query is written in one field of several: Enter takes what is offered, and sends no form.
    if (event.key === 'Enter') event.preventDefault()
  }
  // While one still types at the end, what is missing there is no fault yet.
  const isAtEnd = isTyping && found !== undefined && found.at + found.length >= value.trimEnd().length
  const told = isAtEnd ? undefined : found
  const words = told === undefined ? fault : t('query.fault', { place: told.at + 1, message: told.message })
  return (
    <Combobox
      store={box}
      withinPortal={false}
      onOptionSubmit={(chosen) => {
        const option = options[Number(chosen)]
        if (option !== undefined) take(option)
      }}
    >
      <Field label={label} hint={hint} fault={words}>
        {(control) => (
          <Combobox.DropdownTarget>
            <div className={styles.box} data-fault={words !== undefined || undefined}>
              <span className={line.line}>
                <QueryTint parts={partsOfQuery(value, told)} input={input} />
                <Combobox.EventsTarget withExpandedAttribute>
                  <input
                    {...control}
                    ref={input}
                    className={line.input}
                    data-tinted
                    value={value}
                    maxLength={queryCharsMax}
                    spellCheck={false}
                    autoComplete="off"
                    autoCapitalize="off"
                    onChange={({ currentTarget }) => {
                      setIsTyping(true)
                      setCaret(currentTarget.selectionStart ?? currentTarget.value.length)
                      onChange(currentTarget.value)
                      box.openDropdown()
                    }}
                    onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart ?? value.length)}
                    onBlur={() => {
                      setIsTyping(false)
                      box.closeDropdown()
                    }}
                    onKeyDown={onKeyDown}
                  />
                </Combobox.EventsTarget>
              </span>
            </div>
          </Combobox.DropdownTarget>
        )}
      </Field>
      <Combobox.Dropdown hidden={options.length === 0}>
        <Combobox.Options aria-label={t('query.suggestions')}>
          {options.map(({ completion: { insert, label: shown, detail } }, i) => (
            <Combobox.Option key={`${i}-${insert}`} value={String(i)}>
              <span className={line.what}>
                <span className={line.value} data-code>
                  {shown ?? insert.trim()}
                </span>
                {detail !== undefined && <span className={line.more}>{detail}</span>}
              </span>
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}

function isInsert(option: QueryOption): option is Insert {
  return option.kind === 'insert'
}
