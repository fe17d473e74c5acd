/** Where each member of a JSON text stands, so that what is wrong with one can be shown there; and where a text is no JSON. */

export interface TextPlace {
  readonly from: number
  readonly to: number
}

export type JsonReading =
  | { readonly value: unknown; readonly places: ReadonlyMap<string, TextPlace> }
  /** The first character that cannot stand there. */
  | { readonly fault: TextPlace }

const depthMax = 20
const space = /[ \t\r\n]*/y
const string = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

class NotJson extends Error {
  readonly at: number
  constructor(at: number) {
    super('not JSON')
    this.at = at
  }
}

/** Members are named by their path, as the server names them: `when.steps.0.query`; the whole is the empty path. */
export function readJson(text: string): JsonReading {
  const places = new Map<string, TextPlace>()
  try {
    const end = skip(text, valueAt(text, skip(text, 0), '', places, 0))
    if (end < text.length) throw new NotJson(end)
    return { value: JSON.parse(text) as unknown, places }
  } catch (error) {
    if (!(error instanceof NotJson)) throw error
    const from = Math.min(error.at, text.length)
    return { fault: { from, to: Math.min(text.length, from + 1) } }
  }
}

/** The place of a member; of one that is missing, of what should hold it. */
export function placeOf(places: ReadonlyMap<string, TextPlace>, path: string): TextPlace {
  for (let names = path.split('.'); names.length > 0; names = names.slice(0, -1)) {
    const found = places.get(names.join('.'))
    if (found !== undefined) return found
  }
  return { from: 0, to: 1 }
}

/** From 1. */
export function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length
}

/** Gives where the value ends. */
function valueAt(text: string, at: number, path: string, places: Map<string, TextPlace>, depth: number): number {
  if (depth > depthMax) throw new NotJson(at)
  const first = text[at]
  const end =
    first === '{' || first === '['
      ? itemsAt(text, at, path, places, depth, first)
      : (matchAt(string, text, at) ?? matchAt(scalar, text, at))
  if (end === undefined) throw new NotJson(at)
  places.set(path, { from: at, to: end })
  return end
}

function itemsAt(
  text: string,
  start: number,
  path: string,
  places: Map<string, TextPlace>,
  depth: number,
  open: '{' | '[',
): number {
  const close = open === '{' ? '}' : ']'
  let at = skip(text, start + 1)
  if (text[at] === close) return at + 1
  for (let item = 0; ; item++) {
    let name = String(item)
    if (open === '{') {
      const end = matchAt(string, text, at)
      if (end === undefined) throw new NotJson(at)
      name = JSON.parse(text.slice(at, end)) as string
      at = skip(text, end)
      if (text[at] !== ':') throw new NotJson(at)
      at = skip(text, at + 1)
    }
    at = skip(text, valueAt(text, at, path === '' ? name : `${path}.${name}`, places, depth + 1))
    if (text[at] === close) return at + 1
    if (text[at] !== ',') throw new NotJson(at)
    at = skip(text, at + 1)
  }
}

function skip(text: string, at: number): number {
  return matchAt(space, text, at) ?? at
}

function matchAt(form: RegExp, text: string, at: number): number | undefined {
  form.lastIndex = at
  return form.test(text) ? form.lastIndex : undefined
}
