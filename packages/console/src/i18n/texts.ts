/**
 * All texts of the console, and how they are chosen. English now; another language is another file like `en.json` and
 * another folder like `en`, whose files come with the pages that show them.
 */
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import en from './en.json'
import type access from './en/access.json'
import type alerts from './en/alerts.json'
import type alertsPage from './en/alerts-page.json'
import type keys from './en/keys.json'
import type certificates from './en/certificates.json'
import type help from './en/help.json'
import type integrity from './en/integrity.json'
import type keystores from './en/keystores.json'
import type kmip from './en/kmip.json'
import type locations from './en/locations.json'
import type overview from './en/overview.json'
import type trail from './en/trail.json'
import type transcript from './en/transcript.json'
import type trailParts from './en/trail-parts.json'
import type unsaved from './en/unsaved.json'
import type views from './en/views.json'
import type units from './en/units.json'
import type reports from './en/reports.json'

/** Of each page that brings its own. */
interface PageTexts {
  /** What only the alerts' own pages say of what every page knows comes with them. */
  translation: typeof en & typeof alertsPage
  access: typeof access
  alerts: typeof alerts
  certificates: typeof certificates
  help: typeof help
  integrity: typeof integrity
  keys: typeof keys
  keystores: typeof keystores
  kmip: typeof kmip
  locations: typeof locations
  overview: typeof overview
  /** What only the panel and the column of values say comes with them. */
  trail: typeof trail & typeof trailParts
  transcript: typeof transcript
  units: typeof units
  unsaved: typeof unsaved
  views: typeof views
  reports: typeof reports
}

type Part<Texts> = { readonly [Name in keyof Texts]?: Texts[Name] extends object ? Part<Texts[Name]> : Texts[Name] }

const defaultNS = 'translation'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: typeof defaultNS
    resources: PageTexts
  }
}

/** Loads the texts; synchronous, since they are part of the page. */
export function startTexts(): void {
  void i18next.use(initReactI18next).init({
    lng: 'en',
    resources: { en: { [defaultNS]: en } },
    // React shows every value as text; escaping here would show it escaped twice.
    interpolation: { escapeValue: false },
    initAsync: false,
  })
}

/** The texts of a page, or of a part of it, once its file is loaded. */
export function addTexts<Name extends keyof PageTexts>(name: Name, texts: Part<PageTexts[Name]>): void {
  i18next.addResourceBundle('en', name, texts, true, true)
}

const counts = new Intl.NumberFormat('en')

/** Whole numbers with separators: 12,403. */
export const formatCount = (count: number): string => counts.format(count)
