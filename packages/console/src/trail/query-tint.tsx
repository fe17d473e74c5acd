/** Behind the text that is typed: the same text in colours, with what cannot be read underlined. */
import { type ReactElement, type RefObject, useEffect, useEffectEvent, useLayoutEffect, useRef } from 'react'
import type { QueryPart } from './query-parts.ts'
import styles from './query-field.module.css'

interface QueryTintProps {
  readonly parts: readonly QueryPart[]
  /** The input over it, whose scrolling it follows. */
  readonly input: RefObject<HTMLInputElement | null>
}

export function QueryTint({ parts, input }: QueryTintProps): ReactElement {
  const box = useRef<HTMLDivElement>(null)
  const follow = (): void => {
    if (box.current !== null) box.current.scrollLeft = input.current?.scrollLeft ?? 0
  }
  // Text that is longer than the line is scrolled while one types, too.
  useLayoutEffect(follow)
  const onScroll = useEffectEvent(follow)
  useEffect(() => {
    const over = input.current
    const listen = (): void => onScroll()
    over?.addEventListener('scroll', listen)
    document.addEventListener('selectionchange', listen)
    return () => {
      over?.removeEventListener('scroll', listen)
      document.removeEventListener('selectionchange', listen)
    }
  }, [input])
  return (
    <div ref={box} className={styles.tint} aria-hidden="true">
      {parts.map((part, at) => (
        <span key={`${at}-${part.kind}`} data-kind={part.kind} data-fault={part.isFault || undefined}>
          {part.text}
        </span>
      ))}
    </div>
  )
}
