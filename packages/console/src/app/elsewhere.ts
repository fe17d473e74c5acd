/** To another instance or location: the page and its view stay, with the filters that make sense there; what is of one place goes. */
import { useMatches, useNavigate } from '@tanstack/react-router'
import { addressOf, pageById, pageOf } from './pages.ts'
import { remember } from './remembered.ts'

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    /** Members of the page's address that make sense at another place; none when not given. */
    readonly kept?: readonly string[]
  }
}

interface Address {
  readonly to: string
  readonly search: Readonly<Record<string, unknown>>
}

/**
 * @param pathname `/<page>/<place>`, and whatever follows
 * @param kept members of the search that stay
 */
export function elsewhere(
  pathname: string,
  search: Readonly<Record<string, unknown>>,
  kept: readonly string[],
  place: string,
): Address {
  const [, page = '', , ...rest] = pathname.split('/')
  return {
    to: ['', page, encodeURIComponent(place), ...rest].join('/'),
    search: Object.fromEntries(Object.entries(search).filter(([name]) => kept.includes(name))),
  }
}

/** Goes from the page of a place to the same page of another one, by its GUID or its location. */
export function useGoElsewhere(): (place: string) => void {
  const navigate = useNavigate()
  const here = useMatches({ select: (matches) => matches.at(-1) })
  return (place) => {
    if (here === undefined) return
    void navigate(elsewhere(here.pathname, { ...here.search }, here.staticData.kept ?? [], place))
  }
}

/** From any page: what is not about such a place goes on to the page that shows most of it. */
export function useGoToPlace(): (kind: 'location' | 'instance', place: string) => void {
  const go = useGoElsewhere()
  const navigate = useNavigate()
  const path = useMatches({ select: (matches) => matches.at(-1)?.pathname ?? '' })
  return (kind, place) => {
    remember(kind, place)
    if (pageOf(path)?.place === kind) go(place)
    else void navigate({ to: addressOf(pageById(kind === 'location' ? 'trail' : 'keys'), { [kind]: place }) })
  }
}
