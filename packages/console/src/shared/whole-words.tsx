/** A text that is broken between its words and not within them, at a hyphen or a dot, while a line has room for the whole word. */
import { Fragment, type ReactElement } from 'react'
import styles from './whole-words.module.css'

export function WholeWords({ text }: { readonly text: string }): ReactElement {
  return (
    <>
      {text.split(' ').map((word, at) => (
        <Fragment key={at}>
          {at > 0 && ' '}
          <span className={styles.word}>{word}</span>
        </Fragment>
      ))}
    </>
  )
}
