/** The time range: presets that end now, or two absolute times in the zone that is shown. */
import type { TFunction } from 'i18next'
import { Button, Popover, TextInput } from '@mantine/core'
import { type FormEvent, type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CheckIcon, ChevronIcon, ClockIcon } from '../app/icons.tsx'
import menu from '../app/menu-item.module.css'
import { useZone } from '../app/zone.tsx'
import { type TrailSearch, parseTrailSearch } from './search.ts'
import { type Zone, formatTypedTime, isRelative, parseTypedTime, rangePresets, zoneNow } from './time-range.ts'
import styles from './time-range-menu.module.css'

interface TimeRangeMenuProps {
  readonly search: TrailSearch
  readonly onChange: (search: TrailSearch) => void
}

export function TimeRangeMenu({ search, onChange }: TimeRangeMenuProps): ReactElement {
  const { t } = useTranslation()
  const { zone } = useZone()
  const [isOpen, setIsOpen] = useState(false)
  const set = (from: string | undefined, to: string | undefined): void => {
    setIsOpen(false)
    onChange(parseTrailSearch({ ...search, from, to }))
  }
  const isPreset = search.to === undefined && (search.from === undefined || isRelative(search.from))
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className={styles.button}
          onClick={() => setIsOpen(!isOpen)}
          data-set={search.from !== undefined || search.to !== undefined || undefined}
        >
          <ClockIcon />
          <span className="kw-hidden">{t('range.label')}</span>
          <span>{rangeName(search, zone, t)}</span>
          <ChevronIcon className={styles.chevron} />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.dropdown} aria-label={t('range.label')}>
        <ul className={styles.presets}>
          {rangePresets.map((preset) => {
            const isChosen = isPreset && (search.from ?? '') === preset
            return (
              <li key={preset}>
                <button
                  type="button"
                  className={menu.item}
                  aria-pressed={isChosen}
                  onClick={() => set(preset === '' ? undefined : preset, undefined)}
                >
                  {presetName(preset, t)}
                  {isChosen && <CheckIcon size={14} />}
                </button>
              </li>
            )
          })}
        </ul>
        <AbsoluteRange search={search} zone={zone} onSet={set} />
      </Popover.Dropdown>
    </Popover>
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

function asTyped(text: string | undefined, zone: Zone): string {
  const time = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(time) ? '' : formatTypedTime(time, zone)
}

function presetName(preset: string, t: TFunction): string {
  const name = preset === '' ? 'any' : (preset.slice(1) as '15m' | '1h' | '6h' | '24h' | '7d' | '30d')
  return t(`range.presets.${name}`)
}

function rangeName(search: TrailSearch, zone: Zone, t: TFunction): string {
  const { from, to } = search
  const preset = rangePresets.find((each) => each === (from ?? ''))
  if (to === undefined && preset !== undefined) return presetName(preset, t)
  const end = (text: string | undefined, open: string): string => asTyped(text, zone) || text || open
  return t('range.between', { from: end(from, t('range.start')), to: end(to, t('range.now')) })
}
