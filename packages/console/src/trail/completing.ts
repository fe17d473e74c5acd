/** What a completion does to the text that is typed, and to the caret in it. */
import { type RefObject, useLayoutEffect, useRef } from 'react'
import type { Completion } from './query-completion.ts'

/** The text with a completion in it, and where one goes on typing. */
export function completed(
  text: string,
  { from, to, insert }: Pick<Completion, 'from' | 'to' | 'insert'>,
): { readonly text: string; readonly caret: number } {
  // A blank that is there already is not written twice.
  const after = text.slice(to).replace(insert.endsWith(' ') ? /^ / : '', '')
  return { text: text.slice(0, from) + insert + after, caret: from + insert.length }
}

/** Puts the caret behind a completion, once its text is shown; nothing to be put for undefined. */
export function useCaret(input: RefObject<HTMLInputElement | null>): (at: number | undefined) => void {
  const caretTo = useRef<number>(undefined)
  useLayoutEffect(() => {
    if (caretTo.current !== undefined) input.current?.setSelectionRange(caretTo.current, caretTo.current)
    caretTo.current = undefined
  })
  return (at) => {
    caretTo.current = at
  }
}
