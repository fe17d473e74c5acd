/** The whole page: providers outside, then sign-in or the signed-in shell. */
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { type ReactElement, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../api/problem.ts'
import type { PairProver } from '../proof/prove-pair.ts'
import type { Prover } from '../proof/witness.ts'
import { createConsoleRouter } from './router.tsx'
import { SessionProvider, type SessionSource, useSessionControl } from './session.tsx'
import { NewerVersion } from './newer-version.tsx'
import { SignInPage } from './sign-in-page.tsx'
import { StateView } from './state-view.tsx'
import { colorSchemeManager, theme } from './theme.ts'
import { ZoneProvider } from './zone.tsx'
import { ProverContext } from './witness-room.tsx'

interface AppProps {
  readonly source: SessionSource
  readonly prover: Prover & PairProver
}

export function App({ source, prover }: AppProps): ReactElement {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemeManager}
      // Both would write style elements into the page; our tokens and classes do their work.
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <ProverContext value={prover}>
        <ZoneProvider>
          <SessionProvider source={source}>
            <Gate />
            <NewerVersion />
          </SessionProvider>
        </ZoneProvider>
      </ProverContext>
    </MantineProvider>
  )
}

/** Shows the pages to who is signed in, and the way in to everybody else. The address stays, so one lands where one wanted. */
function Gate(): ReactElement {
  const { t } = useTranslation()
  const { state, retry } = useSessionControl()
  switch (state.kind) {
    case 'asking':
      return <StateView kind="loading" title={t('session.asking')} isPage />
    case 'failed':
      return (
        <StateView
          kind={state.error.kind === 'network' ? 'offline' : 'error'}
          title={state.error.kind === 'network' ? t('session.unreachable') : t('session.failed')}
          text={state.error.kind === 'network' ? t('session.unreachableText') : state.error.message}
          error={state.error}
          onRetry={retry}
          isPage
        />
      )
    case 'out':
      return <SignInPage why={state.why} />
    case 'in':
      return <SignedIn key={state.session.account + state.session.identity.id} />
  }
}

/** One router and one cache per sign-in: nothing that one person saw is left for the next. */
function SignedIn(): ReactElement {
  const [queries] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: {
            // Reads of the trail are events of the trail: nothing is read again unless somebody asks.
            staleTime: Number.POSITIVE_INFINITY,
            refetchOnWindowFocus: false,
            refetchOnReconnect: false,
            retry: (failures, error) => failures < 2 && error instanceof ApiError && error.kind === 'network',
          },
        },
      }),
  )
  const router = useMemo(() => createConsoleRouter(), [])
  return (
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  )
}
