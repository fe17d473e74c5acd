/** CREATE: a fresh unit in imprint mode, as a sealed state that is not in force yet. */
import { randomDomainInstance } from '../commands.ts'
import { readIdentity } from '../messages.ts'
import type { Operation } from '../operation.ts'
import { freshState, parseLocation } from '../registers.ts'
import { sealState } from '../state.ts'
import { UnitError } from '../unit-error.ts'

export const create: Operation = (request, answer, { seal }) => {
  const identity = readIdentity(request)
  request.end()
  if (parseLocation(identity.location) === undefined) throw new UnitError('LIMIT', "A unit's location has four pieces.")
  if (!/^[0-9A-Z]{8}$/.test(identity.serial)) throw new UnitError('LIMIT', "A unit's serial number has 8 characters.")
  answer.bytes(sealState(freshState(identity, randomDomainInstance(), 1), seal))
}
