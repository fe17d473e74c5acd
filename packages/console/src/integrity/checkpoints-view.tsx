/** The checkpoints that the log keeps, the newest first; any two of them are proved against each other beside the list. */
import { Button, TextInput } from '@mantine/core'
import type { TFunction } from 'i18next'
import { type FormEvent, type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { IntegrityApi, ListedCheckpoint } from '../api/integrity-api.ts'
import { type ApiError, asApiError } from '../api/problem.ts'
import { StateView } from '../app/state-view.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { Moment } from '../shared/moment.tsx'
import { MoreButton } from '../shared/more-button.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { useIntegrityApi } from '../shared/use-tracker-status.ts'
import { useParts } from '../shared/use-parts.ts'
import { CheckpointPanel } from './checkpoint-panel.tsx'
import { coveringSize } from './covering-checkpoint.ts'
import type { ViewProps } from './view-props.ts'
import sheet from '../shared/sheet.module.css'
import styles from './integrity.module.css'

export function CheckpointsView({ search, onChange, frame }: ViewProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { tracker } = useRoom()
  const api = useIntegrityApi(tracker.location)
  const parts = useParts(['checkpoints', tracker.location], (after, signal) => api.checkpoints(after, signal))
  const { items, error, again } = parts
  const open = search.checkpoint
  const show = (size: number): void => onChange({ view: 'checkpoints', checkpoint: size }, open !== undefined)
  return frame(
    <>
      {items === undefined && error === undefined && <StateView kind="loading" title={t('checkpoints.loading')} />}
      {items === undefined && error !== undefined && (
        <ReadFailed title={t('checkpoints.failed')} error={error} onRetry={again} />
      )}
      {items?.length === 0 && (
        <StateView kind="empty" title={t('checkpoints.empty')} text={t('checkpoints.emptyText')} onRetry={again} />
      )}
      {items !== undefined && items.length > 0 && (
        <>
          <div className={styles.bar}>
            <EntryForm api={api} onFound={show} />
            <Button variant="default" onClick={again} loading={parts.isReading}>
              {t('checkpoints.again')}
            </Button>
          </div>
          <DataTable
            label={t('view.checkpoints')}
            columns={columnsIn(t)}
            rows={items}
            keyOf={({ size }) => String(size)}
            openKey={open === undefined ? undefined : String(open)}
            onOpen={({ size }) => show(size)}
          />
          <MoreButton parts={parts} />
        </>
      )}
    </>,
    open === undefined ? undefined : (
      <CheckpointPanel
        key={open}
        size={open}
        other={search.with}
        listed={items ?? []}
        onCompare={(other) =>
          onChange({ view: 'checkpoints', checkpoint: open, ...(other !== undefined && { with: other }) }, true)
        }
        onClose={() => onChange({ view: 'checkpoints' })}
      />
    ),
  )
}

function columnsIn(t: TFunction<'integrity'>): readonly [Column<ListedCheckpoint>, ...Column<ListedCheckpoint>[]] {
  return [
    { id: 'size', title: t('checkpoints.size'), cell: ({ size }) => formatCount(size) },
    { id: 'signed', title: t('checkpoints.signedAt'), cell: ({ signedAt }) => <Moment at={signedAt} /> },
    {
      id: 'root',
      title: t('checkpoints.root'),
      needs: 'middle',
      cell: ({ root }) => <code className={sheet.hash}>{root}</code>,
    },
  ]
}

interface EntryFormProps {
  readonly api: IntegrityApi
  readonly onFound: (size: number) => void
}

/** From an entry to the first kept checkpoint that covers it. */
function EntryForm({ api, onFound }: EntryFormProps): ReactElement {
  const { t } = useTranslation('integrity')
  const [text, setText] = useState('')
  const [state, setState] = useState<{ isBusy: boolean; said?: string; error?: ApiError }>({ isBusy: false })
  const find = async (): Promise<void> => {
    if (!/^\d{1,15}$/.test(text.trim())) return setState({ isBusy: false, said: t('checkpoints.notAnEntry') })
    setState({ isBusy: true })
    try {
      const size = await coveringSize((before) => api.checkpoints(before, undefined, 1_000), Number(text))
      setState(size === undefined ? { isBusy: false, said: t('checkpoints.noneCovers') } : { isBusy: false })
      if (size !== undefined) onFound(size)
    } catch (error) {
      setState({ isBusy: false, error: asApiError(error) })
    }
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    void find()
  }
  const { isBusy, said, error } = state
  return (
    <form className={styles.find} onSubmit={submit}>
      <TextInput
        label={t('checkpoints.entry')}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        inputMode="numeric"
        autoComplete="off"
        error={error === undefined ? said : error.message}
      />
      <Button type="submit" variant="default" loading={isBusy}>
        {t('checkpoints.find')}
      </Button>
    </form>
  )
}
