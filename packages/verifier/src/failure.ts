/** What ends a verification early. */

/** A failure as it is told: `failed` when something does not hold, `usage` when the command line or a file is wrong. */
export class Failure extends Error {
  readonly kind: 'failed' | 'usage'

  constructor(kind: 'failed' | 'usage', message: string) {
    super(message)
    this.name = 'Failure'
    this.kind = kind
  }
}
