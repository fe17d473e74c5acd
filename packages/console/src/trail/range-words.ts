/** Time ranges in words: by the name of a preset, or from when to when. */
import type { TFunction } from 'i18next'
import {
  type Zone,
  calendarPresetOf,
  formatMinute,
  formatTypedTime,
  isRelative,
  rangePresets,
  timeOf,
  zoneNow,
} from './time-range.ts'

interface Range {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

export function presetName(preset: (typeof rangePresets)[number], t: TFunction): string {
  const name = preset === '' ? 'any' : (preset.slice(1) as '15m' | '1h' | '6h' | '24h' | '7d' | '30d')
  return t(`range.presets.${name}`)
}

export function rangeName({ from, to }: Range, zone: Zone, t: TFunction): string {
  const calendar = calendarPresetOf({ from, to })
  if (calendar !== undefined) return t(`range.calendar.${calendar}`)
  const preset = rangePresets.find((each) => each === (from ?? ''))
  if (to === undefined && preset !== undefined) return presetName(preset, t)
  const end = (text: string | undefined, open: string): string => asTyped(text, zone) || text || open
  return t('range.between', { from: end(from, t('range.start')), to: end(to, t('range.now')) })
}

/** From when to when a range is, for whoever points at it; undefined for one that has no beginning. */
export function spanText({ from, to }: Range, zone: Zone, t: TFunction): string | undefined {
  const now = Date.now()
  const [start, end] = [timeOf(from, zone, now), timeOf(to, zone, now)]
  if (start === undefined) return undefined
  const begin = formatMinute(start, zone)
  if (end === undefined) return t('range.sinceSpan', { from: `${begin} ${zoneNow(zone)}` })
  return t('range.span', { from: begin, to: `${formatMinute(end, zone)} ${zoneNow(zone)}` })
}

/** A time of the address as one would type it; what is relative is left to the presets: typed, it would stand still. */
export function asTyped(text: string | undefined, zone: Zone): string {
  const time = isRelative(text) ? undefined : timeOf(text, zone, Date.now())
  return time === undefined ? '' : formatTypedTime(time, zone)
}
