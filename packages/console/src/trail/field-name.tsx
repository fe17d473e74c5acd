/** The name of an event's field, which may go on in another line between its words and nowhere else. */
import { Fragment, type ReactElement } from 'react'

const wordStarts = /(?<=[a-z])(?=[A-Z])|(?<=\.)/

export function FieldName({ name }: { readonly name: string }): ReactElement {
  return (
    <>
      {name.split(wordStarts).map((word, at) => (
        <Fragment key={`${at}-${word}`}>
          {at > 0 && <wbr />}
          {word}
        </Fragment>
      ))}
    </>
  )
}
