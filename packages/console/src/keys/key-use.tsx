/** When a key was used last, how often and by whom, as the trail knows it; asked for when somebody wants to know. */
import { Button } from '@mantine/core'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asApiError } from '../api/problem.ts'
import { formatCount } from '../i18n/texts.ts'
import { LastUse } from './last-use.tsx'
import { useKeyEvents, useUsesOfOne } from './use-uses.ts'
import styles from './lists.module.css'

interface KeyUseTextProps {
  readonly id: string
  /** Asked for at once: whoever decides about the key must know. */
  readonly isAsked?: boolean
}

/** Those who used it, told by name; of the others, how many there are. */
const usersShown = 5

export function KeyUseText({ id, isAsked = false }: KeyUseTextProps): ReactElement {
  const { t } = useTranslation('keys')
  const events = useKeyEvents()
  const [isWanted, setIsWanted] = useState(isAsked)
  const { data, error, isFetching, refetch } = useUsesOfOne(events, id, isWanted)
  if (events === undefined) return <p className={styles.note}>{t('use.noTrail')}</p>
  if (error !== null) {
    return (
      <div className={styles.list}>
        <p role="alert" className={styles.failed}>
          {t('use.failed', { message: asApiError(error).message })}
        </p>
        <Button variant="subtle" onClick={() => void refetch()}>
          {t('use.again')}
        </Button>
      </div>
    )
  }
  if (data === undefined) {
    return (
      <div className={styles.list}>
        <Button variant="subtle" disabled={isFetching} onClick={() => setIsWanted(true)}>
          {isFetching ? t('use.asking') : t('use.ask')}
        </Button>
      </div>
    )
  }
  const use = data.byKey.get(id)
  const names = data.users.slice(0, usersShown).map(({ name, value }) => name ?? value)
  const more = data.users.length - names.length
  return (
    <div>
      {use?.last === undefined ? (
        <p>{data.isComplete ? t('use.never') : t('use.neverPart')}</p>
      ) : (
        <p>
          {t('use.count', { count: use.count, formatted: formatCount(use.count) })} <LastUse use={use} />
        </p>
      )}
      {names.length > 0 && (
        <p className={styles.note}>
          {t('use.by', { names: names.join(', ') })}
          {more > 0 && <> {t('use.byMore', { count: more, formatted: formatCount(more) })}</>}
        </p>
      )}
    </div>
  )
}
