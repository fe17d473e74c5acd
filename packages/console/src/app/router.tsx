/**
 * The console's addresses: `/<page>` or `/<page>/<location or instance>`; everything else says that it does not exist.
 * Each page is a file of its own, loaded when one goes there.
 */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { parseAlertsSearch } from '../alerts/search.ts'
import { parseKeystoresSearch } from '../keystores/search.ts'
import { parseReportSearch } from '../reports/search.ts'
import { formatSearch, parseQueryString, parseTrailSearch } from '../trail/search.ts'
import { ChooseInstance, ChooseLocation } from './place.tsx'
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

const trailHomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/trail',
  component: () => <ChooseLocation page="trail" />,
})

const trailRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/trail/$location',
  validateSearch: parseTrailSearch,
  component: lazyRouteComponent(() => import('../trail/trail-page.tsx'), 'TrailPage'),
})

const alertsHomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts',
  component: () => <ChooseLocation page="alerts" />,
})

const alertsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts/$location',
  validateSearch: parseAlertsSearch,
  component: lazyRouteComponent(() => import('../alerts/alerts-page.tsx'), 'AlertsPage'),
})

const reportsHomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reports',
  component: () => <ChooseLocation page="reports" />,
})

const reportsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reports/$location',
  validateSearch: parseReportSearch,
  component: lazyRouteComponent(() => import('../reports/reports-page.tsx'), 'ReportsPage'),
})

const reportRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reports/$location/$report',
  validateSearch: parseReportSearch,
  component: lazyRouteComponent(() => import('../reports/report-page.tsx'), 'ReportPage'),
})

const keystoresHomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/keystores',
  component: () => <ChooseInstance page="keystores" />,
})

const keystoresRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/keystores/$instance',
  validateSearch: parseKeystoresSearch,
  component: lazyRouteComponent(() => import('../keystores/keystores-page.tsx'), 'KeystoresPage'),
})

const locationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/locations',
  component: lazyRouteComponent(() => import('../locations/locations-page.tsx'), 'LocationsPage'),
})

const routeTree = rootRoute.addChildren([
  homeRoute,
  trailHomeRoute,
  trailRoute,
  alertsHomeRoute,
  alertsRoute,
  reportsHomeRoute,
  reportsRoute,
  reportRoute,
  keystoresHomeRoute,
  keystoresRoute,
  locationsRoute,
])

// The router's type is inferred: what it is made of is all there is to say about it.
export function createConsoleRouter() {
  return createRouter({
    routeTree,
    parseSearch: parseQueryString,
    stringifySearch: formatSearch,
    defaultPreload: 'intent',
    defaultPendingComponent: Pending,
    defaultErrorComponent: (props) => <PageFailed {...props} />,
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

function Pending(): ReactElement {
  const { t } = useTranslation()
  return <StateView kind="loading" title={t('shell.loading')} />
}

/**
 * The page's file could not be loaded, above all: the server may have another version by now, whose files have other
 * names, so that only loading all of it anew helps. What broke in a page is told, too.
 */
function PageFailed({ error }: { readonly error: unknown }): ReactElement {
  const { t } = useTranslation()
  return (
    <StateView
      kind="error"
      title={t('shell.pageFailed')}
      text={t('shell.pageFailedText', { message: error instanceof Error ? error.message : String(error) })}
      onRetry={() => window.location.reload()}
    />
  )
}
