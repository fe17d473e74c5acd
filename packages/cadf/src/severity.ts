/** How much an event weighs: the action's severity, its variant's, the status code's; the most severe wins. */
import type { CatalogueEntry } from './catalogue/entry.ts'
import { catalogue } from './catalogue.ts'
import { EventError } from './error.ts'
import type { Outcome, Severity } from './event.ts'

const rank = { normal: 0, warning: 1, critical: 2 } as const satisfies Record<Severity, number>

/** Status codes that decide the severity, as the seed has them; the others leave it to the action. */
export const statusSeverity = {
  critical: [401, 403, 500, 503, 507],
  warning: [400, 409, 424, 502, 504, 505],
} as const

/** The more severe of the two. */
export function moreSevere(a: Severity, b: Severity): Severity {
  return rank[a] >= rank[b] ? a : b
}

/** Severity that a status code gives by itself. A 400 is critical for Trusted Key Entry. */
function severityOfStatus(code: number, family?: CatalogueEntry['family']): Severity {
  if (code < 400) return 'normal'
  if (code === 400 && family === 'tke') return 'critical'
  if ((statusSeverity.critical as readonly number[]).includes(code)) return 'critical'
  return (statusSeverity.warning as readonly number[]).includes(code) ? 'warning' : 'normal'
}

/** The same as {@link severityOf} for an entry already found. */
export function severityOfEntry(
  entry: CatalogueEntry,
  variant: string | undefined,
  outcome: Outcome,
  reasonCode: number,
): Severity {
  const base = variant === undefined ? entry.severity : severityOfVariant(entry, variant)
  const status = severityOfStatus(reasonCode, entry.family)
  const failure = outcome === 'failure' ? (entry.failureSeverity ?? 'warning') : 'normal'
  return moreSevere(base, moreSevere(status, failure))
}

/**
 * Severity of an event.
 *
 * @param action current or former name
 * @param variant a variant of the action's catalogue entry
 * @param reasonCode HTTP status
 * @throws EventError `UNKNOWN_ACTION`, `UNKNOWN_VARIANT`
 * @example severityOf('hs-crypto.secrets.create', undefined, 'failure', 401) // 'critical'
 */
export function severityOf(
  action: string,
  variant: string | undefined,
  outcome: Outcome,
  reasonCode: number,
): Severity {
  const entry = catalogue.entry(action)
  if (entry === undefined) throw new EventError('UNKNOWN_ACTION', 'action', 'not in the catalogue')
  return severityOfEntry(entry, variant, outcome, reasonCode)
}

function severityOfVariant(entry: CatalogueEntry, variant: string): Severity {
  const spec = entry.variants?.find(({ name }) => name === variant)
  if (spec === undefined) throw new EventError('UNKNOWN_VARIANT', 'variant', `not a variant of ${entry.action}`)
  return spec.severity
}
