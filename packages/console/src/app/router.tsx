/**
 * The console's addresses: `/<page>` or `/<page>/<location or instance>`; everything else says that it does not exist.
 * Each page is a file of its own, loaded when one goes there.
 */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { parseAccessSearch } from '../access/search.ts'
import { alertsKept, parseAlertsSearch } from '../alerts/search.ts'
import { keysKept, parseKeysSearch } from '../keys/search.ts'
import { certificatesKept, parseCertificatesSearch } from '../certificates/search.ts'
import { parseKeystoresSearch } from '../keystores/search.ts'
import { kmipKept, parseKmipSearch } from '../kmip/search.ts'
import { integrityKept, parseIntegritySearch } from '../integrity/search.ts'
import { parseLocationsSearch } from '../locations/search.ts'
import { parseOverviewSearch } from '../overview/search.ts'
import { reportKept, parseReportSearch } from '../reports/search.ts'
import { formatSearch, parseQueryString, trailKept, parseTrailSearch } from '../trail/search.ts'
import { unitsKept, parseUnitsSearch } from '../units/search.ts'
import { ChooseInstance, ChooseLocation, WaysOn } from './place.tsx'
import { Shell } from './shell.tsx'
import { StateView } from './state-view.tsx'

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound })

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/overview', replace: true })
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
  staticData: { kept: trailKept },
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
  staticData: { kept: alertsKept },
  component: lazyRouteComponent(() => import('../alerts/alerts-page.tsx'), 'AlertsPage'),
})

const keysHomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/keys',
  component: () => <ChooseInstance page="keys" />,
})

const keysRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/keys/$instance',
  validateSearch: parseKeysSearch,
  staticData: { kept: keysKept },
  component: lazyRouteComponent(() => import('../keys/keys-page.tsx'), 'KeysPage'),
})

const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/overview',
  validateSearch: parseOverviewSearch,
  component: lazyRouteComponent(() => import('../overview/overview-page.tsx'), 'OverviewPage'),
})

const integrityHomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/integrity',
  component: () => <ChooseLocation page="integrity" />,
})

const integrityRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/integrity/$location',
  validateSearch: parseIntegritySearch,
  staticData: { kept: integrityKept },
  component: lazyRouteComponent(() => import('../integrity/integrity-page.tsx'), 'IntegrityPage'),
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
  staticData: { kept: reportKept },
  component: lazyRouteComponent(() => import('../reports/reports-page.tsx'), 'ReportsPage'),
})

const reportRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reports/$location/$report',
  validateSearch: parseReportSearch,
  staticData: { kept: reportKept },
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

const accessRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/access',
  validateSearch: parseAccessSearch,
  component: lazyRouteComponent(() => import('../access/access-page.tsx'), 'AccessPage'),
})

const unitsHomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/units',
  component: () => <ChooseInstance page="units" />,
})

const unitsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/units/$instance',
  validateSearch: parseUnitsSearch,
  staticData: { kept: unitsKept },
  component: lazyRouteComponent(() => import('../units/units-page.tsx'), 'UnitsPage'),
})

const kmipHomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/kmip',
  component: () => <ChooseInstance page="kmip" />,
})

const kmipRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/kmip/$instance',
  validateSearch: parseKmipSearch,
  staticData: { kept: kmipKept },
  component: lazyRouteComponent(() => import('../kmip/kmip-page.tsx'), 'KmipPage'),
})

const certificatesHomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/certificates',
  component: () => <ChooseInstance page="certificates" />,
})

const certificatesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/certificates/$instance',
  validateSearch: parseCertificatesSearch,
  staticData: { kept: certificatesKept },
  component: lazyRouteComponent(() => import('../certificates/certificates-page.tsx'), 'CertificatesPage'),
})

const locationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/locations',
  validateSearch: parseLocationsSearch,
  component: lazyRouteComponent(() => import('../locations/locations-page.tsx'), 'LocationsPage'),
})

const routeTree = rootRoute.addChildren([
  homeRoute,
  trailHomeRoute,
  trailRoute,
  alertsHomeRoute,
  alertsRoute,
  keysHomeRoute,
  keysRoute,
  overviewRoute,
  integrityHomeRoute,
  integrityRoute,
  reportsHomeRoute,
  reportsRoute,
  reportRoute,
  keystoresHomeRoute,
  keystoresRoute,
  accessRoute,
  unitsHomeRoute,
  unitsRoute,
  kmipHomeRoute,
  kmipRoute,
  certificatesHomeRoute,
  certificatesRoute,
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
  return (
    <StateView kind="missing" title={t('notFound.title')} text={t('notFound.text')}>
      <WaysOn />
    </StateView>
  )
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
