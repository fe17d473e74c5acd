/** The time range, in words; its choices come with their file when they are wanted. */
import { Popover } from '@mantine/core'
import { type ReactElement, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ChevronIcon, ClockIcon } from '../app/icons.tsx'
import { useZone } from '../app/zone.tsx'
import { LazyPart } from '../shared/lazy-part.tsx'
import { rangeName, spanText } from './range-words.ts'
import { type TrailSearch, parseTrailSearch } from './search.ts'
import styles from './time-range-menu.module.css'

interface TimeRangeMenuProps {
  readonly search: TrailSearch
  readonly onChange: (search: TrailSearch) => void
}

export function TimeRangeMenu({ search, onChange }: TimeRangeMenuProps): ReactElement {
  const { t } = useTranslation()
  const { zone } = useZone()
  const [isOpen, setIsOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  // Days begin where the address says, so that a link means the same to everybody.
  const onSet = (from: string | undefined, to: string | undefined, tz = search.tz): void => {
    setIsOpen(false)
    requestAnimationFrame(() => button.current?.focus())
    onChange(parseTrailSearch({ ...search, from, to, tz }))
  }
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <button
          ref={button}
          type="button"
          className={styles.button}
          onClick={() => setIsOpen(!isOpen)}
          title={spanText(search, zone, t)}
          data-set={search.from !== undefined || search.to !== undefined || undefined}
        >
          <ClockIcon />
          <span className="kw-hidden">{t('range.label')}</span>
          <span>{rangeName(search, zone, t)}</span>
          <ChevronIcon className={styles.chevron} />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.dropdown} aria-label={t('range.label')}>
        <LazyPart
          name="time-range-choices"
          load={async () => (await import('./time-range-choices.tsx')).TimeRangeChoices}
          props={{ search, onSet }}
        />
      </Popover.Dropdown>
    </Popover>
  )
}
