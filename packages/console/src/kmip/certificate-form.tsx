/** Lets a client in by its certificate: pasted, shown for what it is, compared by a person, and only then sent. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactElement, useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { KmipAdapter, KmipApi } from '../api/kmip-api.ts'
import { type ApiError, asApiError } from '../api/problem.ts'
import { PanelFact } from '../app/side-panel.tsx'
import { ActProblem } from '../shared/act-problem.tsx'
import { EndLabel } from '../shared/end-label.tsx'
import { TextField } from '../shared/fields.tsx'
import { Fingerprint } from '../shared/fingerprint.tsx'
import { FormButtons } from '../shared/form-buttons.tsx'
import { cancelByEscape } from '../shared/say-form.tsx'
import { useUnsaved } from '../shared/unsaved.tsx'
import { type CertificateFacts, readPem } from '../shared/x509.ts'
import { BeginFact } from './begin-label.tsx'
import { WarningLabel } from './warning-label.tsx'
import { namePattern } from './adapter-form.tsx'
import form from '../shared/say-form.module.css'
import styles from './kmip.module.css'

interface CertificateFormProps {
  readonly adapter: KmipAdapter
  readonly api: KmipApi
  readonly onCancel?: () => void
  readonly onAdded?: () => void
}

export function CertificateForm({ adapter, api, onCancel, onAdded }: CertificateFormProps): ReactElement {
  const { t } = useTranslation('kmip')
  const { t: common } = useTranslation()
  const queries = useQueryClient()
  const [pem, setPem] = useState('')
  const [name, setName] = useState('')
  const ids = { pem: useId(), problem: useId() }
  const area = useRef<HTMLTextAreaElement>(null)
  const isAskedFor = onCancel !== undefined
  useEffect(() => {
    if (isAskedFor) area.current?.focus()
  }, [isAskedFor])
  const read = readPem(pem)
  const adding = useMutation({
    mutationFn: () => api.addCertificate(adapter.id, name, pem),
    networkMode: 'always',
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['kmip-certificates', adapter.id] })
      setPem('')
      setName('')
      onAdded?.()
    },
  })
  const problem = typeof read === 'string' ? read : undefined
  const isSound = problem === undefined && (name === '' || namePattern.test(name))
  const unsaved = useUnsaved(t('addCertificate'), pem !== '' || name !== '', adding.isPending)
  const cancel = onCancel === undefined ? undefined : (): void => unsaved.leave(onCancel)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (isSound && !adding.isPending) adding.mutate()
  }
  const said = ({ kind, message }: ApiError): string | undefined => {
    if (kind === 'network') return common('confirm.offline')
    return kind === 'refused' ? t('notLetIn', { message }) : undefined
  }
  return (
    <>
      <form
        className={form.form}
        aria-label={t('addCertificate')}
        onSubmit={submit}
        {...(cancel !== undefined && { onKeyDown: cancelByEscape(cancel) })}
      >
        <label htmlFor={ids.pem} className={form.label}>
          {t('pem')}
        </label>
        <textarea
          ref={area}
          id={ids.pem}
          className={`${form.area ?? ''} ${styles.pem ?? ''}`}
          rows={5}
          value={pem}
          spellCheck={false}
          placeholder="-----BEGIN CERTIFICATE-----"
          aria-invalid={problem !== undefined && problem !== 'empty'}
          aria-describedby={ids.problem}
          onChange={(event) => {
            adding.reset()
            setPem(event.currentTarget.value)
          }}
        />
        <div id={ids.problem} role="status">
          {problem !== undefined && problem !== 'empty' && <p className={form.error}>{t(`pemProblems.${problem}`)}</p>}
        </div>
        {typeof read !== 'string' && <Facts facts={read} />}
        <TextField
          label={t('certificateName')}
          note={t('nameHint')}
          most={40}
          value={name}
          isWrong={name !== '' && !namePattern.test(name)}
          onChange={setName}
        />
        <p className={form.note}>{t('addNote', { adapter: adapter.name })}</p>
        {adding.error !== null && (
          <ActProblem
            error={asApiError(adding.error)}
            forbidden={t('forbiddenChange')}
            said={said(asApiError(adding.error))}
            onDismiss={adding.reset}
          />
        )}
        <div role="status">{adding.isSuccess && <p className={form.note}>{t('added')}</p>}</div>
        <FormButtons confirm={t('letIn')} isReady={isSound && !adding.isPending} onCancel={cancel} />
      </form>
      {unsaved.question}
    </>
  )
}

/** What it is, before anybody is let in by it. */
function Facts({ facts }: { readonly facts: CertificateFacts }): ReactElement {
  const { t } = useTranslation('kmip')
  const { subject, issuer, notBefore, notAfter, key, isKeyShort, fingerprint } = facts
  return (
    <section className={styles.facts} aria-label={t('whatItIs')}>
      <p className={form.label}>{t('whatItIs')}</p>
      <dl>
        <PanelFact name={t('subject')}>{subject}</PanelFact>
        <PanelFact name={t('issuer')}>{issuer === subject ? t('itself') : issuer}</PanelFact>
        <BeginFact at={notBefore === undefined ? undefined : new Date(notBefore).toISOString()} />
        <PanelFact name={t('ends')}>
          {notAfter === undefined ? t('noEnd') : <EndLabel at={new Date(notAfter).toISOString()} />}
        </PanelFact>
        <PanelFact name={t('key')}>
          <span className={styles.warned}>
            <span>{key ?? t('otherKind')}</span>
            {isKeyShort && <WarningLabel>{t('keyShort')}</WarningLabel>}
          </span>
        </PanelFact>
        <PanelFact name={t('fingerprint')}>
          <Fingerprint hex={fingerprint} />
        </PanelFact>
      </dl>
      <p className={form.note}>{t('compare')}</p>
    </section>
  )
}
