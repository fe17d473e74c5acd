/** What is typed in the query line: as words or as a query, what can follow, and what Enter does with it. */
import { actionWords } from '@keywitness/cadf'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Facets } from '../api/summaries-api.ts'
import type { TrailItem } from '../api/types.ts'
import { completed } from './completing.ts'
import { knownValues } from './known-values.ts'
import type { QueryKnowledge } from './query-completion.ts'
import type { QueryOption, QueryReading } from './query-options.ts'
import { type TrailSearch, withFilter } from './search.ts'
import { whoIs } from './seen.ts'
import { type Language, useLanguage } from './use-language.ts'

interface QueryLine extends QueryReading {
  /** Undefined until somebody types, and until it has come. */
  readonly language: Language | undefined
  /** It could not be fetched. */
  readonly isMissing: boolean
  /** Fetches the language beforehand. */
  readonly prepare: () => void
  readonly text: string
  /** Whether Enter was pressed on a text that cannot be read. */
  readonly isRefused: boolean
  readonly type: (text: string, caret: number) => void
  readonly moveCaret: (caret: number) => void
  /** Does what the option says. Gives where the caret is then, where one goes on typing. */
  readonly take: (option: QueryOption) => number | undefined
  /** What Enter does where no option is chosen. */
  readonly submit: () => void
}

interface Draft {
  readonly text: string
  readonly caret: number
  /** The query of the address that the draft began with. */
  readonly current: string | undefined
  readonly isRefused: boolean
  /** Enter was pressed before the language had come. */
  readonly isWaiting?: true
}

const nothingRead: QueryReading = { isQuery: false, fault: undefined, options: [] }

export function useQueryLine(
  search: TrailSearch,
  rows: readonly TrailItem[],
  onChange: (search: TrailSearch) => void,
): QueryLine {
  const { t } = useTranslation('trail')
  const current = search.query
  const [draft, setDraft] = useState<Draft>({
    text: current ?? '',
    caret: 0,
    current,
    isRefused: current !== undefined,
  })
  // The address is the truth: when it changes, the line shows what it says.
  if (draft.current !== current) setDraft({ text: current ?? '', caret: 0, current, isRefused: current !== undefined })
  const { text, caret } = draft
  const cache = useQueryClient()
  const known = useMemo<QueryKnowledge>(
    () => ({
      catalogue: actionWords,
      valuesOf: (field) => {
        const answers = ['facets', 'facet'].flatMap((key) => cache.getQueriesData<Facets>({ queryKey: [key] }))
        return knownValues(
          field,
          rows,
          answers.map(([, facets]) => facets),
        )
      },
      signs: { '==': t('line.exactly'), '>=': t('line.atLeast'), '<': t('line.less'), '*': t('line.any') },
    }),
    [cache, rows, t],
  )
  // Gathering names is only worth it while somebody types.
  const initiators = useMemo(() => (text === '' ? [] : whoIs(rows)), [rows, text])
  const [isPrepared, setIsPrepared] = useState(false)
  const { language, error } = useLanguage(isPrepared || text !== '')
  const reading = useMemo(
    () => language?.readQuery({ text, caret, current }, initiators, known) ?? nothingRead,
    [language, text, caret, current, initiators, known],
  )

  const take = (option: QueryOption): number | undefined => {
    if (option.kind === 'insert') {
      const next = completed(text, option.completion)
      setDraft({ ...next, current, isRefused: false })
      return next.caret
    }
    if (option.kind === 'run') {
      setDraft({ text: option.query, caret, current, isRefused: true })
      onChange({ ...search, query: option.query })
      return undefined
    }
    setDraft({ text: current ?? '', caret: 0, current, isRefused: false })
    onChange(withFilter(search, option.suggestion.token))
    return undefined
  }
  const submit = (): void => {
    if (language === undefined && text !== '') return setDraft({ ...draft, isWaiting: true })
    if (reading.fault !== undefined) return setDraft({ text, caret, current, isRefused: true })
    const { query: _, ...rest } = search
    if (text.trim() === '' && current !== undefined) return onChange(rest)
    const [first] = reading.options
    if (first !== undefined && first.kind !== 'insert') take(first)
  }
  // Whoever was quicker than the network is not let down.
  const isDue = draft.isWaiting === true && language !== undefined
  const submitNow = useEffectEvent(submit)
  useEffect(() => {
    if (!isDue) return
    const timer = setTimeout(() => submitNow(), 0)
    return () => clearTimeout(timer)
  }, [isDue])
  return {
    ...reading,
    language,
    isMissing: error !== null,
    prepare: () => setIsPrepared(true),
    text,
    isRefused: draft.isRefused,
    type: (next, at) => setDraft({ text: next, caret: at, current, isRefused: false }),
    moveCaret: (at) => at !== caret && setDraft({ ...draft, caret: at }),
    take,
    submit,
  }
}
