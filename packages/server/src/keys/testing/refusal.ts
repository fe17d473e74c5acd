/** What a parser refuses, as a value. */
import { Refusal } from '../../errors.ts'

/** The refusal that `read` throws; undefined when it throws nothing. Any other error passes through. */
export function refusalFrom(read: () => unknown): Refusal | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}
