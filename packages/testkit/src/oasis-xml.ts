/** The little XML that OASIS test cases are written in: elements with attributes; texts between them are comments. */

export interface XmlElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
}

interface OpenElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: XmlElement[]
}

/** Comments, declarations and tags; what is left between them are texts. */
const markup =
  /<!--[\s\S]*?-->|<[?!][^>]*>|<\/\s*([\w.:-]+)\s*>|<([\w.:-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g
const attribute = /([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * The outermost element.
 *
 * @throws Error when elements do not close each other, or there is not exactly one outermost
 */
export function parseXml(xml: string): XmlElement {
  const top: OpenElement = { name: '', attributes: new Map(), children: [] }
  const open: OpenElement[] = [top]
  for (const [, closing, opening, attributes = '', isEmpty] of xml.matchAll(markup)) {
    if (opening !== undefined) {
      const element: OpenElement = { name: opening, attributes: attributesOf(attributes), children: [] }
      open.at(-1)?.children.push(element)
      if (isEmpty === '') open.push(element)
    } else if (closing !== undefined && open.pop()?.name !== closing) {
      throw new Error(`</${closing}> closes another element`)
    }
  }
  const [root, ...others] = top.children
  if (root === undefined || others.length > 0 || open.length !== 1) throw new Error('not one whole element')
  return root
}

function attributesOf(written: string): ReadonlyMap<string, string> {
  return new Map(
    [...written.matchAll(attribute)].map(([, name = '', double, single]) => [name, plain(double ?? single ?? '')]),
  )
}

function plain(value: string): string {
  return value.replaceAll(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (...found: (string | undefined)[]) => {
    const [whole = '', decimal, hexadecimal, name = ''] = found
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    if (hexadecimal !== undefined) return String.fromCodePoint(Number.parseInt(hexadecimal, 16))
    return entities[name] ?? whole
  })
}
