/** What a rule of the pack is to tell of and what not, and the run of its evaluation over it. */
import { entryBytes } from '@keywitness/cadf'
import { AlertSubject, type Locate } from '../../alert-subject.ts'
import { Evaluation, type Firing } from '../../evaluation.ts'
import { parseRule } from '../../parse-rule.ts'
import type { AlertSeverity, Rule } from '../../rule.ts'
import { packCalendars, rulePack } from '../pack.ts'
import type { Happening } from './scene.ts'

export type Scene = readonly (Happening | readonly Happening[])[]

export interface Case {
  readonly severity: AlertSeverity
  /** Makes the rule fire, once. */
  readonly fires: Scene
  /** The group that it fires for. */
  readonly as: { readonly [field: string]: string }
  /** Nearly the same, and the rule is quiet: by what is different. */
  readonly near: { readonly [difference: string]: Scene }
  /** Values for its lists, which are shipped empty. */
  readonly lists?: { readonly [name: string]: readonly string[] }
  readonly locate?: Locate
}

/** By the rule's id. */
export interface Cases {
  readonly [rule: string]: Case
}

/** The shipped rule of an id, read as one that comes from outside. */
export function ruleOf(id: string, lists?: Case['lists']): Rule {
  const found = rulePack.find(({ rule }) => rule.id === id)
  if (found === undefined) throw new Error(`There is no rule ${id}.`)
  return parseRule(JSON.parse(JSON.stringify({ ...found.rule, ...(lists === undefined ? {} : { lists }) })))
}

/** What a rule says of a scene. */
export function firings(rule: Rule, scene: Scene, locate?: Locate): Firing[] {
  return firingsAlong(rule, seen(scene), locate)
}

/** A moment of a scene as rules are given it: an event, or nothing. */
type Moment = AlertSubject | number

/** A scene that several rules are to see. */
export function seen(scene: Scene): Moment[] {
  return scene.flat().map(({ time, event, producer }, index) => {
    if (event === undefined) return time
    return new AlertSubject(index, entryBytes(event, { id: producer, epoch: 1 }, index + 1), time)
  })
}

export function firingsAlong(rule: Rule, moments: readonly Moment[], locate?: Locate): Firing[] {
  const calendars = new Map(packCalendars.map((calendar) => [calendar.id, calendar]))
  const evaluation = new Evaluation(rule, { calendars, locate })
  return moments.flatMap((moment) => [
    ...(typeof moment === 'number' ? evaluation.tick(moment) : evaluation.see(moment)),
  ])
}

/** The group of a firing by its fields. */
export function groupOf({ groupBy }: Rule, { group }: Firing): Case['as'] {
  return Object.fromEntries(groupBy.map((field, place) => [field, group[place] ?? '']))
}
