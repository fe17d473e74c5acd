/** All that needs the query language itself, in one file: it is fetched when somebody filters or types, not with the list. */
export { faultOf } from './query-text.ts'
export { isForEnter, readQuery } from './query-options.ts'
export { partsOfQuery } from './query-parts.ts'
