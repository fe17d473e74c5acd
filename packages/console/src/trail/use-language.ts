/** The query language, fetched when it is wanted: a list that is only looked at does without. */
import { useQuery } from '@tanstack/react-query'
import type * as languageFile from './query-language.ts'

export type Language = typeof languageFile

export function useLanguage(isWanted: boolean): {
  language: Language | undefined
  /** It could not be fetched. */
  error: Error | null
  again: () => void
} {
  const { data, error, refetch } = useQuery({
    queryKey: ['query-language'],
    queryFn: () => import('./query-language.ts'),
    enabled: isWanted,
    // What was fetched is there; and it may be in the browser's cache when there is no network.
    gcTime: Number.POSITIVE_INFINITY,
    networkMode: 'always',
  })
  return { language: data, error, again: () => void refetch() }
}
