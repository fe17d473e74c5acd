/** A sentence of the texts in which more than text stands: a time that is read as one and follows the zone, a name. */
import { Fragment, type ReactElement, type ReactNode } from 'react'

interface SentenceProps<Name extends string> {
  /** Gives the sentence, with these in the places of the parts. */
  readonly say: (places: Readonly<Record<Name, string>>) => string
  /** What stands there. What the server says goes here, too, where it can only be what it is. */
  readonly parts: Readonly<Record<Name, ReactNode>>
}

/** Characters that no text has: they are for private use. */
const [begin, end] = ['\uE000', '\uE001']

export function Sentence<Name extends string>({ say, parts }: SentenceProps<Name>): ReactElement {
  const all = new Map<string, ReactNode>(Object.entries(parts))
  const places = Object.fromEntries([...all.keys()].map((name) => [name, `${begin}${name}${end}`]))
  // The pieces are by turns text and the name of a part.
  const pieces = say(places as Record<Name, string>).split(new RegExp(`${begin}(\\w+)${end}`))
  return (
    <>
      {pieces.map((piece, i) => (
        <Fragment key={i}>{i % 2 === 0 ? piece : all.get(piece)}</Fragment>
      ))}
    </>
  )
}
