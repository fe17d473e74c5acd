/** The lists of a rule: values that its queries name as `$name`. */
import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { AreaField, TextField } from './form-fields.tsx'
import type { ListDraft, RuleDraft } from './rule-draft.ts'
import { listsMax } from './rule-kinds.ts'
import form from '../shared/say-form.module.css'
import styles from './editor.module.css'

interface ListFieldsProps {
  readonly draft: RuleDraft
  readonly fault: string | undefined
  readonly onChange: (draft: RuleDraft) => void
}

export function ListFields({ draft, fault, onChange }: ListFieldsProps): ReactElement {
  const { t } = useTranslation('alerts')
  const { lists } = draft
  const put = (place: number, list: Partial<ListDraft>): void =>
    onChange({ ...draft, lists: lists.map((each, i) => (i === place ? { ...each, ...list } : each)) })
  return (
    <>
      {lists.map(({ name, values }, i) => (
        <div key={i} className={styles.item}>
          <TextField
            label={t('lists.name')}
            fault={i === 0 ? fault : undefined}
            isCode
            most={64}
            value={name}
            onChange={(next) => put(i, { name: next })}
          />
          <AreaField
            label={t('lists.values')}
            isCode
            rows={3}
            value={values}
            onChange={(next) => put(i, { values: next })}
          />
          <Button
            variant="subtle"
            aria-label={t('lists.removeLabel', { name })}
            onClick={() => onChange({ ...draft, lists: lists.filter((_, place) => place !== i) })}
          >
            {t('form.remove')}
          </Button>
        </div>
      ))}
      {lists.length === 0 && fault !== undefined && <p className={form.error}>{fault}</p>}
      {lists.length < listsMax && (
        <div>
          <Button variant="default" onClick={() => onChange({ ...draft, lists: [...lists, { name: '', values: '' }] })}>
            {t('lists.add')}
          </Button>
        </div>
      )}
    </>
  )
}
