/** A proof as steps in plain words: what was found, whether each holds, with every hash. */
import type { ReactElement, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { BrokenMark, CoveredMark, ProvenMark } from '../app/icons.tsx'
import { CopyButton } from '../shared/copy-button.tsx'
import styles from './proof-view.module.css'

/** `open`: not reached, since one before it does not hold, or nobody can say. */
export type StepStatus = 'ok' | 'failed' | 'open'

interface ProofVerdictProps {
  readonly isProven: boolean
  readonly title: string
  readonly children: ReactNode
}

/** That something does not hold is told at once to those who do not see it. */
export function ProofVerdict({ isProven, title, children }: ProofVerdictProps): ReactElement {
  return (
    <section className={styles.verdict} data-proven={isProven} role={isProven ? undefined : 'alert'}>
      {isProven ? <ProvenMark size={24} /> : <BrokenMark size={24} />}
      <div>
        <h3 className={styles.title}>{title}</h3>
        <p>{children}</p>
      </div>
    </section>
  )
}

const marks = { ok: ProvenMark, failed: BrokenMark, open: CoveredMark }

interface ProofStepProps {
  readonly status: StepStatus
  readonly name: string
  readonly hash?: string | undefined
  readonly hashName?: string
  readonly children: ReactNode
}

export function ProofStep({ status, name, hash, hashName, children }: ProofStepProps): ReactElement {
  const { t } = useTranslation()
  const Mark = marks[status]
  return (
    <li className={styles.step} data-status={status}>
      <Mark className={styles.mark} />
      <div className={styles.stepBody}>
        <h4 className={styles.name}>
          {name} <span className="kw-hidden">{t(`proof.status.${status}`)}</span>
        </h4>
        {status !== 'open' && (
          <>
            <div className={styles.text}>{children}</div>
            {hash !== undefined && <HashLine label={hashName ?? t('proof.hash')} hash={hash} />}
          </>
        )}
      </div>
    </li>
  )
}

export function HashLine({ label, hash }: { readonly label: string; readonly hash: string }): ReactElement {
  const { t } = useTranslation()
  return (
    <p className={styles.hash}>
      <span className="kw-hidden">{label}</span>
      <code>{hash}</code>
      <CopyButton text={hash} label={t('copy.what', { what: label })} />
    </p>
  )
}
