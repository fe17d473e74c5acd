/** High contrast: as the system wants it, unless it was chosen here; a mark on the page that the tokens go by. */
import { useCallback, useSyncExternalStore } from 'react'

const storageName = 'keywitness.contrast'
const wanted = window.matchMedia('(prefers-contrast: more)')
const listeners = new Set<() => void>()

function isHigh(): boolean {
  const chosen = localStorage.getItem(storageName)
  return chosen === null ? wanted.matches : chosen === 'more'
}

function apply(): void {
  document.documentElement.toggleAttribute('data-contrast', isHigh())
  for (const listener of listeners) listener()
}

/** To be called once, before anything is drawn. */
export function startContrast(): void {
  wanted.addEventListener('change', apply)
  window.addEventListener('storage', apply)
  apply()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useContrast(): { readonly isHigh: boolean; readonly toggle: () => void } {
  const high = useSyncExternalStore(subscribe, isHigh)
  const toggle = useCallback(() => {
    localStorage.setItem(storageName, isHigh() ? 'normal' : 'more')
    apply()
  }, [])
  return { isHigh: high, toggle }
}
