/** The time range: presets that end now or go by the calendar, or two absolute times; and the zone that all of them are in. */
import { Button, Popover, TextInput } from '@mantine/core'
import { type FormEvent, type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CheckIcon, ChevronIcon, ClockIcon } from '../app/icons.tsx'
import menu from '../app/menu-item.module.css'
import { useZone } from '../app/zone.tsx'
import { ianaOf } from '../app/zones.ts'
import { asTyped, presetName, rangeName, spanText } from './range-words.ts'
import { type TrailSearch, parseTrailSearch } from './search.ts'
import {
  type Zone,
  calendarNames,
  calendarPresetOf,
  calendarPresets,
  isRelative,
  parseTypedTime,
  rangePresets,
  zoneNow,
} from './time-range.ts'
import { ZoneChoice } from './zone-choice.tsx'
import styles from './time-range-menu.module.css'

interface TimeRangeMenuProps {
  readonly search: TrailSearch
  readonly onChange: (search: TrailSearch) => void
}

export function TimeRangeMenu({ search, onChange }: TimeRangeMenuProps): ReactElement {
  const { t } = useTranslation()
  const { zone } = useZone()
  const [isOpen, setIsOpen] = useState(false)
  // Days begin where the address says, so that a link means the same to everybody.
  const set = (from: string | undefined, to: string | undefined, tz = search.tz): void => {
    setIsOpen(false)
    onChange(parseTrailSearch({ ...search, from, to, tz }))
  }
  const isRolling = search.to === undefined && (search.from === undefined || isRelative(search.from))
  const calendar = calendarPresetOf(search)
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <button
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
        <Presets
          heading={t('range.rolling')}
          presets={rangePresets.map((preset) => ({
            name: presetName(preset, t),
            isChosen: isRolling && (search.from ?? '') === preset,
            choose: () => set(preset === '' ? undefined : preset, undefined),
          }))}
        />
        <Presets
          heading={t('range.byCalendar', { zone: zoneNow(zone) })}
          presets={calendarNames.map((name) => ({
            name: t(`range.calendar.${name}`),
            title: spanText(calendarPresets[name], zone, t),
            isChosen: calendar === name,
            choose: () => set(calendarPresets[name].from, calendarPresets[name].to, ianaOf(zone)),
          }))}
        />
        <div className={styles.own}>
          <AbsoluteRange key={zone} search={search} zone={zone} onSet={set} />
          <ZoneChoice />
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

interface Preset {
  readonly name: string
  readonly title?: string | undefined
  readonly isChosen: boolean
  readonly choose: () => void
}

function Presets(props: { readonly heading: string; readonly presets: readonly Preset[] }): ReactElement {
  return (
    <section className={styles.presets} aria-label={props.heading}>
      <p className={styles.heading}>{props.heading}</p>
      <ul>
        {props.presets.map(({ name, title, isChosen, choose }) => (
          <li key={name}>
            <button type="button" className={menu.item} aria-pressed={isChosen} title={title} onClick={choose}>
              {name}
              {isChosen && <CheckIcon size={14} />}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

interface AbsoluteRangeProps {
  readonly search: TrailSearch
  readonly zone: Zone
  readonly onSet: (from: string | undefined, to: string | undefined) => void
}

function AbsoluteRange({ search, zone, onSet }: AbsoluteRangeProps): ReactElement {
  const { t } = useTranslation()
  const [from, setFrom] = useState(() => asTyped(search.from, zone))
  const [to, setTo] = useState(() => asTyped(search.to, zone))
  const [fault, setFault] = useState<{ field: 'from' | 'to'; text: string }>()

  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const start = from.trim() === '' ? undefined : parseTypedTime(from, zone)
    const end = to.trim() === '' ? undefined : parseTypedTime(to, zone)
    if (from.trim() !== '' && start === undefined) return setFault({ field: 'from', text: t('range.notATime') })
    if (to.trim() !== '' && end === undefined) return setFault({ field: 'to', text: t('range.notATime') })
    if (start !== undefined && end !== undefined && end <= start) {
      return setFault({ field: 'to', text: t('range.endsBefore') })
    }
    onSet(iso(start), iso(end))
  }
  return (
    <form className={styles.absolute} onSubmit={submit}>
      <p className={styles.heading}>{t('range.absolute', { zone: zoneNow(zone) })}</p>
      <TextInput
        label={t('range.from')}
        placeholder={t('range.placeholder')}
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
        error={fault?.field === 'from' ? fault.text : undefined}
        size="xs"
      />
      <TextInput
        label={t('range.to')}
        placeholder={t('range.openEnd')}
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
        error={fault?.field === 'to' ? fault.text : undefined}
        size="xs"
      />
      <Button type="submit" variant="default">
        {t('range.apply')}
      </Button>
    </form>
  )
}

function iso(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString()
}
