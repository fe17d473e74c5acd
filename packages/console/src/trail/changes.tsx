/** What an event changed: value by value before and after, lists item by item, and whether it is looser or stricter now. */
import { type ActivityEvent, type PolicyChange, policyChange } from '@keywitness/cadf'
import { type ReactElement, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CheckIcon, NormalMark, WarningMark } from '../app/icons.tsx'
import { formatCount } from '../i18n/texts.ts'
import { FieldName } from './field-name.tsx'
import type { ChangeRow, FieldTable } from './fields.ts'
import type { ListDifference } from './list-difference.ts'
import shared from './panel-event.module.css'
import styles from './changes.module.css'

interface ChangesProps {
  readonly event: ActivityEvent
  readonly tables: readonly FieldTable[]
}

export function Changes({ event, tables }: ChangesProps): ReactElement | null {
  const { t } = useTranslation(['translation', 'trail'])
  const verdict = useMemo(() => policyChange(event), [event])
  const changes = tables.flatMap((table) => table.changes)
  if (changes.length === 0 && verdict === undefined) return null
  // What changed is read first; what stayed as it was stands below, and steps back.
  const sorted = [...changes.filter(({ isSame }) => !isSame), ...changes.filter(({ isSame }) => isSame)]
  return (
    <section className={shared.changes}>
      <h3 className={shared.why}>{t('panel.changed')}</h3>
      {verdict !== undefined && <Verdict verdict={verdict} />}
      {sorted.length > 0 && (
        <table className={shared.table}>
          <thead>
            <tr>
              <th scope="col">{t('panel.changedField')}</th>
              <th scope="col">{t('panel.before')}</th>
              <th scope="col">{t('panel.after')}</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((change) => (
              <Change key={change.name} change={change} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

const marks = { looser: WarningMark, stricter: CheckIcon, other: NormalMark }

function Verdict({ verdict }: { readonly verdict: PolicyChange }): ReactElement {
  const { t } = useTranslation('trail')
  const Mark = marks[verdict]
  return (
    <p className={styles.verdict} data-verdict={verdict}>
      <Mark size={14} />
      {t(`change.${verdict}`)}
    </p>
  )
}

function Change({ change }: { readonly change: ChangeRow }): ReactElement {
  const { t } = useTranslation(['translation', 'trail'])
  const { name, meaning, before, after, items, isSame } = change
  return (
    <>
      <tr data-same={isSame || undefined} className={styles.change}>
        <th scope="row">
          <FieldName name={name} />
          {isSame && <span className={styles.same}>{t('change.same', { ns: 'trail' })}</span>}
        </th>
        {items !== undefined && !isSame ? (
          <td colSpan={2}>
            <Items items={items} />
          </td>
        ) : (
          <>
            <td data-side="before">{before ?? t('panel.notSet')}</td>
            <td data-side="after">{after ?? t('panel.notSet')}</td>
          </>
        )}
      </tr>
      {meaning !== undefined && (
        <tr className={styles.meaning}>
          <td colSpan={3}>{meaning}</td>
        </tr>
      )}
    </>
  )
}

function Items({ items }: { readonly items: ListDifference }): ReactElement {
  const { t } = useTranslation('trail')
  const [isAll, setIsAll] = useState(false)
  const { added, removed, kept } = items
  return (
    <>
      <ul className={styles.items}>
        {added.map((value) => (
          <Item key={value} value={value} kind="added" sign="+" />
        ))}
        {removed.map((value) => (
          <Item key={value} value={value} kind="removed" sign="−" />
        ))}
        {isAll && kept.map((value) => <Item key={value} value={value} kind="same" sign="=" />)}
      </ul>
      {kept.length > 0 && (
        <button type="button" className={styles.kept} aria-expanded={isAll} onClick={() => setIsAll(!isAll)}>
          {isAll ? t('change.hideKept') : t('change.kept', { count: kept.length, formatted: formatCount(kept.length) })}
        </button>
      )}
    </>
  )
}

interface ItemProps {
  readonly value: string
  readonly kind: 'added' | 'removed' | 'same'
  readonly sign: string
}

function Item({ value, kind, sign }: ItemProps): ReactElement {
  const { t } = useTranslation('trail')
  return (
    <li className={styles.item} data-kind={kind}>
      <span aria-hidden="true">{sign}</span>
      <span>
        {value} <span className={styles.word}>{t(`change.${kind}`)}</span>
      </span>
    </li>
  )
}
