/** What is typed in the query line: as words or as a query, what can follow, and what Enter does with it. */
import { actionWords } from '@keywitness/cadf'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Facets } from '../api/summaries-api.ts'
import type { TrailItem } from '../api/types.ts'
import { knownValues } from './known-values.ts'
import type { QueryKnowledge } from './query-completion.ts'
import { type QueryOption, type QueryReading, readQuery } from './query-options.ts'
import { type TrailSearch, withFilter } from './search.ts'
import { whoIs } from './seen.ts'

interface QueryLine extends QueryReading {
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

export function useQueryLine(
  search: TrailSearch,
  rows: readonly TrailItem[],
  onChange: (search: TrailSearch) => void,
): QueryLine {
  const { t } = useTranslation('trail')
  const current = search.query
  const [draft, setDraft] = useState({ text: current ?? '', caret: 0, current, isRefused: current !== undefined })
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
  const reading = useMemo(
    () => readQuery({ text, caret, current }, initiators, known),
    [text, caret, current, initiators, known],
  )

  const take = (option: QueryOption): number | undefined => {
    if (option.kind === 'insert') {
      const { from, to, insert } = option.completion
      const next = text.slice(0, from) + insert + text.slice(to).replace(insert.endsWith(' ') ? /^ / : '', '')
      setDraft({ text: next, caret: from + insert.length, current, isRefused: false })
      return from + insert.length
    }
    if (option.kind === 'run') {
      setDraft({ ...draft, text: option.query, isRefused: true })
      onChange({ ...search, query: option.query })
      return undefined
    }
    setDraft({ text: current ?? '', caret: 0, current, isRefused: false })
    onChange(withFilter(search, option.suggestion.token))
    return undefined
  }
  return {
    ...reading,
    text,
    isRefused: draft.isRefused,
    type: (next, at) => setDraft({ text: next, caret: at, current, isRefused: false }),
    moveCaret: (at) => at !== caret && setDraft({ ...draft, caret: at }),
    take,
    submit: () => {
      if (reading.fault !== undefined) return setDraft({ ...draft, isRefused: true })
      const { query: _, ...rest } = search
      if (text.trim() === '' && current !== undefined) return onChange(rest)
      const [first] = reading.options
      if (first !== undefined && first.kind !== 'insert') take(first)
    },
  }
}
