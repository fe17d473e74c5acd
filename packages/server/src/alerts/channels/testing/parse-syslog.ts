/** A strict reader of RFC 5424 for tests: one structured element, its values unescaped, and the text after it. */

interface Parsed {
  readonly priority: number
  readonly time: string
  readonly host: string
  readonly app: string
  readonly process: string
  readonly kind: string
  readonly element: string
  readonly params: readonly (readonly [name: string, value: string])[]
  readonly text: string
}

const header = /^<(\d{1,3})>1 (\S+) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) \[([!-<>-Z^-~]{1,32})/
/** 6.3.3: inside a value `"`, `\` and `]` stand behind a backslash. */
const param = / ([!-<>-Z^-~]{1,32})="((?:[^"\\\]]|\\["\\\]])*)"/y

/** @throws Error when it is no such message */
export function parseSyslog(line: string): Parsed {
  const [all, priority, time = '', host = '', app = '', process = '', kind = '', element = ''] = header.exec(line) ?? []
  if (all === undefined) throw new Error(`no header: ${line}`)
  const params: [string, string][] = []
  let at = all.length
  for (;;) {
    param.lastIndex = at
    const found = param.exec(line)
    if (found === null) break
    params.push([found[1] ?? '', (found[2] ?? '').replaceAll(/\\(["\\\]])/g, '$1')])
    at = param.lastIndex
  }
  if (!line.startsWith('] ', at)) throw new Error(`the element does not end: ${line.slice(at)}`)
  return { priority: Number(priority), time, host, app, process, kind, element, params, text: line.slice(at + 2) }
}
