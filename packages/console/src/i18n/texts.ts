/** All texts of the console, and how they are chosen. English now; another language is another file like `en.json`. */
import { use as extend } from 'i18next'
import { initReactI18next } from 'react-i18next'
import en from './en.json'

const defaultNS = 'translation'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: typeof defaultNS
    resources: { translation: typeof en }
  }
}

/** Loads the texts; synchronous, since they are part of the page. */
export function startTexts(): void {
  void extend(initReactI18next).init({
    lng: 'en',
    resources: { en: { [defaultNS]: en } },
    // React shows every value as text; escaping here would show it escaped twice.
    interpolation: { escapeValue: false },
    initAsync: false,
  })
}

const counts = new Intl.NumberFormat('en')

/** Whole numbers with separators: 12,403. */
export const formatCount = (count: number): string => counts.format(count)
