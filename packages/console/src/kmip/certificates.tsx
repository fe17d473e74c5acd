/** The certificates that an adapter lets in: whose they are, until when, when they were last there; added and removed. */
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { KmipAdapter, KmipApi, KmipCertificate } from '../api/kmip-api.ts'
import { asApiError } from '../api/problem.ts'
import { PanelFact } from '../app/side-panel.tsx'
import { StateView } from '../app/state-view.tsx'
import { formatCount } from '../i18n/texts.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { EndLabel } from '../shared/end-label.tsx'
import { EventLink } from '../shared/event-link.tsx'
import { Fingerprint } from '../shared/fingerprint.tsx'
import { Moment } from '../shared/moment.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { BeginFact } from './begin-label.tsx'
import { CertificateForm } from './certificate-form.tsx'
import { type LastSeen, useLastSeen } from './last-seen.ts'
import styles from './kmip.module.css'

interface CertificatesProps {
  readonly adapter: KmipAdapter
  readonly api: KmipApi
}

export function Certificates({ adapter, api }: CertificatesProps): ReactElement {
  const { t } = useTranslation('kmip')
  const [isAdding, setIsAdding] = useState(false)
  const [said, setSaid] = useState('')
  const { data, error, refetch } = useQuery({
    queryKey: ['kmip-certificates', adapter.id],
    queryFn: ({ signal }) => api.certificates(adapter.id, signal),
  })
  const seen = useLastSeen(adapter.id)
  if (data === undefined) {
    if (error === null) return <StateView kind="loading" title={t('certificatesLoading')} />
    return (
      <ReadFailed
        title={t('certificatesFailed')}
        forbidden={t('forbidden')}
        error={asApiError(error)}
        onRetry={() => void refetch()}
      />
    )
  }
  return (
    <>
      {data.length === 0 && <p>{t('certificatesNone')}</p>}
      {data.length > 0 && (
        <ul className={styles.certificates}>
          {data.map((certificate) => (
            <li key={certificate.id}>
              <Certificate
                adapter={adapter.id}
                api={api}
                certificate={certificate}
                seen={seen.data}
                onRemoved={() => setSaid(t('removed', { name: certificate.name }))}
              />
            </li>
          ))}
        </ul>
      )}
      <div role="status">{said !== '' && <p>{said}</p>}</div>
      <div className={styles.buttons}>
        {!isAdding && (
          <Button
            onClick={() => {
              setSaid('')
              setIsAdding(true)
            }}
          >
            {t('addCertificate')}
          </Button>
        )}
        {data.length > 0 && seen.isPossible && (
          <Button variant="default" loading={seen.isFetching} onClick={() => void seen.refetch()}>
            {t('look')}
          </Button>
        )}
      </div>
      {seen.error !== null && <ActProblem error={asApiError(seen.error)} forbidden={t('noTrail')} />}
      {isAdding && (
        <CertificateForm
          adapter={adapter}
          api={api}
          onCancel={() => setIsAdding(false)}
          onAdded={() => {
            setIsAdding(false)
            setSaid(t('added'))
          }}
        />
      )}
    </>
  )
}

interface CertificateProps {
  readonly adapter: string
  readonly api: KmipApi
  readonly certificate: KmipCertificate
  /** Undefined: nobody has looked. */
  readonly seen: LastSeen | undefined
  readonly onRemoved: () => void
}

function Certificate({ adapter, api, certificate, seen, onRemoved }: CertificateProps): ReactElement {
  const { t } = useTranslation('kmip')
  const queries = useQueryClient()
  const [isAsked, setIsAsked] = useState(false)
  const { id, name, subject, notBefore, notAfter, fingerprint } = certificate
  const removing = useMutation({
    mutationFn: () => api.removeCertificate(adapter, id),
    networkMode: 'always',
    onSuccess: async () => {
      onRemoved()
      await queries.invalidateQueries({ queryKey: ['kmip-certificates', adapter] })
    },
  })
  return (
    <section className={styles.certificate} aria-label={name}>
      <p className={styles.name}>{name}</p>
      <dl>
        <PanelFact name={t('subject')}>{subject}</PanelFact>
        <BeginFact at={notBefore} />
        <PanelFact name={t('ends')}>{notAfter === undefined ? t('noEnd') : <EndLabel at={notAfter} />}</PanelFact>
        <PanelFact name={t('fingerprint')}>
          <Fingerprint hex={fingerprint} />
        </PanelFact>
        {seen !== undefined && (
          <PanelFact name={t('lastSeen')}>
            <Seen seen={seen} fingerprint={fingerprint} />
          </PanelFact>
        )}
      </dl>
      <div>
        <Button variant="default" aria-label={t('removeName', { name })} onClick={() => setIsAsked(true)}>
          {t('remove')}
        </Button>
      </div>
      {isAsked && (
        <ConfirmDialog
          title={t('removeTitle')}
          name={name}
          will={[t('removeAsk', { name })]}
          confirm={t('removeConfirm')}
          isBusy={removing.isPending}
          error={removing.error}
          explain={({ kind }) => (kind === 'forbidden' ? t('forbiddenChange') : undefined)}
          onCancel={() => {
            removing.reset()
            setIsAsked(false)
          }}
          onConfirm={() => removing.mutate()}
        />
      )}
    </section>
  )
}

function Seen({ seen, fingerprint }: { readonly seen: LastSeen; readonly fingerprint: string }): ReactElement {
  const { t } = useTranslation('kmip')
  const found = seen.get(fingerprint)
  if (found === undefined) return <>{t('neverSeen')}</>
  const { count, newest } = found
  return (
    <span className={styles.seen}>
      {newest?.time !== undefined && <Moment at={newest.time} />}
      {t('seenCount', { count, formatted: formatCount(count) })}
      {newest !== undefined && <EventLink index={newest.index}>{t('newestEvent')}</EventLink>}
    </span>
  )
}
