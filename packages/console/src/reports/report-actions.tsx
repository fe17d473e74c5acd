/** What can be done with a report: print it, take the evidence of it, share its address. */
import { Button } from '@mantine/core'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type ApiError, asApiError } from '../api/problem.ts'
import type { ReportQuestion, ReportsApi } from '../api/reports-api.ts'
import { LinkIcon } from '../app/icons.tsx'
import { CopyButton } from '../shared/copy-button.tsx'
import { downloadBlob } from '../shared/download.ts'
import styles from './reports.module.css'

interface ReportActionsProps {
  readonly api: ReportsApi
  readonly question: ReportQuestion
  /** Of files, without an ending. */
  readonly name: string
}

export function ReportActions({ api, question, name }: ReportActionsProps): ReactElement {
  const { t } = useTranslation('reports')
  const [state, setState] = useState<'fetching' | 'fetched' | ApiError>()
  const fetchEvidence = async (): Promise<void> => {
    setState('fetching')
    try {
      downloadBlob(`${name}.evidence`, await (await api.evidence(question)).blob())
      setState('fetched')
    } catch (error) {
      setState(asApiError(error))
    }
  }
  return (
    <div className={styles.actions} data-screen>
      <Button variant="default" onClick={() => window.print()}>
        {t('print')}
      </Button>
      <Button variant="default" loading={state === 'fetching'} onClick={() => void fetchEvidence()}>
        {t('evidence')}
      </Button>
      <CopyButton text={window.location.href} label={t('copyAddress')} icon={<LinkIcon size={14} />} />
      <span role="status" className={styles.note} data-failed={typeof state === 'object' || undefined}>
        {state === 'fetching' && t('evidenceFetching')}
        {state === 'fetched' && t('evidenceFetched')}
        {typeof state === 'object' && t('evidenceFailed', { message: state.told })}
      </span>
    </div>
  )
}
