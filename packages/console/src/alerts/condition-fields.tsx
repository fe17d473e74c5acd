/** When a rule fires: the kind of its condition, and what that kind asks for. */
import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { FieldGroup, SelectField, TextField } from './form-fields.tsx'
import { QueryInput } from './query-input.tsx'
import { countOf, type RuleDraft, withKind, withoutItem } from './rule-draft.ts'
import type { Faults } from './rule-faults.ts'
import {
  conditionKinds,
  dues,
  type MemberForm,
  type MemberSpec,
  membersOf,
  pairsMax,
  stepsMax,
  watched,
} from './rule-kinds.ts'
import { useRefusalWords } from './use-refusal-words.ts'
import styles from './editor.module.css'

interface ConditionFieldsProps {
  readonly draft: RuleDraft
  readonly faults: Faults
  readonly onChange: (draft: RuleDraft) => void
}

interface PlaceProps {
  readonly text: (place: string) => string
  readonly fault: (place: string) => string | undefined
  readonly set: (place: string, value: string) => void
}

export function ConditionFields({ draft, faults, onChange }: ConditionFieldsProps): ReactElement {
  const { t } = useTranslation('alerts')
  const words = useRefusalWords('rule')
  const { kind } = draft
  const place: PlaceProps = {
    text: (path) => draft.texts[path] ?? '',
    fault: (path) => words.fault(faults.get(path)),
    set: (path, value) => onChange({ ...draft, texts: { ...draft.texts, [path]: value } }),
  }
  const members = membersOf[kind]
  const short = members.filter(({ form }) => form !== 'query')
  return (
    <FieldGroup title={t('rule.fires')}>
      <SelectField
        label={t('rule.kind')}
        hint={t(`kindHint.${kind}`)}
        value={kind}
        options={conditionKinds.map((value) => ({ value, text: t(`kind.${value}`) }))}
        onChange={(next) => onChange(withKind(draft, next))}
      />
      {members
        .filter(({ form }) => form === 'query')
        .map((member) => (
          <Member key={member.name} kind={kind} member={member} {...place} />
        ))}
      {kind === 'sequence' && <Steps draft={draft} onChange={onChange} {...place} />}
      {kind === 'deadline' && <Due {...place} />}
      <div className={styles.row}>
        {short.map((member) => (
          <Member key={member.name} kind={kind} member={member} {...place} />
        ))}
      </div>
      {kind === 'sequence' && <Pairs draft={draft} onChange={onChange} {...place} />}
    </FieldGroup>
  )
}

/** Hints of what is written, by its form. */
const hints: { readonly [Form in MemberForm]?: 'duration' | 'field' | 'fields' | 'query' } = {
  duration: 'duration',
  field: 'field',
  fields: 'fields',
  query: 'query',
}

type MemberProps = PlaceProps & { readonly kind: RuleDraft['kind']; readonly member: MemberSpec }

function Member({ kind, member, text, fault, set }: MemberProps): ReactElement {
  const { t } = useTranslation('alerts')
  const { name, form, isOptional = false } = member
  const path = `when.${name}`
  const label = t(`member.${kind}.${name}` as 'member.match.query')
  const hint = hints[form]
  const shared = {
    label,
    hint: hint === undefined ? undefined : t(`hint.${hint}`),
    fault: fault(path),
    value: text(path),
    onChange: (value: string) => set(path, value),
  }
  if (form === 'query') return <QueryInput {...shared} />
  if (form === 'watched') {
    return (
      <SelectField
        {...shared}
        value={watched.find((each) => each === text(path)) ?? 'checkpoint'}
        options={watched.map((value) => ({ value, text: t(`watched.${value}`) }))}
      />
    )
  }
  return <TextField {...shared} isOptional={isOptional} isCode />
}

type ListProps = PlaceProps & Omit<ConditionFieldsProps, 'faults'>

function Steps({ draft, onChange, text, fault, set }: ListProps): ReactElement {
  const { t } = useTranslation('alerts')
  const count = countOf(draft, 'when.steps')
  return (
    <>
      {Array.from({ length: count }, (_, i) => (
        <div key={i} className={`${styles.item ?? ''} ${styles.step ?? ''}`}>
          <QueryInput
            label={t('steps.query', { number: i + 1 })}
            fault={fault(`when.steps.${i}.query`)}
            value={text(`when.steps.${i}.query`)}
            onChange={(value) => set(`when.steps.${i}.query`, value)}
          />
          <TextField
            label={t('steps.count', { number: i + 1 })}
            fault={fault(`when.steps.${i}.count`)}
            isCode
            placeholder="1"
            value={text(`when.steps.${i}.count`)}
            onChange={(value) => set(`when.steps.${i}.count`, value)}
          />
          {count > 2 && (
            <Button
              variant="subtle"
              aria-label={t('steps.removeLabel', { number: i + 1 })}
              onClick={() => onChange(withoutItem(draft, 'when.steps', i))}
            >
              {t('form.remove')}
            </Button>
          )}
        </div>
      ))}
      {count < stepsMax && (
        <div>
          <Button variant="default" onClick={() => set(`when.steps.${count}.query`, '')}>
            {t('steps.add')}
          </Button>
        </div>
      )}
    </>
  )
}

function Pairs({ draft, onChange, text, fault, set }: ListProps): ReactElement {
  const { t } = useTranslation('alerts')
  const count = countOf(draft, 'when.same')
  const add = (): void => {
    const texts = { [`when.same.${count}.0`]: 'initiator.id', [`when.same.${count}.1`]: 'initiator.id' }
    onChange({ ...draft, texts: { ...draft.texts, ...texts } })
  }
  return (
    <>
      {Array.from({ length: count }, (_, i) => (
        <div key={i} className={styles.item}>
          {([0, 1] as const).map((side) => (
            <TextField
              key={side}
              label={t(side === 0 ? 'pairs.first' : 'pairs.last')}
              fault={fault(`when.same.${i}.${side}`)}
              isCode
              value={text(`when.same.${i}.${side}`)}
              onChange={(value) => set(`when.same.${i}.${side}`, value)}
            />
          ))}
          <Button
            variant="subtle"
            aria-label={t('pairs.removeLabel', { number: i + 1 })}
            onClick={() => onChange(withoutItem(draft, 'when.same', i))}
          >
            {t('form.remove')}
          </Button>
        </div>
      ))}
      {count < pairsMax && (
        <div>
          <Button variant="default" onClick={add}>
            {t('pairs.add')}
          </Button>
        </div>
      )}
    </>
  )
}

function Due({ text, fault, set }: PlaceProps): ReactElement {
  const { t } = useTranslation('alerts')
  const due = dues.find((each) => each === text('when.due')) ?? 'after'
  return (
    <div className={styles.pair}>
      <SelectField
        label={t('due.label')}
        value={due}
        options={dues.map((value) => ({ value, text: t(`due.${value}`) }))}
        onChange={(value) => set('when.due', value)}
      />
      <TextField
        label={t(`due.value.${due}`)}
        hint={t(due === 'after' ? 'hint.duration' : 'hint.field')}
        fault={fault(`when.due.${due}`)}
        isCode
        value={text(`when.due.${due}`)}
        onChange={(value) => set(`when.due.${due}`, value)}
      />
    </div>
  )
}
