/** Where one was last, in this browser: pages that need a place begin there. */

const names = { location: 'keywitness.location', instance: 'keywitness.instance' } as const

type PlaceKind = keyof typeof names

export const remembered = (kind: PlaceKind): string | undefined => localStorage.getItem(names[kind]) ?? undefined

export function remember(kind: PlaceKind, value: string): void {
  localStorage.setItem(names[kind], value)
}
