/** An event as a person would tell it: "Ana deleted root key billing". */
import { type ActionWords, actionWords } from './action-words.ts'
import type { Phrase } from './catalogue/entry.ts'
import { type ActivityEvent, type EventData, type EventValue, type Initiator, initiatorTypes } from './event.ts'
import { refusalOf } from './reason.ts'
import { type InstanceName, scopeInWords } from './scope-words.ts'
import { memberOf } from './variant.ts'

const byName = new Map(
  actionWords.flatMap((words) => [words.action, ...words.formerNames].map((name) => [name, words] as const)),
)

/** The words of an action, by its current or a former name; undefined for one that the catalogue does not know. */
export function wordsOf(action: string): ActionWords | undefined {
  return byName.get(action)
}

/**
 * One plain sentence without a full stop. For an action that the catalogue does not know it falls back to the action's
 * name; texts of the event stand in it as they are: a reader must show it as text, never as markup.
 *
 * @param instanceName instances that an event tells by their ids alone are called so
 * @example sentence(event) // 'Ana was refused: delete root key billing (409)'
 */
export function sentence(told: ActivityEvent, instanceName?: InstanceName): string {
  const event = withScopeInWords(told, instanceName)
  const who = whoOf(event.initiator)
  const phrase = wordsOf(event.action)?.phrase
  const what = phrase === undefined ? `${event.action}${spaced(event.target.name)}` : whatOf(phrase, event)
  const code = event.reason.reasonCode
  const { did, to, failed, refused, why = '' } = phrase ?? unknownAction
  if (event.outcome === 'success') return `${who} ${did} ${what}`
  if (event.outcome === 'pending') return `${who} began to ${to} ${what}`
  if (event.outcome === 'unknown') return `${who} tried to ${to} ${what}; how it ended is not known`
  const reason = `(${code}${fillIn(why, event)})`
  const befell = refused?.[refusalOf(event.reason) ?? '']
  if (befell !== undefined) return `${who} ${befell} ${reason}`
  if (failed !== undefined) return `${who} ${failed} ${what} ${reason}`
  if (code >= 500) return `${who} tried to ${to} ${what}, but the service failed ${reason}`
  return `${who} was refused: ${to} ${what} ${reason}`
}

/**
 * What was done, or was to be done, without who and without what the event's data say of it.
 *
 * @example deedOf(event) // 'added an administrator to crypto unit [us-south].[AZ1-SOFT].[00].[00]'
 */
export function deedOf(event: ActivityEvent): string {
  const { did, to, what } = wordsOf(event.action)?.phrase ?? { ...unknownAction, what: event.action }
  return `${event.outcome === 'success' ? did : to} ${fillIn(what, { ...event, requestData: {}, responseData: {} })}`
}

function withScopeInWords(event: ActivityEvent, instanceName: InstanceName | undefined): ActivityEvent {
  const { scope } = event.requestData
  if (typeof scope !== 'string') return event
  return { ...event, requestData: { ...event.requestData, scope: scopeInWords(scope, instanceName) } }
}

/** Words for an action that the catalogue does not know: its name follows. */
const unknownAction: Omit<Phrase, 'what'> = { did: 'did', to: 'do' }

/** The name of who has none. */
const nameless = 'unknown'

/** How the initiator is called in a sentence. */
export function whoOf(initiator: Initiator): string {
  const { id, name, typeURI } = initiator
  switch (typeURI) {
    case initiatorTypes.user:
      return name || id
    case initiatorTypes.serviceId:
      return `Service ${name || id.replace(/^iam-ServiceId-/, '')}`
    case initiatorTypes.certificate:
      return name && name !== nameless
        ? `Certificate ${name}`
        : `Certificate ${id.replace(/^CertificateID-/i, '').slice(0, 12)}`
    default:
      return unknownCaller(initiator)
  }
}

function unknownCaller({ host, name }: Initiator): string {
  const who = name === '' || name === nameless ? 'An unknown caller' : `An unknown caller calling itself ${name}`
  return host.address === undefined ? who : `${who} at ${host.address}`
}

/** The rest of the sentence, and after a colon the details that have their values. */
function whatOf({ what, details = [] }: Phrase, event: ActivityEvent): string {
  const told = details.filter((detail) => hasValues(detail, event)).map((detail) => fillIn(detail, event))
  return fillIn(what, event) + (told.length === 0 ? '' : `: ${told.join(', ')}`)
}

/** Whether all placeholders outside of brackets have a value. */
function hasValues(template: string, event: ActivityEvent): boolean {
  const outside = template.replace(/\[[^\]]*\]/g, '')
  return [...outside.matchAll(/\{([^}]*)\}/g)].every(([, name = '']) => valueOf(event, name) !== undefined)
}

/** Fills placeholders and chooses in brackets. One pass: what an event holds is never taken for a template. */
function fillIn(template: string, event: ActivityEvent): string {
  return template.replace(/\[([^\]]*)\]|\{([^}]*)\}/g, (_, part: string | undefined, name: string | undefined) =>
    part === undefined ? (valueOf(event, name ?? '') ?? '') : fillPart(part, event),
  )
}

/** The first of the alternatives whose placeholders all have a value. */
function fillPart(part: string, event: ActivityEvent): string {
  const chosen = part.split('|').find((alternative) => hasValues(alternative, event)) ?? ''
  return chosen.replace(/\{([^}]*)\}/g, (_, name: string) => valueOf(event, name) ?? '')
}

/** Of a placeholder that asks for a value: nothing, where it is the one asked for. */
function valueOf(event: ActivityEvent, placeholder: string): string | undefined {
  const [name = '', asked] = placeholder.split('=')
  const value = fieldOf(event, name)
  if (asked === undefined) return value
  return value === asked ? '' : undefined
}

function fieldOf(event: ActivityEvent, name: string): string | undefined {
  if (name === 'name') return event.target.name || undefined
  if (name.startsWith(named)) {
    return typeOf(event.target.id) === name.slice(named.length) ? event.target.name || undefined : undefined
  }
  const dot = name.indexOf('.')
  const data: EventData = name.slice(0, dot) === 'request' ? event.requestData : event.responseData
  return inWords(memberOf(data, name.slice(dot + 1)))
}

const named = 'name@'

/** Of a Cloud Resource Name the type of the resource; empty for a whole instance. */
function typeOf(crn: string): string | undefined {
  return crn.split(':')[8]
}

function inWords(value: EventValue | undefined): string | undefined {
  if (value === undefined || value === '') return undefined
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value))
    return value.length > 3 ? `${value.slice(0, 3).join(', ')} and ${value.length - 3} more` : value.join(', ')
  return undefined
}

function spaced(name: string): string {
  return name === '' ? '' : ` ${name}`
}
