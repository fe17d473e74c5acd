/** The way from a search to a rule: the alerts page opens its form with the query that says the same. */
import { useMutation } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { type ReactElement, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { BellIcon } from '../app/icons.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { type TrailSearch, filterTokens, formatSearch } from './search.ts'
import { useMaySave } from './use-may-save.ts'
import styles from './view-toggles.module.css'

/** @param props.isReadable whether the search can be asked at all */
export function AlertAbout(props: { readonly search: TrailSearch; readonly isReadable: boolean }): ReactElement {
  const { search, isReadable } = props
  const { t } = useTranslation('trail')
  const { location } = useRoom().tracker
  const { history } = useRouter()
  const may = useMaySave()
  const whyId = useId()
  const going = useMutation({
    mutationFn: async () => (await import('./search-as-query.ts')).asQuery(search),
    networkMode: 'always',
    onSuccess: (query) => {
      if (query === undefined) return
      const address = formatSearch({ view: 'rules', new: 'rule', query })
      history.push(`/alerts/${encodeURIComponent(location)}${address}`)
    },
  })
  const { severity, outcome, query } = search
  const isWide =
    query === undefined && severity === undefined && outcome === undefined && filterTokens(search).length === 0
  const isUnsaid = going.isSuccess && going.data === undefined
  const why = !may
    ? t('rule.officer')
    : isWide
      ? t('rule.wide')
      : !isReadable
        ? t('line.unreadable')
        : isUnsaid
          ? t('views.unwritable')
          : going.isError
            ? t('line.missingFile')
            : undefined
  // What cannot be done can still be reached, and says why.
  const isOff = !may || isWide || !isReadable
  return (
    <>
      <button
        type="button"
        className={styles.toggle}
        data-long
        aria-disabled={isOff}
        aria-describedby={why === undefined ? undefined : whyId}
        title={`${t('rule.open')}. ${why ?? t('rule.help')}`}
        onClick={() => {
          if (!isOff) going.mutate()
        }}
      >
        <BellIcon size={14} />
        <span className={styles.label}>{t('rule.open')}</span>
      </button>
      {why !== undefined && (
        <span id={whyId} className={isOff ? 'kw-hidden' : styles.why} role={isOff ? undefined : 'alert'}>
          {why}
        </span>
      )}
    </>
  )
}
