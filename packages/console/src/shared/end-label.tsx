/** When something ends: the time, and in its last month how near that is. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CriticalMark, WarningMark } from '../app/icons.tsx'
import { durationText } from './duration-text.ts'
import { endingOf } from './ending.ts'
import { Moment } from './moment.tsx'
import { useNow } from './use-now.ts'
import labels from './labels.module.css'
import styles from './end-label.module.css'

/** @param at RFC 3339 */
export function EndLabel({ at }: { readonly at: string }): ReactElement {
  const { t } = useTranslation()
  const { kind, tone, ms } = endingOf(Date.parse(at), useNow())
  const Mark = tone === 'critical' ? CriticalMark : WarningMark
  return (
    <span className={styles.line}>
      <Moment at={at} />
      {kind !== 'later' && (
        <span className={labels.label} data-tone={tone}>
          <Mark size={12} className={labels.mark} />
          {t(kind === 'ended' ? 'ending.ended' : 'ending.soon', {
            span: durationText(ms / 1_000, t, 'minutes'),
          })}
        </span>
      )}
    </span>
  )
}
