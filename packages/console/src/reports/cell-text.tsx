/** A value of a report as it is shown: by its kind. */
import { type Cell, type CellKind, scopeInWords } from '@keywitness/cadf'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../i18n/texts.ts'
import { actionTitle } from '../shared/action-title.ts'
import { DatedMoment } from '../shared/dated-moment.tsx'
import { wordFor } from './words.ts'

/** Characters from which on a text gets room at the cost of others: more than an id or a hash has. */
const longTextMin = 50
/** Characters up to which a text stands on one line, or on as many as it has words. */
const shortTextMax = 12
/** Of an id its two halves: it is broken nowhere else. */
const uuid = /^([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-)([\da-f]{4}-[\da-f]{12})$/i
/** A word of so many is a hash: it may be broken anywhere. */
const hash = /[^\s-]{32}/

interface CellTextProps {
  readonly kind: CellKind
  readonly value: Cell
}

export function CellText({ kind, value }: CellTextProps): ReactElement | null {
  if (value === undefined || value === '') return null
  if (kind === 'time') return <DatedMoment at={String(value)} />
  if (kind === 'duration') return <Duration ms={Number(value)} />
  if (kind === 'count') return <>{formatCount(Number(value))}</>
  if (kind === 'code') return <Words text={wordFor('codes', String(value))} />
  if (kind === 'codes') {
    const words = String(value).split(' ')
    return <>{words.map((code) => wordFor('codes', code)).join(', ')}</>
  }
  if (kind === 'scope') return <span title={String(value)}>{scopeInWords(String(value))}</span>
  if (kind === 'action')
    return (
      <span data-action title={String(value)}>
        {actionTitle(String(value))}
      </span>
    )
  if (String(value).length > longTextMin) return <span data-long>{value}</span>
  if (hash.test(String(value))) return <span data-hash>{value}</span>
  const halves = uuid.exec(String(value))
  if (halves !== null) return <Id start={halves[1] ?? ''} end={halves[2] ?? ''} />
  return <Words text={String(value)} />
}

/** A few words are not broken after each. */
function Words({ text }: { readonly text: string }): ReactElement {
  return text.length > shortTextMax ? <span data-words>{text}</span> : <>{text}</>
}

function Id({ start, end }: { readonly start: string; readonly end: string }): ReactElement {
  return (
    <span data-id>
      <span data-half>{start}</span>
      <wbr />
      <span data-half>{end}</span>
    </span>
  )
}

function Duration({ ms }: { readonly ms: number }): ReactElement {
  const { t } = useTranslation('reports')
  const minutes = Math.round(ms / 60_000)
  if (ms < 60_000) return <>{t('seconds', { seconds: Math.round(ms / 1_000) })}</>
  if (minutes < 60) return <>{t('minutes', { minutes })}</>
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return <>{t('hours', { hours, minutes: minutes % 60 })}</>
  return <>{t('days', { days: Math.floor(hours / 24), hours: hours % 24 })}</>
}
