/** How the inventory is narrowed: how many keys there are in each state, each a switch; search, ring, kind, rotation due. */
import { Button } from '@mantine/core'
import { type FormEvent, type ReactElement, type RefObject, useEffect, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keyKinds, keyStates } from '../api/key-states.ts'
import type { InventoryCounts } from '../api/keys-api.ts'
import { UserIcon, WarningMark } from '../app/icons.tsx'
import { formatCount } from '../i18n/texts.ts'
import { ToggleGroup } from '../shared/toggle-group.tsx'
import { stateMarks } from './key-labels.tsx'
import { dueChoices, type KeysSearch } from './search.ts'
import styles from './key-filters.module.css'

interface KeyFiltersProps {
  readonly search: KeysSearch
  readonly counts: InventoryCounts | undefined
  /** Undefined while they are not known. */
  readonly rings: readonly string[] | undefined
  readonly field: RefObject<HTMLInputElement | null>
  readonly onChange: (change: KeysSearch) => void
}

const attention = ['waiting', 'overdue'] as const
const attentionMarks = { waiting: UserIcon, overdue: WarningMark }

export function KeyFilters({ search, counts, rings, field, onChange }: KeyFiltersProps): ReactElement {
  const { t } = useTranslation('keys')
  const counted = (name: string, count: number | undefined): string =>
    count === undefined ? name : t('counted', { name, count: formatCount(count) })
  return (
    <div className={styles.filters}>
      <div className={styles.line}>
        <ToggleGroup
          label={t('filter.state')}
          values={keyStates}
          chosen={search.state ?? []}
          marks={stateMarks}
          nameOf={(state) => counted(t(`states.${state}`), counts?.[state])}
          onChange={(state) => onChange({ ...search, state })}
        />
        <ToggleGroup
          label={t('filter.attention')}
          values={attention}
          chosen={attention.filter((name) => (name === 'waiting' ? search.waiting === true : search.due === 0))}
          marks={attentionMarks}
          nameOf={(name) => counted(t(`attention.${name}`), counts?.[name])}
          onChange={(chosen) => onChange(withAttention(search, chosen))}
        />
      </div>
      <div className={styles.line}>
        <SearchField search={search} field={field} onChange={onChange} />
        <Choices search={search} rings={rings} onChange={onChange} />
      </div>
    </div>
  )
}

/** In a narrow list they stand behind a button while none of them narrows it: the keys come first. */
function Choices({ search, rings, onChange }: Pick<KeyFiltersProps, 'search' | 'rings' | 'onChange'>): ReactElement {
  const { t } = useTranslation('keys')
  const [isUnfolded, setIsUnfolded] = useState(false)
  const choices = useId()
  // What is overdue has its switch above, too.
  const isUsed = search.kind !== undefined || search.ring !== undefined || (search.due ?? 0) !== 0
  const choose = (next: KeysSearch): void => {
    // Whoever takes a choice back still stands at it.
    setIsUnfolded(true)
    onChange(next)
  }
  return (
    <>
      {!isUsed && (
        <Button
          variant="default"
          className={styles.more}
          aria-expanded={isUnfolded}
          aria-controls={choices}
          onClick={() => setIsUnfolded(!isUnfolded)}
        >
          {t('filter.more')}
        </Button>
      )}
      <div id={choices} className={styles.choices} data-folded={!isUsed && !isUnfolded}>
        <Choice
          label={t('filter.kind')}
          value={search.kind ?? ''}
          choices={[['', t('filter.anyKind')], ...keyKinds.map((kind) => [kind, t(`kinds.${kind}`)] as const)]}
          onChoose={(value) => choose({ ...search, kind: keyKinds.find((kind) => kind === value) })}
        />
        <Choice
          label={t('filter.ring')}
          value={search.ring ?? ''}
          choices={[['', t('filter.anyRing')], ...ringsWith(rings ?? [], search.ring).map((id) => [id, id] as const)]}
          onChoose={(value) => choose({ ...search, ring: value === '' ? undefined : value })}
        />
        <Choice
          label={t('filter.due')}
          value={search.due === undefined ? '' : String(search.due)}
          choices={[
            ['', t('filter.anyDue')],
            ...dueChoices.map(
              (days) => [String(days), days === 0 ? t('filter.overdue') : t('filter.dueWithin', { days })] as const,
            ),
          ]}
          onChoose={(value) => choose({ ...search, due: dueChoices.find((days) => String(days) === value) })}
        />
      </div>
    </>
  )
}

function withAttention(search: KeysSearch, chosen: readonly string[]): KeysSearch {
  const { waiting: _waiting, due, ...rest } = search
  const isOverdue = chosen.includes('overdue')
  return {
    ...rest,
    ...(chosen.includes('waiting') && { waiting: true as const }),
    ...(isOverdue ? { due: 0 } : due !== undefined && due !== 0 && { due }),
  }
}

/** A ring that is gone, or that one may not list, stays what is asked for. */
function ringsWith(rings: readonly string[], asked: string | undefined): readonly string[] {
  return asked === undefined || rings.includes(asked) ? rings : [asked, ...rings]
}

interface SearchFieldProps {
  readonly search: KeysSearch
  readonly field: RefObject<HTMLInputElement | null>
  readonly onChange: (search: KeysSearch) => void
}

/** Asked for at Enter, not at each letter: every search is an event. */
function SearchField({ search, field, onChange }: SearchFieldProps): ReactElement {
  const { t } = useTranslation('keys')
  const [text, setText] = useState(search.search ?? '')
  const [asked, setAsked] = useState(search.search)
  // Somebody went back, or followed a link.
  if (asked !== search.search) {
    setAsked(search.search)
    setText(search.search ?? '')
  }
  const wanted = text.trim() === '' ? undefined : text.trim()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (wanted !== search.search) onChange({ ...search, search: wanted })
  }
  // The cross of the field empties it without Enter.
  useEffect(() => {
    if (text === '' && search.search !== undefined) onChange({ ...search, search: undefined })
  }, [text, search, onChange])
  return (
    <form role="search" className={styles.search} onSubmit={submit}>
      <input
        ref={field}
        type="search"
        className={styles.field}
        aria-label={t('filter.search')}
        placeholder={t('filter.searchHint')}
        maxLength={200}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </form>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly choices: readonly (readonly [value: string, text: string])[]
  readonly onChoose: (value: string) => void
}

function Choice({ label, value, choices, onChoose }: ChoiceProps): ReactElement {
  return (
    <select
      className={styles.choice}
      aria-label={label}
      value={value}
      onChange={(event) => onChoose(event.currentTarget.value)}
    >
      {choices.map(([each, text]) => (
        <option key={each} value={each}>
          {text}
        </option>
      ))}
    </select>
  )
}
