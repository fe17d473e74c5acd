/** What speaks against the log, above everything else on the page and in words: nothing when nothing does. */
import { Button } from '@mantine/core'
import type { ReactElement, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { TrackerStatus } from '../api/integrity-api.ts'
import { AlertIcon } from '../app/icons.tsx'
import { formatCount } from '../i18n/texts.ts'
import type { IntegritySearch } from './search.ts'
import styles from './loud-notices.module.css'

interface LoudNoticesProps {
  readonly status: TrackerStatus | undefined
  readonly onChange: (search: IntegritySearch) => void
}

export function LoudNotices({ status, onChange }: LoudNoticesProps): ReactElement | null {
  const { t } = useTranslation('integrity')
  const last = status?.verification?.last
  const altered = status?.oddities?.altered ?? null
  return (
    <>
      {last?.state === 'bad' && (
        <Loud
          title={t('loud.bad', { count: last.findingsTotal, formatted: formatCount(last.findingsTotal) })}
          text={t('loud.badText')}
        >
          <Button
            variant="white"
            className={styles.button}
            onClick={() => onChange({ view: 'verifications', verification: last.id })}
          >
            {t('loud.badShow')}
          </Button>
        </Loud>
      )}
      {altered !== null && (
        <Loud title={t('loud.altered', { index: formatCount(altered) })} text={t('loud.alteredText')} />
      )}
      {status?.isFailing === true && <Loud title={t('loud.failing')} text={t('loud.failingText')} />}
    </>
  )
}

interface LoudProps {
  readonly title: string
  readonly text: string
  readonly children?: ReactNode
}

function Loud({ title, text, children }: LoudProps): ReactElement {
  return (
    <section className={styles.loud} role="alert">
      <AlertIcon size={24} />
      <div className={styles.said}>
        <h2 className={styles.title}>{title}</h2>
        <p>{text}</p>
        {children}
      </div>
    </section>
  )
}
