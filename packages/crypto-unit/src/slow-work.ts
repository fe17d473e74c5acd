/** Work on the threads of OpenSSL, in turn with the generations of EP11: so much of it at once, and no more. */
import { Ep11Error } from './ep11/ep11-error.ts'
import type { Holdings } from './operation.ts'
import { UnitError } from './unit-error.ts'

/** @throws UnitError `BUSY` when too much runs already, for the instance or in all */
export async function inTurn<Result>(
  { ep11: { generations } }: Pick<Holdings, 'ep11'>,
  instance: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await generations.run(instance, work)
  } catch (error) {
    if (!(error instanceof Ep11Error)) throw error
    throw new UnitError('BUSY', error.message)
  }
}
