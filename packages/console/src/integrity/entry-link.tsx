/** To an entry of the log, as the trail shows it. */
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import sheet from '../shared/sheet.module.css'

export function EntryLink({ index }: { readonly index: number }): ReactElement {
  const { t } = useTranslation('integrity')
  const { tracker } = useRoom()
  return (
    <Link
      to="/trail/$location"
      params={{ location: tracker.location }}
      search={{ event: index }}
      className={sheet.link ?? ''}
    >
      {t('entry', { index: formatCount(index) })}
    </Link>
  )
}
