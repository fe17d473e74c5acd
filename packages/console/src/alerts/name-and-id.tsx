/** What a rule, channel or calendar is called: the id of a new one follows its name, until somebody writes one. */
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { TextField } from './form-fields.tsx'
import { idFor } from './setup-id.ts'
import styles from './editor.module.css'

interface NameAndIdProps {
  readonly name: string
  readonly id: string
  /** What is there already keeps its id. */
  readonly isNew: boolean
  readonly nameFault: string | undefined
  readonly idFault: string | undefined
  readonly onChange: (next: { readonly name?: string; readonly id?: string }) => void
}

export function NameAndId({ name, id, isNew, nameFault, idFault, onChange }: NameAndIdProps): ReactElement {
  const { t } = useTranslation('alerts')
  const [isOwnId, setIsOwnId] = useState(id !== '')
  return (
    <div className={styles.pair}>
      <TextField
        label={t('form.name')}
        fault={nameFault}
        most={120}
        hasFocus={isNew}
        value={name}
        onChange={(next) => onChange({ name: next, ...(isNew && !isOwnId && { id: idFor(next) }) })}
      />
      <TextField
        label={t('form.id')}
        hint={isNew ? t('form.idHint') : undefined}
        fault={idFault}
        most={64}
        isCode
        isReadOnly={!isNew}
        value={id}
        onChange={(next) => {
          setIsOwnId(next !== '')
          onChange({ id: next })
        }}
      />
    </div>
  )
}
