/** Rules as a file that the console and the command line take in again: all of them, or one with the calendar that it goes by. */
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { RuleDocument } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { useRoom } from '../app/witness-room.tsx'
import { ActProblem } from '../shared/act-problem.tsx'
import { downloadText, fileNamePart } from '../shared/download.ts'
import { useSetupApi } from './use-setup.ts'

interface RulesDownloadProps {
  /** The id of a rule; all when not given. */
  readonly only?: string
}

export function RulesDownload({ only }: RulesDownloadProps): ReactElement {
  const { t } = useTranslation('alerts')
  const api = useSetupApi()
  const { tracker } = useRoom()
  const giving = useMutation({
    mutationFn: () => api.exportRules(),
    networkMode: 'always',
    onSuccess: (found) => {
      const given = only === undefined ? found : part(found, only)
      const name = fileNamePart(`${only ?? 'rules'}-${tracker.location}`)
      downloadText(`${name}.json`, `${JSON.stringify(given, null, 2)}\n`, 'application/json')
    },
  })
  return (
    <>
      <Button variant="default" disabled={giving.isPending} onClick={() => giving.mutate()}>
        {t(only === undefined ? 'file.downloadAll' : 'file.download')}
      </Button>
      {giving.error !== null && <ActProblem error={asApiError(giving.error)} onDismiss={giving.reset} />}
    </>
  )
}

function part({ format, rules, calendars }: RuleDocument, only: string): RuleDocument {
  const found = rules.filter(({ rule }) => rule.id === only)
  const used = new Set(found.map(({ rule }) => rule.during?.calendar))
  return { format, rules: found, calendars: calendars.filter(({ id }) => used.has(id)) }
}
