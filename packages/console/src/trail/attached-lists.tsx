/** Lists that were too long for their event: fetched when asked for, and handed on only when they hash to what it says. */
import { type ActivityEvent, type AttachedList, attachedLists } from '@keywitness/cadf'
import { toHex } from '@keywitness/tlog'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type ReactElement, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { DownloadIcon } from '../app/icons.tsx'
import { useApi } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { downloadText, fileNamePart } from '../shared/download.ts'
import { FieldSection } from './field-row.tsx'
import styles from './attached-lists.module.css'

interface AttachedListsProps {
  readonly event: ActivityEvent
  readonly index: number
}

export function AttachedLists({ event, index }: AttachedListsProps): ReactElement | null {
  const { t } = useTranslation()
  const lists = useMemo(() => attachedLists(event), [event])
  if (lists.length === 0) return null
  return (
    <FieldSection title={t('attached.title')}>
      {lists.map((list) => (
        <AttachedListRow key={list.at} list={list} event={event} index={index} />
      ))}
    </FieldSection>
  )
}

class Altered extends Error {}

function AttachedListRow({ list, event, index }: AttachedListsProps & { readonly list: AttachedList }): ReactElement {
  const { t } = useTranslation()
  const api = useApi()
  const { tracker } = useRoom()
  const name = list.at.slice(list.at.indexOf('.') + 1)
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: async () => {
      const content = await api.attachment(tracker.location, String(index), list.sha256)
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', content))
      if (toHex(hash) !== list.sha256) throw new Altered()
      downloadText(`${event.id}-${fileNamePart(name)}.json`, new TextDecoder().decode(content), 'application/json')
    },
  })
  return (
    <div className={styles.list}>
      <dt className={styles.name}>{name}</dt>
      <dd>
        <Button variant="default" size="xs" leftSection={<DownloadIcon />} loading={isPending} onClick={() => mutate()}>
          {t('attached.download', { count: list.count, formatted: formatCount(list.count) })}
        </Button>
        <p className={styles.said} role="status" data-failed={error !== null || undefined}>
          {isSuccess && t('attached.checked')}
          {error instanceof Altered && t('attached.altered')}
          {error !== null && !(error instanceof Altered) && t('attached.failed', { message: error.message })}
        </p>
      </dd>
    </div>
  )
}
