/** The way out where there is no menu of the user: one may not read anything, but is signed in. */
import { Button } from '@mantine/core'
import { type ReactElement, useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSessionControl } from './session.tsx'

interface Leaving {
  readonly leave: () => void
  /** The session may still be open. */
  readonly isFailed: boolean
}

export function useSignOut(): Leaving {
  const { signOut } = useSessionControl()
  const [isFailed, setIsFailed] = useState(false)
  const leave = useCallback(() => {
    setIsFailed(false)
    signOut().catch(() => setIsFailed(true))
  }, [signOut])
  return { leave, isFailed }
}

export function SignOutButton(): ReactElement {
  const { t } = useTranslation()
  const { leave, isFailed } = useSignOut()
  return (
    <>
      <Button variant="default" onClick={leave}>
        {t('user.signOut')}
      </Button>
      {isFailed && <p role="alert">{t('user.signOutFailed')}</p>}
    </>
  )
}
