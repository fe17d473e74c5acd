/**
 * Keeps the place of the keyboard: when what has the focus is taken away, what follows it under its name has it, or else the
 * list. For a page whose parts give way to each other; what was opened gives the focus back by `shared/use-focus-back.ts`.
 */
import { type RefObject, useEffect, useEffectEvent } from 'react'

/** @param land where the focus goes when nothing follows */
export function useKeptFocus(page: RefObject<HTMLElement | null>, land: () => void): void {
  const landThere = useEffectEvent(land)
  useEffect(() => {
    const within = page.current
    if (within === null) return
    let last: Element | undefined
    const note = ({ target }: FocusEvent): void => {
      last = target instanceof Element ? target : undefined
    }
    // Browsers say nothing to anybody when they drop the focus with its element.
    const observer = new MutationObserver(() => {
      if (last === undefined || last.isConnected || document.activeElement !== document.body) return
      const name = last.getAttribute('aria-label')
      const named = within.querySelectorAll<HTMLElement>('[aria-label]')
      const heir = name === null ? undefined : [...named].find((each) => each.getAttribute('aria-label') === name)
      last = undefined
      heir?.focus({ preventScroll: true })
      if (document.activeElement === document.body) landThere()
    })
    within.addEventListener('focusin', note)
    observer.observe(within, { childList: true, subtree: true })
    return () => {
      within.removeEventListener('focusin', note)
      observer.disconnect()
    }
  }, [page])
}
