/** The console's addresses: `/trail/<location>?…` and `/alerts/<location>?…`; everything else leads there or says that it does not exist. */
import { createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { AlertsPage } from '../alerts/alerts-page.tsx'
import { parseAlertsSearch } from '../alerts/search.ts'
import { formatSearch, parseQueryString, parseTrailSearch } from '../trail/search.ts'
import { TrailPage } from '../trail/trail-page.tsx'
import { Shell } from './shell.tsx'
import { StateView } from './state-view.tsx'

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound })

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/trail', replace: true })
  },
})

/** Without a location the shell chooses one. */
const trailHomeRoute = createRoute({ getParentRoute: () => rootRoute, path: '/trail' })

const trailRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/trail/$location',
  validateSearch: parseTrailSearch,
  component: TrailPage,
})

const alertsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts/$location',
  validateSearch: parseAlertsSearch,
  component: AlertsPage,
})

const routeTree = rootRoute.addChildren([homeRoute, trailHomeRoute, trailRoute, alertsRoute])

// The router's type is inferred: what it is made of is all there is to say about it.
export function createConsoleRouter() {
  return createRouter({
    routeTree,
    parseSearch: parseQueryString,
    stringifySearch: formatSearch,
    defaultPreload: false,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>
  }
}

function NotFound(): ReactElement {
  const { t } = useTranslation()
  return <StateView kind="missing" title={t('notFound.title')} text={t('notFound.text')} />
}
