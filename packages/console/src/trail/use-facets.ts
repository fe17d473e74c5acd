/** The frequent values of fields among the events found: asked while the column is open, for the fields that are open. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { type ApiError, asApiError } from '../api/problem.ts'
import { type Facet, createSummariesApi } from '../api/summaries-api.ts'
import type { EventsQuery } from '../api/types.ts'
import { useApi } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'

/** Fields of the column, in its order. */
export const facetFields = [
  'outcome',
  'severity',
  'action',
  'initiator',
  'target',
  'key',
  'instance',
  'address',
  'code',
  'agent',
  'credential',
  'change',
] as const
export type FacetField = (typeof facetFields)[number]

export interface FacetState {
  readonly facet: Facet | undefined
  readonly isComplete: boolean
  /** Whether what is shown is of the search before. */
  readonly isOld: boolean
  readonly error: ApiError | undefined
  readonly again: () => void
}

const storageName = 'keywitness.facets'
const openAtFirst: readonly FacetField[] = ['outcome', 'severity', 'action', 'initiator']
const valuesAtFirst = 8
const valuesMax = 100

/** Which fields are open: as one last had them in this browser. */
export function useOpenFields(): [open: readonly FacetField[], toggle: (field: FacetField) => void] {
  const [open, setOpen] = useState<readonly FacetField[]>(() => {
    const stored = localStorage.getItem(storageName)?.split(',')
    return stored === undefined ? openAtFirst : facetFields.filter((field) => stored.includes(field))
  })
  const toggle = (field: FacetField): void => {
    const next = facetFields.filter((each) => (each === field ? !open.includes(each) : open.includes(each)))
    localStorage.setItem(storageName, next.join(','))
    setOpen(next)
  }
  return [open, toggle]
}

interface FacetsParts {
  readonly query: EventsQuery
  /** How often the list began: then numbers are asked anew. */
  readonly begun: number
  readonly open: readonly FacetField[]
  readonly isReady: boolean
}

/** The fields that were open when the search changed, all by one question. */
export function useFacets({ query, begun, open, isReady }: FacetsParts): {
  fields: readonly FacetField[]
  stateOf: (field: FacetField) => FacetState
  /** How the question of them all was answered. */
  asked: Omit<FacetState, 'facet'>
} {
  const { calls } = useApi()
  const { location } = useRoom().tracker
  const [batch, setBatch] = useState({ query, begun, fields: open })
  // A field that is opened later asks for itself: the others need not be counted again for it.
  if (batch.query !== query || batch.begun !== begun) setBatch({ query, begun, fields: open })
  const { fields } = batch
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: ['facets', location, query, begun, fields.join(',')],
    queryFn: ({ signal }) => createSummariesApi(calls, location).facets(query, fields, valuesAtFirst, signal),
    enabled: isReady && fields.length > 0,
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
  const asked = {
    isComplete: data?.isComplete ?? true,
    isOld: isPlaceholderData,
    error: error === null ? undefined : asApiError(error),
    again: () => void refetch(),
  }
  return {
    fields,
    stateOf: (field) => ({ ...asked, facet: data?.facets.find((each) => each.field === field) }),
    asked,
  }
}

/** One field by a question of its own: it was opened later, or all its values are wanted. */
export function useFacet(
  parts: Pick<FacetsParts, 'query' | 'begun'> & { field: FacetField; isAll: boolean; isWanted: boolean },
): FacetState {
  const { query, begun, field, isAll, isWanted } = parts
  const { calls } = useApi()
  const { location } = useRoom().tracker
  const api = useMemo(() => createSummariesApi(calls, location), [calls, location])
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: ['facet', location, query, begun, field, isAll],
    queryFn: ({ signal }) => api.facets(query, [field], isAll ? valuesMax : valuesAtFirst, signal),
    enabled: isWanted,
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
  return {
    facet: data?.facets[0],
    isComplete: data?.isComplete ?? true,
    isOld: isPlaceholderData,
    error: error === null ? undefined : asApiError(error),
    again: () => void refetch(),
  }
}
