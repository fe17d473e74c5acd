/** The certificates in force: whose they are, which end soon, which nobody can change, and whether clients need one. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { type ReactElement, useCallback, useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { type AcceptedCertificate, type AcceptedCertificates, createCertificatesApi } from '../api/certificates-api.ts'
import { asApiError } from '../api/problem.ts'
import { LockIcon } from '../app/icons.tsx'
import { useApi } from '../app/session.tsx'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { formatCount } from '../i18n/texts.ts'
import { AsOf } from '../shared/as-of.tsx'
import { CommandLine } from '../shared/command-line.tsx'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { EndLabel } from '../shared/end-label.tsx'
import { endingOf } from '../shared/ending.ts'
import { InstancePage } from '../shared/instance-page.tsx'
import { Notice } from '../shared/notice.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { StaleNotice } from '../shared/stale-notice.tsx'
import { useNow } from '../shared/use-now.ts'
import { CertificatePanel } from './certificate-panel.tsx'
import type { ViewProps } from './certificates-page.tsx'
import { certCommand } from './commands.ts'
import cards from '../shared/cards.module.css'
import labels from '../shared/labels.module.css'
import styles from './certificates.module.css'

export function CertificatesView(props: ViewProps): ReactElement {
  const { guid, search, views, onChange } = props
  const { t } = useTranslation('certificates')
  const { calls } = useApi()
  const api = useMemo(() => createCertificatesApi(calls, guid), [calls, guid])
  const { data, error, refetch, dataUpdatedAt, isFetching } = useQuery({
    queryKey: ['certificates', guid],
    queryFn: ({ signal }) => api.certificates(signal),
  })
  const open = data?.certs.find(
    ({ certId, administrator }) => certId === search.certificate && administrator.id === search.of,
  )
  const close = useCallback(() => onChange({}), [onChange])
  const { offer } = useShortcuts()
  const hasOpen = open !== undefined
  useEffect(() => offer({ ...(hasOpen && { close }) }), [offer, hasOpen, close])
  const retry = (): void => void refetch()
  return (
    <InstancePage
      title={t('title')}
      views={views}
      panel={open && <CertificatePanel key={keyOf(open)} guid={guid} certificate={open} onClose={close} />}
    >
      {data === undefined && error === null && <StateView kind="loading" title={t('loading')} />}
      {data === undefined && error !== null && (
        <ReadFailed title={t('failed')} forbidden={t('forbidden')} error={asApiError(error)} onRetry={retry} />
      )}
      {data?.certs.length === 0 && (
        <StateView kind="empty" title={t('empty')} text={t('emptyText')}>
          <div className={styles.first}>
            <CommandLine command={certCommand('adminkey set', guid)} />
            <CommandLine command={certCommand('set --cert-id clients --cert clients-ca.pem', guid)} />
          </div>
        </StateView>
      )}
      {data !== undefined && data.certs.length > 0 && (
        <div className={cards.cards} tabIndex={0} role="group" aria-label={t('title')}>
          <AsOf at={dataUpdatedAt} isReading={isFetching} onRefresh={retry} />
          <StaleNotice error={error} />
          <Ends list={data} />
          <Enforcement list={data} toRecoveries={() => onChange({ view: 'recoveries' })} />
          <h2 className={cards.heading}>{t('views.certificates')}</h2>
          <DataTable
            label={t('views.certificates')}
            columns={columnsIn(t)}
            rows={data.certs}
            keyOf={keyOf}
            openKey={open && keyOf(open)}
            onOpen={({ certId, administrator }) => onChange({ certificate: certId, of: administrator.id })}
            sorting={{ column: 'ends', isDescending: false }}
          />
          <section className={cards.hint}>
            <h2 className={cards.heading}>{t('changes')}</h2>
            <p className={cards.note}>{t('changeText')}</p>
            <p className={cards.note}>{t('changeAdd')}</p>
            <CommandLine command={certCommand('set --cert-id clients-next --cert clients-ca.pem', guid)} />
          </section>
        </div>
      )}
    </InstancePage>
  )
}

const keyOf = ({ certId, administrator }: AcceptedCertificate): string => `${administrator.id} ${certId}`

/** What ends soon, or has ended, is said first. */
function Ends({ list }: { readonly list: AcceptedCertificates }): ReactElement | null {
  const { t } = useTranslation('certificates')
  const now = useNow()
  const ends = list.certs.map((certificate) => ({ certificate, ...endingOf(Date.parse(certificate.notAfter), now) }))
  const near = ends.filter(({ tone }) => tone !== undefined)
  if (near.length === 0) return null
  const count = near.length
  const ended = near.filter(({ kind }) => kind === 'ended').length
  const isAll = ended === list.certs.length
  const what = ended === 0 ? 'soon' : ended === count ? 'ended' : 'endSoon'
  return (
    <Notice
      tone={near.some(({ tone }) => tone === 'critical') ? 'critical' : 'warning'}
      title={isAll ? t('allEnded') : t(what, { count, formatted: formatCount(count) })}
    >
      <p>{t(isAll ? 'allEndedText' : 'endText')}</p>
      <ul className={styles.ends}>
        {near.map(({ certificate }) => (
          <li key={keyOf(certificate)}>
            <strong>{certificate.certId}</strong> <EndLabel at={certificate.notAfter} />
          </li>
        ))}
      </ul>
    </Notice>
  )
}

interface EnforcementProps {
  readonly list: AcceptedCertificates
  readonly toRecoveries: () => void
}

function Enforcement({ list, toRecoveries }: EnforcementProps): ReactElement {
  const { t } = useTranslation('certificates')
  const { mtlsEnabled, generation, certs } = list
  const frozen = certs.filter((each) => each.frozen)
  const count = frozen.length
  return (
    <>
      <Notice tone={mtlsEnabled ? 'good' : 'warning'} title={t(mtlsEnabled ? 'on' : 'off')}>
        <p>{t(mtlsEnabled ? 'onText' : 'offText')}</p>
        <p>{t('generation', { count: generation, formatted: formatCount(generation) })}</p>
      </Notice>
      {count > 0 && (
        <Notice tone="warning" title={t('frozenCount', { count, formatted: formatCount(count) })}>
          <p>{t('frozenText')}</p>
          <ul className={styles.ends}>
            {frozen.map((each) => (
              <li key={keyOf(each)}>
                <strong>{each.certId}</strong>
              </li>
            ))}
          </ul>
          <Button variant="default" onClick={toRecoveries}>
            {t('toRecoveries')}
          </Button>
        </Notice>
      )}
    </>
  )
}

function columnsIn(
  t: TFunction<'certificates'>,
): readonly [Column<AcceptedCertificate>, ...Column<AcceptedCertificate>[]] {
  const nameOf = ({ administrator: { id, name } }: AcceptedCertificate): string => name ?? id
  return [
    { id: 'id', title: t('certificate'), cell: ({ certId }) => certId, sortBy: ({ certId }) => certId },
    {
      id: 'administrator',
      title: t('administrator'),
      needs: 'middle',
      cell: (each) => <span className={styles.any}>{nameOf(each)}</span>,
      sortBy: nameOf,
    },
    {
      id: 'subject',
      title: t('subject'),
      needs: 'wide',
      cell: ({ subject }) => <span className={styles.any}>{subject}</span>,
      sortBy: (each) => each.subject,
    },
    {
      id: 'ends',
      title: t('ends'),
      cell: ({ notAfter }) => <EndLabel at={notAfter} />,
      sortBy: ({ notAfter }) => notAfter,
    },
    {
      id: 'frozen',
      title: t('changeable'),
      needs: 'middle',
      cell: ({ frozen }) =>
        frozen ? (
          <span className={labels.label} data-tone="warning">
            <LockIcon size={12} className={labels.mark} />
            {t('frozen')}
          </span>
        ) : (
          t('yes')
        ),
      sortBy: ({ frozen }) => Number(frozen),
    },
  ]
}
