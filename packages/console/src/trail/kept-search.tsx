/** What a view keeps of a search, and what it kept before: in the words of the page. */
import { Fragment, type ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { SavedView, ViewContent } from '../api/views-api.ts'
import { useZone } from '../app/zone.tsx'
import { rangeName } from './range-words.ts'
import { contentOf } from './saved-views.ts'
import styles from './saved-view-dialog.module.css'

interface KeptSearchProps {
  readonly content: ViewContent
  /** What the view keeps until now. */
  readonly before: SavedView | undefined
}

export function KeptSearch({ content, before }: KeptSearchProps): ReactElement {
  const { t } = useTranslation('views')
  const { t: common } = useTranslation()
  const { t: trail } = useTranslation('trail')
  const { zone } = useZone()
  const words = ({ query, from, to, by }: ViewContent): readonly string[] => [
    query === '' ? t('everything') : query,
    rangeName({ from: from ?? undefined, to: to ?? undefined }, zone, common),
    trail(by === 'outcome' ? 'histogram.byOutcome' : 'histogram.bySeverity'),
  ]
  const [now, old] = [words(content), before === undefined ? [] : words(contentOf(before))]
  const labels = [t('query'), common('range.label'), trail('histogram.by')]
  return (
    <dl className={styles.kept}>
      {labels.map((label, i) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            {i === 0 ? <Query text={now[i]} /> : <span>{now[i]}</span>}
            {old[i] !== undefined && old[i] !== now[i] && (
              <span className={styles.old}>
                {t('instead')} <del>{old[i]}</del>
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** A query as its terms, none of which is broken where there is room: a sign that stood alone would say something else. */
function Query({ text = '' }: { readonly text: string | undefined }): ReactElement {
  return (
    <code>
      {text.split(' ').map((term, at) => (
        <Fragment key={`${at} ${term}`}>
          {at > 0 && ' '}
          <span className={styles.term}>{term}</span>
        </Fragment>
      ))}
    </code>
  )
}
