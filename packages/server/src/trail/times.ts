/** Points in time as parameters write them: as in a query, and nothing but their beginning counts. */
import { parsePeriod, type TimeContext, timeForms } from '@keywitness/cadf'
import { Refusal } from '../errors.ts'

/**
 * Milliseconds since the epoch. A day stands for its beginning.
 * @throws Refusal INVALID_QUERY_PARAM_ERR naming the parameter
 */
export function parseTime(parameter: string, value: string, context: TimeContext): number {
  const period = parsePeriod(value, context)
  if (period !== undefined) return period.start
  throw new Refusal('INVALID_QUERY_PARAM_ERR', {
    message: `The parameter ${parameter} must be a time: ${timeForms}.`,
    at: { type: 'query_param', name: parameter },
  })
}
