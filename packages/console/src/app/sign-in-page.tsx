/** The sign-in page: by the one-time link that the server prints, or by an API key typed in. */
import type { TFunction } from 'i18next'
import { Button, PasswordInput } from '@mantine/core'
import { type FormEvent, type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError, networkError } from '../api/problem.ts'
import { BrandIcon, LinkIcon } from './icons.tsx'
import { useSessionControl } from './session.tsx'
import { TreeFigure } from './tree-figure.tsx'
import styles from './sign-in-page.module.css'

interface SignInPageProps {
  readonly why: 'start' | 'signed-out' | 'ended' | 'bad-link'
}

/** Longest key taken: anything longer is not one. */
const keyCharsMax = 512

export function SignInPage({ why }: SignInPageProps): ReactElement {
  const { t } = useTranslation()
  const { signIn } = useSessionControl()
  const [key, setKey] = useState('')
  const [isBusy, setIsBusy] = useState(false)
  const [fault, setFault] = useState<string>()
  const noticeId = useId()

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    if (isBusy) return
    if (key.trim() === '') return setFault(t('signIn.error.empty'))
    setIsBusy(true)
    setFault(undefined)
    try {
      await signIn({ apikey: key.trim() })
    } catch (cause) {
      setFault(errorText(cause instanceof ApiError ? cause : networkError(cause), t))
      setIsBusy(false)
    }
  }

  return (
    <main className={styles.page}>
      <section className={styles.form}>
        <p className={styles.brand}>
          <span className={styles.glyph}>
            <BrandIcon size={20} />
          </span>
          {t('brand')}
        </p>
        <h1 className={styles.title}>{t('signIn.title')}</h1>
        {why !== 'start' && (
          <p className={styles.notice} id={noticeId} role="status" data-why={why}>
            {t(`signIn.why.${why}`)}
          </p>
        )}
        <form onSubmit={(event) => void submit(event)} className={styles.fields}>
          <PasswordInput
            label={t('signIn.key')}
            description={t('signIn.keyHelp')}
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
            maxLength={keyCharsMax}
            autoComplete="current-password"
            autoFocus
            spellCheck={false}
            error={fault}
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.show'), tabIndex: 0, 'aria-hidden': false }}
            classNames={{
              input: styles.input,
              innerInput: styles.innerInput,
              label: styles.label,
              description: styles.help,
              error: styles.error,
            }}
          />
          <Button type="submit" disabled={isBusy} className={styles.submit}>
            {isBusy ? t('signIn.busy') : t('signIn.submit')}
          </Button>
        </form>
        <p className={styles.link}>
          <LinkIcon size={14} className={styles.linkIcon} />
          {t('signIn.linkHelp')}
        </p>
      </section>
      <aside className={styles.story} aria-hidden="true">
        <TreeFigure />
        <p className={styles.claim}>{t('signIn.claim')}</p>
        <p className={styles.claimText}>{t('signIn.claimText')}</p>
      </aside>
    </main>
  )
}

function errorText(error: ApiError, t: TFunction): string {
  if (error.kind === 'network') return t('signIn.error.network')
  if (error.kind === 'unauthenticated' || error.status === 400) return t('signIn.error.refused')
  if (error.status === 429) return t('signIn.error.tooMany')
  return t('signIn.error.other', { message: error.message, code: error.code })
}
