/**
 * Keeps the place of the keyboard: where what had the focus is gone or can be pressed no more, what stands there under its
 * name has the focus, or else what it stood in. Whoever gives the focus elsewhere has the last word.
 */

/** @param main what is looked after; gives what ends it */
export function keepPlace(main: HTMLElement): () => void {
  let last: HTMLElement | undefined
  /** What it stands in, the nearest first: once it is gone, nothing tells. */
  let around: readonly HTMLElement[] = []
  /** What has the focus in its place. */
  let standIn: Element | undefined
  let isGiving = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const note = ({ target }: FocusEvent): void => {
    if (isGiving || target === main || !(target instanceof HTMLElement)) return
    last = target
    around = ancestorsOf(target, main)
    standIn = undefined
  }
  const check = (): void => {
    timer = undefined
    const { activeElement: now, body } = document
    const isLost = now === body || now === main || now === standIn || now === last
    if (last === undefined || !isLost) return
    if (last.isConnected && !last.matches(':disabled')) {
      if (now === standIn) last.focus({ preventScroll: true })
    } else if (!isHeirFocused(last, main) && standIn?.isConnected !== true) {
      isGiving = true
      standIn = [...around, main].find(isFocused)
      isGiving = false
    }
  }
  // In a moment: what closes gives the focus back by itself.
  const observer = new MutationObserver(() => (timer ??= setTimeout(check)))
  observer.observe(main, { childList: true, subtree: true, attributeFilter: ['disabled'] })
  main.addEventListener('focusin', note)
  return () => {
    observer.disconnect()
    main.removeEventListener('focusin', note)
    clearTimeout(timer)
  }
}

function ancestorsOf(element: HTMLElement, end: HTMLElement): readonly HTMLElement[] {
  const parent = element.parentElement
  return parent === null || parent === end ? [] : [parent, ...ancestorsOf(parent, end)]
}

const nameOf = (element: Element): string | null =>
  element.getAttribute('aria-label') ?? element.getAttribute('data-view')

/** Only for what is gone: what is switched off comes back. */
function isHeirFocused(last: HTMLElement, main: HTMLElement): boolean {
  const name = nameOf(last)
  if (last.isConnected || name === null) return false
  const heir = [...main.querySelectorAll<HTMLElement>(last.tagName)].find((each) => nameOf(each) === name)
  heir?.focus({ preventScroll: true })
  return heir !== undefined
}

/** Gives the focus to what takes none by itself. */
function isFocused(place: HTMLElement): boolean {
  if (!place.isConnected) return false
  if (!place.hasAttribute('tabindex')) {
    place.tabIndex = -1
    place.addEventListener('blur', () => place.removeAttribute('tabindex'), { once: true })
  }
  place.focus({ preventScroll: true })
  return document.activeElement === place
}
