/** The one-line message of an event, in the form of Activity Tracker: `Keywitness: delete secret billing -failure`. */
import { catalogue } from './catalogue.ts'
import { EventError } from './error.ts'
import type { Outcome } from './event.ts'

/** What stands between the service's name and the target's. */
export function messageStem(entry: { readonly verb: string; readonly object: string }): string {
  return `: ${entry.verb} ${entry.object}`
}

/** A message from its stem. The outcome follows when it is not success; an empty name leaves no space behind. */
export function messageFrom(serviceName: string, stem: string, targetName: string, outcome: Outcome): string {
  const name = targetName === '' ? '' : ` ${targetName}`
  return serviceName + stem + name + (outcome === 'success' ? '' : ` -${outcome}`)
}

/**
 * `<service name>: <verb> <object> <target name>[ -<outcome>]`.
 *
 * @throws EventError `UNKNOWN_ACTION`
 */
export function messageOf(serviceName: string, action: string, targetName: string, outcome: Outcome): string {
  const entry = catalogue.entry(action)
  if (entry === undefined) throw new EventError('UNKNOWN_ACTION', 'action', 'not in the catalogue')
  return messageFrom(serviceName, messageStem(entry), targetName, outcome)
}
