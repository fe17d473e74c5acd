/** The pages of the console: what leads to them, and what place each is about. Routes are in `router.tsx`. */
import {
  BellIcon,
  BoxIcon,
  CertificateIcon,
  ChipIcon,
  type IconComponent,
  KeyIcon,
  PinIcon,
  PlugIcon,
  ReportIcon,
  SealIcon,
  SightIcon,
  TrailIcon,
  UserIcon,
} from './icons.tsx'

/** What a page is about: the tracker of a location, an instance, or the account. */
type PagePlace = 'location' | 'instance' | 'account'

export interface ConsolePage {
  /** Also the first segment of its address, and where its words stand: `pages.<id>`. */
  readonly id: string
  readonly place: PagePlace
  readonly Icon: IconComponent
  /** Of an instance that one may not see it still shows what the trail tells. */
  readonly isReadFromTrail?: boolean
}

const watch = [
  { id: 'overview', place: 'account', Icon: SightIcon },
  { id: 'trail', place: 'location', Icon: TrailIcon },
  { id: 'alerts', place: 'location', Icon: BellIcon },
  { id: 'integrity', place: 'location', Icon: SealIcon },
  { id: 'reports', place: 'location', Icon: ReportIcon },
] as const satisfies readonly ConsolePage[]

const keys = [
  { id: 'keys', place: 'instance', Icon: KeyIcon },
  { id: 'keystores', place: 'instance', Icon: BoxIcon },
  { id: 'units', place: 'instance', Icon: ChipIcon, isReadFromTrail: true },
  { id: 'kmip', place: 'instance', Icon: PlugIcon },
  { id: 'certificates', place: 'instance', Icon: CertificateIcon, isReadFromTrail: true },
] as const satisfies readonly ConsolePage[]

const account = [
  { id: 'access', place: 'account', Icon: UserIcon },
  { id: 'locations', place: 'account', Icon: PinIcon },
] as const satisfies readonly ConsolePage[]

/** As the navigation shows them; the command menu and the screenshots go through them, too. */
export const pageGroups = [
  { id: 'watch', pages: watch },
  { id: 'keys', pages: keys },
  { id: 'account', pages: account },
] as const

export type PageId = (typeof pageGroups)[number]['pages'][number]['id']

export const pages: readonly (ConsolePage & { readonly id: PageId })[] = pageGroups.flatMap((group) => [...group.pages])

/** Where one is. */
export interface Place {
  readonly location?: string | undefined
  readonly instance?: string | undefined
}

/** The address of a page, for the place one is at; without one the page finds its own. */
export function addressOf({ id, place }: ConsolePage, at: Place): string {
  const of = place === 'location' ? at.location : place === 'instance' ? at.instance : undefined
  return of === undefined ? `/${id}` : `/${id}/${encodeURIComponent(of)}`
}

export function pageById(id: PageId): ConsolePage {
  const page = pages.find((each) => each.id === id)
  if (page === undefined) throw new RangeError(`no page ${id}`)
  return page
}

/** The page of an address. */
export function pageOf(pathname: string): (ConsolePage & { readonly id: PageId }) | undefined {
  const [, first] = pathname.split('/')
  return pages.find(({ id }) => id === first)
}
