/** Request and response data of an event as table rows: meanings from the catalogue, values before and after side by side. */
import {
  type CatalogueEntry,
  type EventData,
  type EventValue,
  type ListDigest,
  catalogue,
  isListDigest,
} from '@keywitness/cadf'
import i18next from 'i18next'
import { objectStates } from '../api/key-states.ts'
import { formatCount } from '../i18n/texts.ts'
import { type ListDifference, listDifference } from './list-difference.ts'

interface FieldRow {
  /** Dotted name below `requestData` or `responseData`. */
  readonly name: string
  readonly value: string
  /** The value as the event has it, where it is shown in other words. */
  readonly raw?: string
  /** What the catalogue says of the field. */
  readonly meaning: string | undefined
}

/** One value that an action changed, or that it told before and after. */
export interface ChangeRow {
  readonly name: string
  readonly meaning: string | undefined
  /** Undefined where the event has no such value: it was not set. */
  readonly before: string | undefined
  readonly after: string | undefined
  readonly isSame: boolean
  /** What was added and removed, where both sides are lists that the event holds whole. */
  readonly items: ListDifference | undefined
}

export interface FieldTable {
  readonly rows: readonly FieldRow[]
  readonly changes: readonly ChangeRow[]
}

const before = 'initialValue.'
const after = 'newValue.'
/** Nesting and members beyond these are shown as JSON text. */
const depthMax = 6
const rowsMax = 500

type Side = 'request' | 'response'

/**
 * The fields of one side of an event.
 *
 * @param other the data of the other side, where a value after a change may stand
 */
export function fieldTable(action: string, side: Side, data: EventData, other: EventData = {}): FieldTable {
  const entry = catalogue.entry(action)
  const flat = flatten(data)
  const rows: FieldRow[] = []
  const changes = new Map<string, { before?: string; after?: string }>()
  const lists = listsOf(data)
  for (const [name, raw] of flat) {
    const value = inWords(name, raw)
    if (name.startsWith(before))
      changes.set(name.slice(before.length), { ...changes.get(name.slice(before.length)), before: value })
    else if (name.startsWith(after))
      changes.set(name.slice(after.length), { ...changes.get(name.slice(after.length)), after: value })
    else rows.push({ name, value, ...(value !== raw && { raw }), meaning: meaningOf(entry, side, name) })
  }
  // Events of crypto units tell what is now in force by its own name, the documented one.
  const plain = entry?.family === 'tke' ? new Map([...flatten(other), ...flat]) : new Map<string, string>()
  const otherSide = side === 'request' ? 'response' : 'request'
  return {
    rows,
    changes: [...changes].map(([name, values]) => ({
      name,
      isSame: values.before === (values.after ?? plain.get(name)),
      items: itemsOf(lists.get(before + name), lists.get(after + name), values),
      meaning:
        meaningOf(entry, side, after + name) ??
        (plain.has(name) ? (meaningOf(entry, side, name) ?? meaningOf(entry, otherSide, name)) : undefined) ??
        meaningOf(entry, side, before + name),
      before: values.before,
      after: values.after ?? plain.get(name),
    })),
  }
}

/** KMIP's states are numbers in events: shown with their names. */
function inWords(name: string, value: string): string {
  const state = /(?:^|\.)kmipState$/.test(name) ? objectStates.find((each) => `${each}` === value) : undefined
  return state === undefined ? value : i18next.t(`kmipStates.${state}`, { ns: 'trail', state })
}

function flatten(data: EventData): [string, string][] {
  const flat: [string, string][] = []
  const walk = (prefix: string, value: EventValue, depth: number): void => {
    if (flat.length >= rowsMax) return
    if (typeof value !== 'object') flat.push([prefix, String(value)])
    else if (isList(value)) flat.push([prefix, value.join('\n')])
    else if (isListDigest(value)) flat.push([prefix, [...value.first, moreThan(value)].join('\n')])
    else if (depth >= depthMax) flat.push([prefix, JSON.stringify(value)])
    else
      for (const [name, member] of Object.entries(value))
        walk(prefix === '' ? name : `${prefix}.${name}`, member, depth + 1)
  }
  walk('', data, 0)
  return flat.filter(([name]) => name !== '')
}

/** The lists that stand whole among the data, by their dotted names. */
function listsOf(data: EventData): ReadonlyMap<string, readonly string[]> {
  const lists = new Map<string, readonly string[]>()
  const walk = (prefix: string, value: EventValue, depth: number): void => {
    if (isList(value)) lists.set(prefix, value)
    else if (typeof value === 'object' && !isListDigest(value) && depth < depthMax)
      for (const [name, member] of Object.entries(value))
        walk(prefix === '' ? name : `${prefix}.${name}`, member, depth + 1)
  }
  walk('', data, 0)
  return lists
}

/** A list that one side does not have was empty there; a side that is no list cannot be compared with one. */
function itemsOf(
  was: readonly string[] | undefined,
  is: readonly string[] | undefined,
  values: { before?: string; after?: string },
): ListDifference | undefined {
  if (was === undefined && is === undefined) return undefined
  if ((was === undefined && values.before !== undefined) || (is === undefined && values.after !== undefined)) {
    return undefined
  }
  return listDifference(was ?? [], is ?? [])
}

/** What follows the first items of a list whose whole is attached. */
function moreThan({ count, first }: ListDigest): string {
  return i18next.t('moreItems', { ns: 'trail', formatted: formatCount(count - first.length) })
}

function isList(value: EventValue): value is readonly string[] {
  return Array.isArray(value)
}

/** What stands in a field here goes before what is documented of the service that it is compatible with. */
function meaningOf(entry: CatalogueEntry | undefined, side: Side, name: string): string | undefined {
  const field = entry?.[side].find((one) => one.name === name)
  return field?.here ?? field?.meaning
}
