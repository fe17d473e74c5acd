/** The query line: filters as tokens, words or a query to type on, completion, and errors at their place before anything is sent. */
import { Combobox, useCombobox } from '@mantine/core'
import { type KeyboardEvent, type ReactElement, type RefObject, useEffect, useEffectEvent, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { TrailItem } from '../api/types.ts'
import { CloseIcon, SearchIcon } from '../app/icons.tsx'
import { useCaret } from './completing.ts'
import { QueryOptionLine } from './query-option-line.tsx'
import type { QueryOption } from './query-options.ts'
import { QueryTint } from './query-tint.tsx'
import { QueryToken } from './query-token.tsx'
import { type TrailSearch, filterTokens, queryCharsMax, withoutFilter } from './search.ts'
import { useQueryLine } from './use-query-line.ts'
import styles from './query-field.module.css'

interface QueryFieldProps {
  readonly search: TrailSearch
  /** Rows in sight: their values can be completed. */
  readonly rows: readonly TrailItem[]
  readonly onChange: (search: TrailSearch) => void
  readonly input: RefObject<HTMLInputElement | null>
  /** Goes from the line to what it finds. */
  readonly onLeave: () => void
}

export function QueryField({ search, rows, onChange, input, onLeave }: QueryFieldProps): ReactElement {
  const { t } = useTranslation(['trail', 'translation'])
  const line = useQueryLine(search, rows, onChange)
  const { text, options, fault, isQuery, language } = line
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() })
  const tokens = filterTokens(search)
  const faultId = useId()
  const putCaret = useCaret(input)

  const take = (option: QueryOption): void => {
    const caret = line.take(option)
    putCaret(caret)
    if (caret === undefined) box.closeDropdown()
    else box.openDropdown()
  }
  // What Enter will do is marked as soon as it is there.
  const markFirst = useEffectEvent(() => {
    if (language?.isForEnter(options[0]) === true) box.selectFirstOption()
    else box.resetSelectedOption()
  })
  useEffect(() => {
    if (options.length > 0) markFirst()
  }, [options])

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const last = tokens.at(-1)
    if (event.key === 'Enter' && !event.nativeEvent.isComposing && box.getSelectedOptionIndex() < 0) {
      event.preventDefault()
      line.submit()
      if (fault === undefined) box.closeDropdown()
    }
    if (event.key === 'Backspace' && text === '' && last !== undefined) onChange(withoutFilter(search, last))
    if (event.key === 'Escape') {
      // One Escape closes the suggestions, the next goes to the list of events; neither closes the panel.
      event.preventDefault()
      if (box.dropdownOpened) box.closeDropdown()
      else onLeave()
    }
  }
  // While one still types at the end, what is missing there is no fault yet.
  const isAtEnd = fault !== undefined && fault.at + fault.length >= text.trimEnd().length
  const told = fault !== undefined && (line.isRefused || !isAtEnd) ? fault : undefined
  return (
    <Combobox
      store={box}
      withinPortal={false}
      position="bottom-start"
      onOptionSubmit={(value) => {
        const chosen = options[Number(value)]
        if (chosen !== undefined) take(chosen)
      }}
    >
      <Combobox.DropdownTarget>
        <div className={styles.field} data-fault={told !== undefined || undefined}>
          <SearchIcon className={styles.icon} />
          {tokens.map((token) => (
            <QueryToken
              key={`${token.name}:${token.value}`}
              token={token}
              rows={rows}
              onRemove={(isByKey) => {
                onChange(withoutFilter(search, token))
                if (isByKey) input.current?.focus()
              }}
            />
          ))}
          <span className={styles.line}>
            {isQuery && language !== undefined && <QueryTint parts={language.partsOfQuery(text, told)} input={input} />}
            <Combobox.EventsTarget withExpandedAttribute>
              <input
                ref={input}
                className={styles.input}
                data-tinted={isQuery || undefined}
                value={text}
                maxLength={queryCharsMax}
                placeholder={t(tokens.length === 0 ? 'query.placeholder' : 'query.more', { ns: 'translation' })}
                spellCheck={false}
                autoComplete="off"
                autoCapitalize="off"
                aria-label={t('query.label', { ns: 'translation' })}
                aria-invalid={told !== undefined || undefined}
                aria-describedby={told === undefined ? undefined : faultId}
                onChange={({ currentTarget }) => {
                  line.type(currentTarget.value, currentTarget.selectionStart ?? currentTarget.value.length)
                  box.openDropdown()
                }}
                onSelect={({ currentTarget }) => line.moveCaret(currentTarget.selectionStart ?? text.length)}
                onFocus={() => {
                  line.prepare()
                  if (text !== '' && text !== search.query) box.openDropdown()
                }}
                onBlur={() => box.closeDropdown()}
                onKeyDown={onKeyDown}
              />
            </Combobox.EventsTarget>
          </span>
          {search.query !== undefined && <RemoveQuery search={search} onChange={onChange} input={input} />}
          {text === '' && tokens.length === 0 && <kbd className={styles.key}>/</kbd>}
          {line.isMissing && text !== '' && (
            <p className={styles.fault} role="alert">
              {t('line.missingFile')}
            </p>
          )}
          {told !== undefined && (
            <p id={faultId} className={styles.fault} role={line.isRefused ? 'alert' : 'status'}>
              {t('line.fault', { place: told.at + 1, message: told.message })}
            </p>
          )}
        </div>
      </Combobox.DropdownTarget>
      <Combobox.Dropdown className={styles.suggestions} hidden={options.length === 0}>
        <Combobox.Options aria-label={t('query.suggestions', { ns: 'translation' })}>
          {options.map((option, i) => (
            <Combobox.Option key={`${i}-${keyOf(option)}`} value={String(i)}>
              <QueryOptionLine option={option} />
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}

function keyOf(option: QueryOption): string {
  if (option.kind === 'token') return `${option.suggestion.token.name}:${option.suggestion.token.value}`
  return option.kind === 'run' ? 'run' : option.completion.insert
}

function RemoveQuery({
  search,
  onChange,
  input,
}: Pick<QueryFieldProps, 'search' | 'onChange' | 'input'>): ReactElement {
  const { t } = useTranslation('trail')
  const { query: _, ...rest } = search
  return (
    <button
      type="button"
      className={styles.remove}
      aria-label={t('line.remove')}
      onClick={({ detail }) => {
        onChange(rest)
        if (detail === 0) input.current?.focus()
      }}
    >
      <CloseIcon size={12} />
    </button>
  )
}
