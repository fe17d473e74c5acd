/** The form of a rule: what it is called and why it matters, when it fires, and who is told. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { alertSeverities } from './search.ts'
import { ChannelChoice } from './channel-choice.tsx'
import { ConditionFields } from './condition-fields.tsx'
import { AreaField, FieldGroup, SelectField, TextField } from './form-fields.tsx'
import { ListFields } from './list-fields.tsx'
import { NameAndId } from './name-and-id.tsx'
import type { RuleDraft } from './rule-draft.ts'
import type { Faults } from './rule-faults.ts'
import { useRefusalWords } from './use-refusal-words.ts'
import { useCalendars } from './use-setup.ts'
import styles from './editor.module.css'

interface RuleFormProps {
  readonly draft: RuleDraft
  readonly faults: Faults
  readonly isNew: boolean
  readonly onChange: (draft: RuleDraft) => void
}

export function RuleForm({ draft, faults, isNew, onChange }: RuleFormProps): ReactElement {
  const { t } = useTranslation('alerts')
  const words = useRefusalWords('rule')
  const text = (place: string): string => draft.texts[place] ?? ''
  const fault = (place: string): string | undefined => words.fault(faults.get(place))
  const set = (place: string, value: string): void => onChange({ ...draft, texts: { ...draft.texts, [place]: value } })
  return (
    <>
      <FieldGroup title={t('rule.about')}>
        <NameAndId
          name={text('name')}
          id={text('id')}
          isNew={isNew}
          nameFault={fault('name')}
          idFault={fault('id')}
          onChange={(next) => onChange({ ...draft, texts: { ...draft.texts, ...next } })}
        />
        <SelectField
          label={t('rule.severity')}
          value={draft.severity}
          options={alertSeverities.map((value) => ({ value, text: t(`severity.${value}`) }))}
          onChange={(severity) => onChange({ ...draft, severity })}
        />
        <AreaField
          label={t('rule.description')}
          hint={t('rule.descriptionHint')}
          fault={fault('description')}
          isOptional
          rows={2}
          most={1_000}
          value={text('description')}
          onChange={(value) => set('description', oneLine(value))}
        />
        <AreaField
          label={t('rule.remedy')}
          hint={t('rule.remedyHint')}
          fault={fault('remedy')}
          isOptional
          rows={2}
          most={1_000}
          value={text('remedy')}
          onChange={(value) => set('remedy', oneLine(value))}
        />
      </FieldGroup>
      <ConditionFields draft={draft} faults={faults} onChange={onChange} />
      <FieldGroup title={t('rule.around')}>
        <TextField
          label={t('rule.groupBy')}
          hint={t('rule.groupByHint')}
          fault={fault('groupBy')}
          isOptional
          isCode
          value={text('groupBy')}
          onChange={(value) => set('groupBy', value)}
        />
        <TextField
          label={t('rule.title')}
          hint={t('rule.titleHint')}
          fault={fault('title')}
          isOptional
          most={200}
          value={text('title')}
          onChange={(value) => set('title', value)}
        />
        <DuringFields draft={draft} fault={fault('during')} onChange={onChange} />
        <ListFields draft={draft} fault={fault('lists')} onChange={onChange} />
      </FieldGroup>
      <ChannelChoice
        chosen={draft.channels}
        severity={draft.severity}
        fault={fault('channels')}
        onChange={(channels) => onChange({ ...draft, channels })}
      />
    </>
  )
}

interface DuringFieldsProps {
  readonly draft: RuleDraft
  readonly fault: string | undefined
  readonly onChange: (draft: RuleDraft) => void
}

function DuringFields({ draft, fault, onChange }: DuringFieldsProps): ReactElement {
  const { t } = useTranslation('alerts')
  const { data = [], error } = useCalendars()
  const calendar = draft.texts['during.calendar'] ?? ''
  const set = (texts: Record<string, string>): void => onChange({ ...draft, texts: { ...draft.texts, ...texts } })
  // One that is not in the list, or a list that could not be read, takes nothing from the rule.
  const known = data.some(({ id }) => id === calendar) || calendar === '' ? [] : [{ value: calendar, text: calendar }]
  return (
    <div className={styles.pair}>
      <SelectField
        label={t('rule.during')}
        hint={error === null ? undefined : t('rule.calendarsUnread')}
        fault={fault}
        value={calendar}
        options={[
          { value: '', text: t('rule.always') },
          ...known,
          ...data.map(({ id, name }) => ({ value: id, text: name })),
        ]}
        onChange={(value) => set({ 'during.calendar': value })}
      />
      {calendar !== '' && (
        <SelectField
          label={t('rule.duringIs')}
          value={draft.texts['during.is'] === 'inside' ? 'inside' : 'outside'}
          options={[
            { value: 'outside', text: t('rule.outside') },
            { value: 'inside', text: t('rule.inside') },
          ]}
          onChange={(value) => set({ 'during.is': value })}
        />
      )}
    </div>
  )
}

/** Texts of rules have no line breaks. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ')
}
