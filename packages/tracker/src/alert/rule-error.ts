/** What is wrong with a rule, or with the saved state of one. */

/** A rule or calendar that cannot be read. The message is for people. */
export class RuleError extends Error {
  readonly code = 'BAD_RULE'
  /** The member at fault: `when.steps.1.query`; empty for the whole. */
  readonly path: string
  /** First character at fault and their number, when a query is. */
  readonly at: number | undefined
  readonly length: number | undefined

  constructor(path: string, message: string, place?: { readonly at: number; readonly length: number }) {
    super(message)
    this.name = 'RuleError'
    this.path = path
    this.at = place?.at
    this.length = place?.length
  }
}

/** A saved state that is not one of the rule that it was given for. */
export class StateError extends Error {
  readonly code = 'FOREIGN_STATE'

  constructor(what: string) {
    super(`This is no state of the rule: ${what}.`)
    this.name = 'StateError'
  }
}
