/** Walks somebody through connecting vCenter: what to enter where, whom to trust, and whether it worked, by the trail's word. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { KmipAdapter, KmipApi, KmipEndpoint } from '../api/kmip-api.ts'
import { asApiError } from '../api/problem.ts'
import { CheckIcon, DownloadIcon } from '../app/icons.tsx'
import { PanelFact } from '../app/side-panel.tsx'
import { StateView } from '../app/state-view.tsx'
import { formatCount } from '../i18n/texts.ts'
import { CommandLine } from '../shared/command-line.tsx'
import { CopyButton } from '../shared/copy-button.tsx'
import { downloadText } from '../shared/download.ts'
import { EndLabel } from '../shared/end-label.tsx'
import { Fingerprint } from '../shared/fingerprint.tsx'
import { Notice } from '../shared/notice.tsx'
import { CertificateForm } from './certificate-form.tsx'
import { ConnectCheck } from './connect-check.tsx'
import type { KmipSearch } from './search.ts'
import cards from '../shared/cards.module.css'
import form from '../shared/say-form.module.css'
import labels from '../shared/labels.module.css'
import styles from './kmip.module.css'

interface ConnectGuideProps {
  readonly guid: string
  readonly api: KmipApi
  readonly adapters: readonly KmipAdapter[]
  readonly adapter: KmipAdapter | undefined
  readonly onChange: (search: KmipSearch) => void
}

export function ConnectGuide({ guid, api, adapters, adapter, onChange }: ConnectGuideProps): ReactElement {
  const { t } = useTranslation('kmip')
  const choiceId = useId()
  const { data: certificates } = useQuery({
    queryKey: ['kmip-certificates', adapter?.id],
    queryFn: ({ signal }) => api.certificates(adapter?.id ?? '', signal),
    enabled: adapter !== undefined,
  })
  const count = certificates?.length ?? 0
  return (
    <div className={cards.cards} tabIndex={0} role="group" aria-label={t('guide.title')}>
      <div className={cards.buttons}>
        <Button variant="default" onClick={() => onChange(adapter === undefined ? {} : { adapter: adapter.id })}>
          {t('guide.back')}
        </Button>
      </div>
      <h2 className={cards.name}>{t('guide.title')}</h2>
      <p>{t('guide.text')}</p>
      <ol className={styles.guide}>
        <GuideStep title={t('guide.adapter')} done={adapter === undefined ? undefined : adapter.name}>
          <p>{t('guide.adapterText')}</p>
          {adapters.length > 0 && (
            <>
              <label htmlFor={choiceId} className={form.label}>
                {t('guide.choose')}
              </label>
              <select
                id={choiceId}
                className={`${form.field ?? ''} ${styles.field ?? ''}`}
                value={adapter?.id ?? ''}
                onChange={({ currentTarget: { value } }) =>
                  onChange({ ...(value !== '' && { adapter: value }), view: 'vcenter' })
                }
              >
                <option value="">{t('guide.none')}</option>
                {adapters.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </select>
            </>
          )}
          <div>
            <Button variant="default" onClick={() => onChange({ view: 'new', back: 'vcenter' })}>
              {t('new')}
            </Button>
          </div>
        </GuideStep>
        <Endpoint api={api} />
        <GuideStep
          title={t('guide.client')}
          done={count === 0 ? undefined : t('guide.registered', { count, formatted: formatCount(count) })}
        >
          <p>{t('guide.clientText')}</p>
          {adapter === undefined ? (
            <p className={form.note}>{t('guide.adapterFirst')}</p>
          ) : (
            <CertificateForm key={adapter.id} adapter={adapter} api={api} />
          )}
        </GuideStep>
        <GuideStep title={t('guide.check')}>
          <p>{t('guide.checkText')}</p>
          {adapter === undefined ? (
            <p className={form.note}>{t('guide.adapterFirst')}</p>
          ) : (
            <ConnectCheck guid={guid} adapter={adapter} />
          )}
        </GuideStep>
      </ol>
    </div>
  )
}

interface GuideStepProps {
  readonly title: string
  /** What there is already of it. */
  readonly done?: string | undefined
  readonly children: ReactNode
}

function GuideStep({ title, done, children }: GuideStepProps): ReactElement {
  const { t } = useTranslation('kmip')
  return (
    <li className={styles.step}>
      <h3 className={styles.stepTitle}>
        {title}
        {done !== undefined && (
          <span className={labels.label}>
            <CheckIcon size={14} className={labels.mark} />
            {t('guide.done', { done })}
          </span>
        )}
      </h3>
      {children}
    </li>
  )
}

/** The two steps that are about the server: where it is, and why it can be trusted. */
function Endpoint({ api }: { readonly api: KmipApi }): ReactElement {
  const { t } = useTranslation('kmip')
  const { data, error } = useQuery({
    queryKey: ['kmip-endpoint'],
    // A query's answer may not be undefined.
    queryFn: async ({ signal }) => ({ endpoint: await api.endpoint(signal) }),
  })
  const endpoint = data?.endpoint
  const unknown = (
    <>
      {data === undefined && error === null && <StateView kind="loading" title={t('guide.endpointLoading')} />}
      {error !== null && (
        <Notice tone="warning" title={t('guide.endpointFailed', { message: asApiError(error).message })} />
      )}
      {data !== undefined && endpoint === undefined && (
        <Notice tone="warning" title={t('guide.off')}>
          <p>{t('guide.offText')}</p>
        </Notice>
      )}
    </>
  )
  return (
    <>
      <GuideStep title={t('guide.address')}>
        <p>{t(endpoint === undefined ? 'guide.addressAlone' : 'guide.addressText')}</p>
        {endpoint === undefined ? unknown : <Address endpoint={endpoint} />}
      </GuideStep>
      <GuideStep title={t('guide.server')}>
        <p>{t(endpoint === undefined ? 'guide.serverAlone' : 'guide.serverText')}</p>
        {endpoint === undefined ? (
          <p className={form.note}>{t(data === undefined ? 'guide.listenerUnknown' : 'guide.listenerFirst')}</p>
        ) : (
          <ServerTrust endpoint={endpoint} />
        )}
      </GuideStep>
    </>
  )
}

/** Addresses that only this machine reaches. */
const ownMachine = /^(?:localhost|127\.[\d.]+|::1|\[::1\])$/

/** Without an address of its own the listener is where the console is. */
const hostOf = ({ host }: KmipEndpoint): string => host ?? window.location.hostname

function Address({ endpoint }: { readonly endpoint: KmipEndpoint }): ReactElement {
  const { t } = useTranslation('kmip')
  const host = hostOf(endpoint)
  const fields = [
    [t('guide.fields.address'), host],
    [t('guide.fields.port'), String(endpoint.port)],
  ] as const
  return (
    <>
      {ownMachine.test(host) && (
        <Notice tone="warning" title={t('guide.loopback')}>
          <p>{t('guide.loopbackText')}</p>
        </Notice>
      )}
      <dl>
        <PanelFact name={t('guide.fields.name')}>{t('guide.fields.nameText')}</PanelFact>
        <PanelFact name={t('guide.fields.kms')}>{t('guide.fields.kmsText')}</PanelFact>
        {fields.map(([name, value]) => (
          <PanelFact key={name} name={name}>
            <span className={styles.copied}>
              <code>{value}</code>
              <CopyButton text={value} label={t('guide.copy', { name })} />
            </span>
          </PanelFact>
        ))}
        <PanelFact name={t('guide.fields.rest')}>{t('guide.fields.restText')}</PanelFact>
      </dl>
    </>
  )
}

function ServerTrust({ endpoint }: { readonly endpoint: KmipEndpoint }): ReactElement {
  const { t } = useTranslation('kmip')
  const { fingerprint, subject, notAfter, caCertificate, port } = endpoint
  const ca = caCertificate === undefined ? '' : ' --ca keywitness-kmip-ca.pem'
  return (
    <>
      <dl>
        <PanelFact name={t('fingerprint')}>
          <Fingerprint hex={fingerprint} />
        </PanelFact>
        <PanelFact name={t('subject')}>{subject}</PanelFact>
        <PanelFact name={t('ends')}>
          <EndLabel at={notAfter} />
        </PanelFact>
      </dl>
      {caCertificate === undefined ? (
        <p className={form.note}>{t('guide.ownCertificate')}</p>
      ) : (
        <div>
          <Button
            variant="default"
            leftSection={<DownloadIcon size={14} />}
            onClick={() => downloadText('keywitness-kmip-ca.pem', caCertificate, 'application/x-pem-file')}
          >
            {t('guide.download')}
          </Button>
        </div>
      )}
      <p className={form.note}>{t('guide.look')}</p>
      <CommandLine
        command={`keywitness kmip connect --kmip ${shellSafe(hostOf(endpoint))}:${port}${ca} --for vcenter`}
      />
    </>
  )
}

/** It comes from the server: nothing of it is to mean something to a shell. */
const shellSafe = (host: string): string => (/^[A-Za-z0-9.:[\]-]+$/.test(host) ? host : '<host>')
