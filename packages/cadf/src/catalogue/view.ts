/** Events of saved views of the trail, each with before and after. Ours. */
import type { EntrySpec, ExplanationSpec, FamilySpec, FieldSpec } from './entry.ts'
import { totalResources } from './keeping.ts'

const views = {
  severitySource: 'assigned',
  dataEvent: false,
  explanations: [],
  source: 'extension',
  object: 'view',
  typeURI: 'activity-tracker/view',
  severity: 'normal',
} as const satisfies Partial<EntrySpec>

const view = {
  name: 'view',
  type: 'uuid',
  meaning: 'The saved view, by its id.',
  source: 'extension',
} as const satisfies FieldSpec
const scope = {
  name: 'viewScope',
  type: 'enum',
  values: ['own', 'shared'],
  meaning: 'Who sees the view: its owner, or all who read the tracker.',
  source: 'extension',
} as const satisfies FieldSpec

const facts = <const Side extends 'initialValue' | 'newValue'>(side: Side, time: 'before' | 'afterwards') =>
  [
    { name: `${side}.viewName`, type: 'name', max: 300, meaning: `Name of the view ${time}.`, source: 'extension' },
    {
      name: `${side}.viewCategory`,
      type: 'name',
      max: 150,
      meaning: `Category of the view ${time}.`,
      when: 'it has one',
      source: 'extension',
    },
    {
      name: `${side}.viewQuery`,
      type: 'name',
      max: 2000,
      meaning: `Query of the view ${time}.`,
      when: 'it has one',
      source: 'extension',
    },
    {
      name: `${side}.viewTimes`,
      type: 'name',
      max: 130,
      meaning: `Times of the view ${time}, as they were written: from, two dots, to.`,
      when: 'it has some',
      source: 'extension',
    },
    {
      name: `${side}.viewBy`,
      type: 'enum',
      values: ['severity', 'outcome'],
      meaning: `What the histogram of the view tells apart ${time}.`,
      source: 'extension',
    },
    {
      name: `${side}.viewScope`,
      type: 'enum',
      values: ['own', 'shared'],
      meaning: `Who sees the view ${time}.`,
      source: 'extension',
    },
  ] as const satisfies readonly FieldSpec[]

const taken = {
  when: { outcome: 'failure', codes: [409] },
  meaning: 'There is a view of this name already, or there are as many as there may be.',
  remedy: 'Choose another name, or delete a view that nobody uses.',
  call: 'keywitness events views list',
  source: 'extension',
} as const satisfies ExplanationSpec
const outdated = {
  when: { outcome: 'failure', codes: [412] },
  meaning: 'Somebody else changed the view meanwhile.',
  remedy: 'Read it again and decide on what it is now.',
  call: 'keywitness events views list',
  source: 'extension',
} as const satisfies ExplanationSpec

export const savedViews = {
  'activity-tracker.view.list': {
    ...views,
    title: 'List saved views.',
    verb: 'list',
    phrase: { did: 'listed', to: 'list', what: 'saved views[ of {name}]' },
    request: [],
    response: [totalResources],
  },
  'activity-tracker.view.create': {
    ...views,
    title: 'Save a view: a search of the trail under a name.',
    verb: 'create',
    phrase: { did: 'saved', to: 'save', what: 'the[ {request.viewScope}] view[ "{request.newValue.viewName}"]' },
    request: [scope, ...facts('newValue', 'afterwards')],
    response: [view],
    explanations: [taken],
  },
  'activity-tracker.view.update': {
    ...views,
    title: 'Change a saved view.',
    verb: 'update',
    phrase: { did: 'changed', to: 'change', what: 'the[ {request.viewScope}] view[ "{request.newValue.viewName}"]' },
    request: [view, scope, ...facts('initialValue', 'before'), ...facts('newValue', 'afterwards')],
    response: [],
    explanations: [taken, outdated],
  },
  'activity-tracker.view.delete': {
    ...views,
    title: 'Delete a saved view.',
    verb: 'delete',
    phrase: {
      did: 'deleted',
      to: 'delete',
      what: 'the[ {request.viewScope}] view[ "{request.initialValue.viewName}"]',
    },
    request: [view, scope, ...facts('initialValue', 'before')],
    response: [],
    variants: [
      {
        name: 'shared-view',
        meaning: 'Others used it, too.',
        severity: 'warning',
        severitySource: 'assigned',
        when: { request: 'viewScope', values: ['shared'] },
      },
    ],
    explanations: [outdated],
  },
} as const satisfies FamilySpec
