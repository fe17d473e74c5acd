/** A ceremony as its events tell it: steps in their order, people by their keys, each crypto unit before and after. */
import { catalogue } from '../catalogue.ts'
import type { ActivityEvent, EventData, EventValue } from '../event.ts'
import { deedOf, whoOf } from '../sentence.ts'

/** An event of the log, with its place there. */
export interface ProvedEvent {
  readonly index: number
  /** Base64, as the log's tree has it. */
  readonly leafHash: string
  readonly event: ActivityEvent
}

/** A person by the key that signs: its identifier, and the names under which these events tell that it was installed. */
export interface Person {
  readonly ski: string
  /** In alphabetical order; only steps that were carried out give one. */
  readonly names: readonly string[]
}

/** One detail of a step: what it is, and its values, in the order they are to be read. */
interface Detail {
  readonly what: string
  readonly values: readonly string[]
}

export interface Step {
  readonly index: number
  readonly leafHash: string
  readonly eventId: string
  /** As the event has it: `YYYY-MM-DDTHH:mm:ss.SS+0000`. */
  readonly time: string
  /** Its location; undefined where the step is about the whole instance. */
  readonly unit: string | undefined
  /** What was done to what, without who. */
  readonly what: string
  readonly isDone: boolean
  /** Why not. */
  readonly failure: string | undefined
  /** Whoever sent the command, which is nobody's authority by itself. */
  readonly sender: string
  readonly senderId: string
  /** Of a refused step: whoever its signatures name, whether or not they verify. */
  readonly signers: readonly Person[]
  readonly details: readonly Detail[]
}

/** What these events tell of a unit; `undefined` where they do not. */
export interface UnitFacts {
  readonly signatureThreshold: number | undefined
  readonly revocationSignatureThreshold: number | undefined
  readonly administrators: readonly Person[] | undefined
  /** Verification patterns; empty for an empty register. */
  readonly newRegister: string | undefined
  readonly currentRegister: string | undefined
  readonly revision: number | undefined
}

export interface UnitAccount {
  readonly location: string
  readonly crn: string
  readonly before: UnitFacts
  readonly after: UnitFacts
  /** The unit was found set back: events after that tell nothing of what was before them. */
  readonly isSetBack: boolean
}

export interface Transcript {
  readonly steps: readonly Step[]
  readonly people: readonly Person[]
  readonly units: readonly UnitAccount[]
  /** In which way the units differ afterwards, as far as these events tell; empty when they agree. */
  readonly differences: readonly string[]
}

const unknownFacts: UnitFacts = {
  signatureThreshold: undefined,
  revocationSignatureThreshold: undefined,
  administrators: undefined,
  newRegister: undefined,
  currentRegister: undefined,
  revision: undefined,
}

/** As a unit is after a reset. */
const freshFacts: Omit<UnitFacts, 'revision'> = {
  signatureThreshold: 0,
  revocationSignatureThreshold: 0,
  administrators: [],
  newRegister: '',
  currentRegister: '',
}

/** Whether an event is one of a crypto unit, or of the rotation of a master key. */
export function isOfCeremony({ action }: ActivityEvent): boolean {
  return catalogue.entry(action)?.family === 'tke'
}

/** @param events of ceremonies, ascending by index */
export function transcriptOf(events: readonly ProvedEvent[]): Transcript {
  const names = new Map<string, Set<string>>()
  for (const { event } of events) {
    const [id, name] = [textOf(event.requestData['adminId']), textOf(event.requestData['adminName'])]
    if (event.outcome !== 'success' || id === undefined || name === undefined) continue
    names.set(id, (names.get(id) ?? new Set()).add(name))
  }
  const person = (ski: string): Person => ({ ski, names: [...(names.get(ski) ?? [])].toSorted() })
  const steps = events.map((one) => stepOf(one, person))
  const units = new Map<string, UnitAccount>()
  for (const { event } of events) {
    const location = textOf(event.requestData['location'])
    if (location === undefined) continue
    const { id: crn } = event.target
    const account = units.get(crn) ?? { location, crn, before: unknownFacts, after: unknownFacts, isSetBack: false }
    units.set(crn, accountAfter(account, event, person))
  }
  const accounts = [...units.values()].toSorted((a, b) => (a.location < b.location ? -1 : 1))
  const skis = new Set(events.flatMap(({ event }) => peopleOf(event)))
  return {
    steps,
    people: [...skis].map(person).toSorted((a, b) => (personText(a) < personText(b) ? -1 : 1)),
    units: accounts,
    differences: differencesOf(accounts),
  }
}

/** Of a refused step nobody is proved to have taken part in it. */
function peopleOf({ outcome, requestData, responseData }: ActivityEvent): string[] {
  if (outcome !== 'success') return []
  const one = textOf(requestData['adminId'])
  return [...listOf(requestData['signerIds']), ...listOf(responseData['adminIds']), ...(one === undefined ? [] : [one])]
}

function stepOf({ index, leafHash, event }: ProvedEvent, person: (ski: string) => Person): Step {
  const { requestData, reason, outcome, initiator } = event
  return {
    index,
    leafHash,
    eventId: event.id,
    time: event.eventTime,
    unit: textOf(requestData['location']),
    what: capitalized(deedOf(event)),
    isDone: outcome === 'success',
    failure: outcome === 'success' ? undefined : (reason.reasonForFailure ?? reason.reasonType),
    sender: whoOf(initiator),
    senderId: initiator.id,
    signers: listOf(requestData['signerIds']).map(person),
    details: detailsOf(event, person),
  }
}

/** Fields that are told elsewhere in a step, or say nothing to people. */
const toldElsewhere = new Set(['location', 'signerIds', 'adminName', 'requestURI', 'instanceID'])

function detailsOf({ action, requestData, responseData }: ActivityEvent, person: (ski: string) => Person): Detail[] {
  const entry = catalogue.entry(action)
  const tell = (data: EventData, fields: readonly { readonly name: string }[]): Detail[] =>
    fields.flatMap(({ name }) => {
      const value = toldElsewhere.has(name) ? undefined : memberAt(data, name)
      if (value === undefined) return []
      const values = valuesOf(value).map((text) => (name.startsWith('admin') ? personText(person(text)) : text))
      return [{ what: name, values }]
    })
  const asked = tell(requestData, entry?.request ?? [])
  const isAsked = ({ what, values }: Detail): boolean =>
    asked.some((one) => one.what === what && one.values.join() === values.join())
  return [...asked, ...tell(responseData, entry?.response ?? []).filter((one) => !isAsked(one))]
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** How a person is written: the name, and the whole identifier; that a key has several names is not to be missed. */
export function personText({ names, ski }: Person): string {
  const [name, ...others] = names
  if (name === undefined) return ski
  return others.length === 0
    ? `${name} (${ski})`
    : `SEVERAL NAMES FOR ONE KEY: ${names.map((one) => `"${one}"`).join(', ')} (${ski})`
}

/** What stands before the signers of a step. */
export function signedText({ isDone, signers }: Pick<Step, 'isDone' | 'signers'>): string {
  const count = signers.length
  if (isDone) return count === 0 ? 'nobody' : `${count} administrator${count === 1 ? '' : 's'}`
  return count === 0 ? 'names nobody as signer' : 'names as signers, not verified:'
}

function accountAfter(account: UnitAccount, event: ActivityEvent, person: (ski: string) => Person): UnitAccount {
  if (event.outcome !== 'success') return account
  const { action, requestData, responseData } = event
  const revision = numberOf(responseData['unitRevision']) ?? account.after.revision
  const { before, after } = { ...account, after: { ...account.after, revision } }
  const pattern = textOf(responseData['verificationPattern'])
  switch (action.slice('hs-crypto.tke-cryptounit'.length)) {
    case '.reset':
      return { ...account, after: { ...freshFacts, revision } }
    // An earlier state was put in its place: what it is like is told by none of these events.
    case '.hold':
      return { ...account, after: { ...unknownFacts, revision }, isSetBack: true }
    case '-admin.add':
    case '-admin.remove': {
      const administrators = listOf(responseData['adminIds']).map(person)
      return {
        ...account,
        before: account.isSetBack ? before : withAdministrators(before, after, event, person),
        after: { ...after, administrators },
      }
    }
    case '-threshold.set': {
      const was = objectOf(requestData['initialValue']) ?? objectOf(responseData['initialValue'])
      return {
        ...account,
        before: account.isSetBack
          ? before
          : {
              ...before,
              signatureThreshold:
                before.signatureThreshold ?? firstOf(after.signatureThreshold, was?.['signatureThreshold']),
              revocationSignatureThreshold:
                before.revocationSignatureThreshold ??
                firstOf(after.revocationSignatureThreshold, was?.['revocationSignatureThreshold']),
            },
        after: {
          ...after,
          signatureThreshold: numberOf(responseData['signatureThreshold']),
          revocationSignatureThreshold: numberOf(responseData['revocationSignatureThreshold']),
        },
      }
    }
    case '-master-key-register.add':
      return { ...account, after: { ...after, newRegister: pattern } }
    case '-master-key-register.commit':
      return { ...account, after: { ...after, newRegister: textOf(requestData['verificationPattern']) } }
    case '-master-key-register.activate':
      // A random key that is made in an empty current register never was in the new one.
      return {
        ...account,
        after: {
          ...after,
          newRegister: requestData['verificationPattern'] === undefined ? after.newRegister : '',
          currentRegister: pattern,
        },
      }
    case '-new-master-key-register.clear':
      return { ...account, after: { ...after, newRegister: '' } }
    case '-current-master-key-register.clear':
      return { ...account, after: { ...after, currentRegister: '' } }
    default:
      return { ...account, after }
  }
}

/** Who was installed before the first change that these events hold. */
function withAdministrators(
  before: UnitFacts,
  after: UnitFacts,
  { action, requestData, responseData }: ActivityEvent,
  person: (ski: string) => Person,
): UnitFacts {
  if (before.administrators !== undefined || after.administrators !== undefined) return before
  const changed = textOf(requestData['adminId'])
  const now = listOf(responseData['adminIds'])
  const was = action.endsWith('.add')
    ? now.filter((ski) => ski !== changed)
    : [...now, ...(changed === undefined ? [] : [changed])]
  return { ...before, administrators: was.map(person) }
}

/** What was before counts only while no event of these has changed it. */
function firstOf(already: number | undefined, told: EventValue | undefined): number | undefined {
  return already === undefined ? numberOf(told) : undefined
}

function differencesOf(units: readonly UnitAccount[]): string[] {
  const known = <T>(pick: (facts: UnitFacts) => T | undefined): Set<string> =>
    new Set(units.flatMap(({ after }) => (pick(after) === undefined ? [] : [JSON.stringify(pick(after))])))
  const skis = ({ administrators }: UnitFacts): string[] | undefined => administrators?.map(({ ski }) => ski).toSorted()
  return [
    ...(known(({ signatureThreshold }) => signatureThreshold).size > 1 ? ['signature thresholds'] : []),
    ...(known((facts) => facts.revocationSignatureThreshold).size > 1 ? ['revocation signature thresholds'] : []),
    ...(known(skis).size > 1 ? ['administrators'] : []),
    ...(known(({ newRegister }) => newRegister).size > 1 ? ['new master key registers'] : []),
    ...(known(({ currentRegister }) => currentRegister).size > 1 ? ['current master key registers'] : []),
  ]
}

function memberAt(data: EventData, name: string): EventValue | undefined {
  let value: EventValue | undefined = data
  for (const part of name.split('.')) value = objectOf(value)?.[part]
  return value
}

function objectOf(value: EventValue | undefined): EventData | undefined {
  return typeof value === 'object' && !Array.isArray(value) ? (value as EventData) : undefined
}

function valuesOf(value: EventValue): string[] {
  if (Array.isArray(value)) return value.map(String)
  return typeof value === 'object' ? [JSON.stringify(value)] : [String(value)]
}

function textOf(value: EventValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function numberOf(value: EventValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function listOf(value: EventValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}
