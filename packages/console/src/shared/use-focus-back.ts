/**
 * Gives the focus back when a panel or a dialog is gone, so that whoever works by keyboard goes on where they were. For what
 * is there only while it is open: what stays and is told `opened`, as Mantine's popovers and dialogs, does it by its own
 * `returnFocus`; for parts of a page that come and go under the focus there is `trail/use-kept-focus.ts`.
 */
import { type RefObject, useLayoutEffect, useRef } from 'react'

/** @param isModal the focus is nowhere else while it is there; otherwise it is left where somebody has put it meanwhile */
export function useFocusBack<Box extends HTMLElement>(isModal: boolean): RefObject<Box | null> {
  const box = useRef<Box>(null)
  useLayoutEffect(() => {
    const { activeElement, body } = document
    const own = box.current
    // What an address has opened belongs to its row.
    const opener = activeElement === body ? document.querySelector('main [data-open] button') : activeElement
    const giveBack = (): void => {
      const back = opener instanceof HTMLElement && opener.isConnected ? opener : document.querySelector('main')
      back?.focus({ preventScroll: true })
    }
    return () => {
      const now = document.activeElement
      if (isModal) giveBack()
      else if (now === body || own?.contains(now) === true) {
        // In a moment: what took its place may have taken the focus, too.
        setTimeout(() => {
          if (document.activeElement === body) giveBack()
        })
      }
    }
  }, [isModal])
  return box
}
