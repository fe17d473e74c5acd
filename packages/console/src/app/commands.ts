/** What the command menu offers for what was typed, the most likely first. */

export interface Command {
  readonly id: string
  readonly name: string
  readonly kind: 'page' | 'location' | 'instance' | 'view' | 'setting' | 'trail'
  readonly run: () => void
}

type Named = Omit<Command, 'kind'>
type Unnamed = Omit<Named, 'id'>

export interface CommandSources {
  readonly pages: readonly Named[]
  readonly settings: readonly Named[]
  /** To be at, with the page one is on where it has them. */
  readonly locations: readonly Named[]
  readonly instances: readonly Named[]
  /** Saved views of the trail. */
  readonly views: readonly Named[]
  /** Undefined: there is no trail to search. */
  readonly trail:
    | {
        readonly words: Unnamed
        readonly event: (index: number) => Unnamed
        readonly id: (id: string) => Unnamed
      }
    | undefined
}

/** In the order in which they are offered. */
const kinds = [
  ['page', 'pages'],
  ['setting', 'settings'],
  ['location', 'locations'],
  ['instance', 'instances'],
  ['view', 'views'],
] as const

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i

export function commandsFor(typed: string, { trail, ...sources }: CommandSources): readonly Command[] {
  const text = typed.trim()
  const named = kinds.flatMap(([kind, of]) => sources[of].map((each) => ({ ...each, kind })))
  if (text === '') return named
  const found = named
    .map((command) => ({ command, rank: rankOf(command.name, text) }))
    .filter(({ rank }) => rank > 0)
    .toSorted((one, other) => other.rank - one.rank)
    .map(({ command }) => command)
  if (trail === undefined) return found
  const of = (id: string, command: Unnamed): Command => ({ id, kind: 'trail', ...command })
  const id = uuid.exec(text)?.[0]
  if (id !== undefined) return [of('id', trail.id(id.toLowerCase())), ...found]
  if (/^#?\d{1,15}$/.test(text)) return [of('event', trail.event(Number(text.replace('#', '')))), ...found]
  return [...found, of('words', trail.words)]
}

/** 3: begins so; 2: a word of it does; 1: its letters are in it, in this order; 0: not. */
function rankOf(name: string, text: string): number {
  const [whole, part] = [name.toLowerCase(), text.toLowerCase()]
  if (whole.startsWith(part)) return 3
  if (whole.includes(` ${part}`)) return 2
  let from = 0
  for (const letter of part) {
    from = whole.indexOf(letter, from) + 1
    if (from === 0) return 0
  }
  return 1
}
