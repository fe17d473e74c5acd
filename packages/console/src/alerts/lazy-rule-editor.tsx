/** The form of a rule, whose file comes when somebody writes one: it brings the query language along. */
import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { RuleView } from '../api/alert-types.ts'
import { useRights } from '../app/rights.ts'
import { StateView } from '../app/state-view.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { LazyPart } from '../shared/lazy-part.tsx'

interface LazyRuleEditorProps {
  readonly view: RuleView | undefined
  readonly query: string
  readonly onSaved: (id: string) => void
  readonly onCancel: () => void
}

export function LazyRuleEditor(props: LazyRuleEditorProps): ReactElement {
  return (
    <ForWriters onLeave={props.onCancel}>
      <LazyPart
        key={`${props.view?.rule.id ?? ''} ${props.query}`}
        name="rule-editor"
        load={async () => (await import('./rule-editor.tsx')).RuleEditor}
        props={props}
      />
    </ForWriters>
  )
}

export function LazyRulesImport(props: { readonly onDone: () => void }): ReactElement {
  return (
    <ForWriters onLeave={props.onDone}>
      <LazyPart name="rules-import" load={async () => (await import('./rules-import.tsx')).RulesImport} props={props} />
    </ForWriters>
  )
}

/** Nobody fills in a form that the server would refuse. */
function ForWriters(props: { readonly onLeave: () => void; readonly children: ReactElement }): ReactElement {
  const { t } = useTranslation('alerts')
  const may = useRights()
  const { tracker } = useRoom()
  if (may('trail.watch', { tracker: tracker.location })) return props.children
  return (
    <StateView kind="forbidden" title={t('rule.forbidden')} text={t('refusal.forbidden')}>
      <Button variant="default" onClick={props.onLeave}>
        {t('file.back')}
      </Button>
    </StateView>
  )
}
