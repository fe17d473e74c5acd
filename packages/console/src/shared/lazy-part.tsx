/** A part whose file comes when it is opened for the first time, and that says so when it does not come. */
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { type ComponentType, type ReactElement, useDeferredValue, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { StateView } from '../app/state-view.tsx'

interface LazyPartProps<Props extends object> {
  /** Of the file. */
  readonly name: string
  readonly load: () => Promise<ComponentType<Props>>
  readonly props: Props
  /** Says nothing while it comes: it covers the page only when it is there. */
  readonly isQuiet?: boolean
}

export function LazyPart<Props extends object>(parts: LazyPartProps<Props>): ReactElement | null {
  const { name, load, props, isQuiet = false } = parts
  const { t } = useTranslation()
  const { data: Part, error, refetch } = usePart(name, load, true)
  if (Part !== undefined) return <Part {...props} />
  if (error !== null) return <PartFailed error={error} onRetry={() => void refetch()} />
  return isQuiet ? null : <StateView kind="loading" title={t('shell.loading')} />
}

/** A dialog whose file comes when it is opened for the first time. It stays, so that the focus goes back when it is closed. */
export function LazyDialog<Props extends { readonly isOpen: boolean }>(
  parts: Pick<LazyPartProps<Props>, 'name' | 'load' | 'props'>,
): ReactElement | null {
  const { name, load, props } = parts
  const { isOpen } = props
  const { data: Part, error, refetch } = usePart(name, load, isOpen)
  const opener = useRef<Element>(undefined)
  // Before its file has come no dialog can remember where the focus was.
  useEffect(() => {
    if (isOpen) opener.current = document.activeElement ?? undefined
    else if (opener.current instanceof HTMLElement) opener.current.focus({ preventScroll: true })
  }, [isOpen])
  // It opens when it is there already: a dialog remembers only then where the focus was.
  const isThere = useDeferredValue(Part !== undefined)
  if (Part !== undefined) return <Part {...props} isOpen={isOpen && isThere} />
  return error === null ? null : <PartFailed error={error} onRetry={() => void refetch()} />
}

function usePart<Props extends object>(
  name: string,
  load: () => Promise<ComponentType<Props>>,
  isWanted: boolean,
): UseQueryResult<ComponentType<Props>> {
  return useQuery({
    queryKey: ['part', name],
    // A component by itself would be taken for a function that makes the data.
    queryFn: async () => ({ Part: await load() }),
    select: (file) => file.Part,
    enabled: isWanted,
    // What was fetched is there; and it may be in the browser's cache when there is no network.
    gcTime: Number.POSITIVE_INFINITY,
    networkMode: 'always',
  })
}

function PartFailed({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }): ReactElement {
  const { t } = useTranslation()
  return <StateView kind="error" title={t('shell.partFailed')} text={error.message} onRetry={onRetry} />
}
