/** Deleting a rule, for a reason: what it means is said before. */
import { Button } from '@mantine/core'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RuleView } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { SayForm } from '../shared/say-form.tsx'
import { useRefusalWords } from './use-refusal-words.ts'
import { useChange } from './use-setup.ts'
import say from '../shared/say-form.module.css'

interface RuleDeletionProps {
  readonly view: RuleView
  readonly onDeleted: () => void
}

export function RuleDeletion({ view, onDeleted }: RuleDeletionProps): ReactElement {
  const { t } = useTranslation('alerts')
  const words = useRefusalWords('rule')
  const [isAsking, setIsAsking] = useState(false)
  const deleting = useChange(['rules'], (api, reason: string) => api.deleteRule(view.rule.id, reason))
  return (
    <div className={say.turn}>
      {!isAsking && (
        <Button variant="subtle" onClick={() => setIsAsking(true)}>
          {t('rule.delete')}
        </Button>
      )}
      {deleting.error !== null && (
        <ActProblem error={asApiError(deleting.error)} said={words.said(deleting.error)} onDismiss={deleting.reset} />
      )}
      {isAsking && (
        <SayForm
          label={t('rule.deleteReason')}
          confirm={t('rule.deleteConfirm')}
          isBusy={deleting.isPending}
          most={500}
          note={<p className={say.note}>{t(view.pack === undefined ? 'rule.deleteNote' : 'rule.deleteShippedNote')}</p>}
          onCancel={() => setIsAsking(false)}
          onSay={(reason) => deleting.mutate(reason, { onSuccess: onDeleted })}
        />
      )}
    </div>
  )
}
