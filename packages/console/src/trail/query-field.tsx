/** The query line: filters as tokens, a text to type on, completion from the catalogue and from who is in sight. */
import { actionWords } from '@keywitness/cadf'
import { Combobox, useCombobox } from '@mantine/core'
import { type KeyboardEvent, type ReactElement, type Ref, useEffect, useEffectEvent, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TrailItem } from '../api/types.ts'
import { CloseIcon, SearchIcon } from '../app/icons.tsx'
import { type SeenInitiator, type Suggestion, suggest } from './completion.ts'
import { whoIs } from './seen.ts'
import { type FilterToken, type TrailSearch, filterTokens, withFilter, withoutFilter } from './search.ts'
import styles from './query-field.module.css'

interface QueryFieldProps {
  readonly search: TrailSearch
  /** Rows in sight: their initiators can be completed. */
  readonly rows: readonly TrailItem[]
  readonly onChange: (search: TrailSearch) => void
  readonly input: Ref<HTMLInputElement>
}

/** Longest text typed: the API takes no longer one. */
const textCharsMax = 512

export function QueryField({ search, rows, onChange, input }: QueryFieldProps): ReactElement {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() })
  // Gathering names is only worth it while somebody types.
  const initiators = useMemo(() => (text === '' ? [] : whoIs(rows)), [rows, text])
  const suggestions = useMemo(() => suggest(text, { actions: actionWords, initiators }), [text, initiators])
  const tokens = filterTokens(search)

  const take = (token: FilterToken): void => {
    setText('')
    box.closeDropdown()
    onChange(withFilter(search, token))
  }
  // What Enter will do is marked as soon as it is there.
  const markFirst = useEffectEvent(() => box.selectFirstOption())
  useEffect(() => {
    if (suggestions.length > 0) markFirst()
  }, [suggestions])

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const last = tokens.at(-1)
    const [first] = suggestions
    if (
      event.key === 'Enter' &&
      first !== undefined &&
      !event.nativeEvent.isComposing &&
      box.getSelectedOptionIndex() < 0
    ) {
      event.preventDefault()
      take(first.token)
    }
    if (event.key === 'Backspace' && text === '' && last !== undefined) onChange(withoutFilter(search, last))
    if (event.key === 'Escape') {
      // One Escape closes the list, the next leaves the field; neither closes the panel.
      event.preventDefault()
      if (box.dropdownOpened) box.closeDropdown()
      else event.currentTarget.blur()
    }
  }
  return (
    <Combobox
      store={box}
      withinPortal={false}
      onOptionSubmit={(value) => {
        const chosen = suggestions[Number(value)]
        if (chosen !== undefined) take(chosen.token)
      }}
    >
      <Combobox.DropdownTarget>
        <div className={styles.field}>
          <SearchIcon className={styles.icon} />
          {tokens.map((token) => (
            <Token
              key={`${token.name}:${token.value}`}
              token={token}
              initiators={rows}
              onRemove={() => onChange(withoutFilter(search, token))}
            />
          ))}
          <Combobox.EventsTarget withExpandedAttribute>
            <input
              ref={input}
              className={styles.input}
              value={text}
              maxLength={textCharsMax}
              placeholder={tokens.length === 0 ? t('query.placeholder') : t('query.more')}
              spellCheck={false}
              autoComplete="off"
              aria-label={t('query.label')}
              onChange={(event) => {
                setText(event.currentTarget.value)
                box.openDropdown()
              }}
              onFocus={() => text !== '' && box.openDropdown()}
              onBlur={() => box.closeDropdown()}
              onKeyDown={onKeyDown}
            />
          </Combobox.EventsTarget>
          {text === '' && tokens.length === 0 && <kbd className={styles.key}>/</kbd>}
        </div>
      </Combobox.DropdownTarget>
      <Combobox.Dropdown hidden={suggestions.length === 0}>
        <Combobox.Options aria-label={t('query.suggestions')}>
          {suggestions.map((suggestion, i) => (
            <Combobox.Option key={`${suggestion.token.name}:${suggestion.token.value}`} value={String(i)}>
              <SuggestionLine suggestion={suggestion} />
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}

function SuggestionLine({ suggestion }: { readonly suggestion: Suggestion }): ReactElement {
  const { t } = useTranslation()
  const { token, title, formerly } = suggestion
  return (
    <span className={styles.suggestion}>
      <span className={styles.filter}>{t(`filter.${token.name}`)}</span>
      <span className={styles.what}>
        <span className={styles.value} data-code={token.name === 'action' || undefined}>
          {token.name === 'initiator' && title !== undefined ? title : token.value}
        </span>
        {formerly !== undefined && <span className={styles.more}>{t('query.formerly', { name: formerly })}</span>}
        {title !== undefined && (
          <span className={styles.more}>{token.name === 'initiator' ? token.value : title.replace(/\.$/, '')}</span>
        )}
      </span>
    </span>
  )
}

interface TokenProps {
  readonly token: FilterToken
  readonly initiators: readonly TrailItem[]
  readonly onRemove: () => void
}

function Token({ token, initiators, onRemove }: TokenProps): ReactElement {
  const { t } = useTranslation()
  const { name, value } = token
  const who: SeenInitiator | undefined =
    name === 'initiator' ? whoIs(initiators).find((each) => each.id === value) : undefined
  const shown = who?.name || value
  return (
    <span className={styles.token} title={value}>
      <span className={styles.tokenName}>{t(`filter.${name}`)}</span>
      <span className={styles.tokenValue}>{shown}</span>
      <button
        type="button"
        className={styles.remove}
        aria-label={t('query.remove', { filter: t(`filter.${name}`), value: shown })}
        onClick={onRemove}
      >
        <CloseIcon size={12} />
      </button>
    </span>
  )
}
