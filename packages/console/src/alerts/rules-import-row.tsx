/** One rule or calendar of a file: what it would change, and what came of saving it. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { ApiError } from '../api/problem.ts'
import { formatCount } from '../i18n/texts.ts'
import { StateLabel } from '../shared/state-label.tsx'
import { DifferenceTable } from './difference-table.tsx'
import { changedMembers } from './difference-words.ts'
import type { PlannedItem } from './rules-file.ts'
import type { SaveResult } from './use-rules-import.ts'
import { useRefusalWords } from './use-refusal-words.ts'
import cards from '../shared/cards.module.css'
import form from '../shared/say-form.module.css'
import styles from './rules-import.module.css'

interface ImportRowProps {
  readonly item: PlannedItem
  readonly isChosen: boolean
  /** It is saved, or something is being saved. */
  readonly isFixed: boolean
  readonly result: SaveResult | undefined
  readonly lineAt: (path: string) => number
  readonly onChoose: (isChosen: boolean) => void
}

const tones = { saving: 'pending', saved: 'good', refused: 'critical' } as const

export function ImportRow({ item, isChosen, isFixed, result, lineAt, onChoose }: ImportRowProps): ReactElement {
  const { t } = useTranslation(['alerts', 'translation'])
  const { kind, name, change, differences, turns, wanted } = item
  return (
    <li className={styles.item}>
      <div className={cards.top}>
        <label className={form.choice}>
          <input
            type="checkbox"
            checked={isChosen}
            disabled={isFixed}
            onChange={(event) => onChoose(event.currentTarget.checked)}
          />
          <span className={styles.name}>
            <bdi>{name}</bdi>
          </span>
        </label>
        {result === undefined ? (
          <span className={styles.change}>{t(`file.change.${change === 'new' ? 'new' : 'differs'}.${kind}`)}</span>
        ) : (
          <StateLabel tone={tones[result.kind]}>{t(`file.result.${result.kind}`)}</StateLabel>
        )}
      </div>
      {result?.kind === 'refused' && (
        <Refusal {...{ item, lineAt }} error={result.error} isWritten={result.isWritten} />
      )}
      {turns !== undefined && result?.kind !== 'saved' && <p className={form.note}>{t(`file.turns.${turns}`)}</p>}
      {differences.length > 0 && (
        <details className={styles.details}>
          <summary>{t('versions.changed', { names: changedMembers(differences, t) })}</summary>
          <DifferenceTable differences={differences} before={t('file.here')} after={t('file.inFile')} />
        </details>
      )}
      {change === 'new' && (
        <details className={styles.details}>
          <summary>{t('alerts.panel.json', { ns: 'translation' })}</summary>
          <pre className={styles.json}>
            <code>{JSON.stringify(wanted, null, 2)}</code>
          </pre>
        </details>
      )}
    </li>
  )
}

interface RefusalProps extends Pick<ImportRowProps, 'item' | 'lineAt'> {
  readonly error: ApiError
  readonly isWritten: boolean
}

/** Where the server says what of it is wrong, the line of the file is told. */
function Refusal({ item, lineAt, error, isWritten }: RefusalProps): ReactElement {
  const { t } = useTranslation('alerts')
  const words = useRefusalWords(item.kind)
  const said = words.said(error) ?? t('file.refused', { message: error.told })
  const member = error.at?.name.replace(/^(?:rule|calendar)\.?/, '')
  const message =
    member === undefined || isWritten
      ? said
      : t('json.fault', {
          line: formatCount(lineAt(member === '' ? item.path : `${item.path}.${member}`)),
          message: error.message,
        })
  return (
    <p className={form.error} role="alert">
      {isWritten ? t('file.onlyWritten', { message }) : message}
    </p>
  )
}
