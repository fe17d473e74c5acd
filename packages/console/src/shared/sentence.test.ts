/** A sentence has its parts where its words put them, and text of the server is never taken for one. */
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { Sentence } from './sentence.tsx'

test('parts stand where the words put them, in any order', () => {
  const parts = { time: createElement('time', {}, '11-25'), name: createElement('b', {}, 'Ada') }
  const one = createElement(Sentence, { parts, say: ({ time, name }) => `By ${name}, ${time}.` })
  expect(renderToStaticMarkup(one)).toBe('By <b>Ada</b>, <time>11-25</time>.')
  const other = createElement(Sentence, { parts, say: ({ time, name }) => `${time}: ${name}` })
  expect(renderToStaticMarkup(other)).toBe('<time>11-25</time>: <b>Ada</b>')
})

test('a name that looks like a place, or like markup, stays a name', () => {
  const parts = { name: '\uE000time\uE001<i>', time: 'now' }
  const one = createElement(Sentence, { parts, say: ({ time, name }) => `${name} ${time}` })
  expect(renderToStaticMarkup(one)).toBe('\uE000time\uE001&lt;i&gt; now')
})
