/** The end of an accepted certificate is told of before it cuts off the clients that it has issued, and when it has come. */
import { randomUUID } from 'node:crypto'
import type { Audit, Part } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import type { Instances } from '../instances/instances.ts'
import type { Change, Reader } from '../store/store.ts'
import { systemCircumstances } from '../system-caller.ts'
import type { TimerJob } from '../timers/timers.ts'
import type { AcceptedCertificates } from './anchors.ts'
import { subjectOf } from './authority.ts'
import type { AcceptedCertificateRow } from './rows.ts'
import type { CertificateStore } from './store.ts'

const dayMs = 24 * 3_600_000

/** Before the end, the earliest first; the last is the end itself. */
const toldBeforeMs = [30 * dayMs, 7 * dayMs, dayMs, 0] as const

/** The first moment after `now` at which the end is to be told of; undefined when there is none. Milliseconds. */
export function nextTold(notAfter: number, now: number): number | undefined {
  return toldBeforeMs.map((before) => notAfter - before).find((at) => at > now)
}

export interface EndingParts {
  readonly reader: Reader
  readonly certificates: Pick<CertificateStore, 'certificate'>
  readonly accepted: (instance: string) => AcceptedCertificates
  readonly instances: Pick<Instances, 'find'>
  readonly audit: Pick<Audit, 'witnessAll'>
  readonly clock: Pick<Clock, 'now'>
  /** Name of the service as an initiator. */
  readonly serviceName: string
}

/** Certificates of one run: they share a commit. */
const certificatesAtOnce = 100

const soonest = 'SELECT due_at AS dueAt FROM accepted_certificates WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1'
const dueCertificates = `SELECT instance, administrator, id FROM accepted_certificates WHERE due_at <= ?
  ORDER BY due_at LIMIT ?`
/** Those that outlast a moment, each once, but for one. */
const outlasting = `SELECT count(DISTINCT fingerprint) AS count FROM accepted_certificates
  WHERE instance = ? AND not_after > ? AND fingerprint <> ?`

/**
 * The work for the timers. What was told stands in the store with the event that told it, so that each is told once; after a
 * downtime only what holds now.
 */
export function endingJob(parts: EndingParts): TimerJob {
  const { reader } = parts
  return {
    name: 'ends of client certificates',
    nextDue: () => reader.get<{ dueAt: number }>(soonest)?.dueAt,
    run: async (now) => {
      const due = reader.all<Named>(dueCertificates, now, certificatesAtOnce)
      const results = await Promise.allSettled(due.map((one) => tell(one, parts)))
      for (const result of results) {
        // Somebody was quicker each time: what is left is due again.
        if (result.status === 'rejected' && !(result.reason instanceof Refusal && result.reason.code === 'CONFLICT')) {
          throw result.reason
        }
      }
    },
  }
}

type Named = Pick<AcceptedCertificateRow, 'instance' | 'administrator' | 'id'>

async function tell({ instance: guid, administrator, id }: Named, parts: EndingParts): Promise<void> {
  const instance = parts.instances.find(guid)
  if (instance === undefined) throw new Error('certificates: one without its instance')
  const circumstances = systemCircumstances(instance, parts.serviceName, randomUUID())
  await parts.audit.witnessAll(circumstances, () => {
    // Until the commit it may have been replaced or deleted.
    const row = parts.certificates.certificate(guid, administrator, id)
    const now = parts.clock.now()
    const { condition } = parts.accepted(guid)
    const isDue = row !== undefined && row.dueAt !== null && row.dueAt <= now
    const decided = isDue
      ? { parts: [partOf(row, { id: instance.crn, name: instance.name }, now, parts)], changes: [markTold(row, now)] }
      : { parts: [], changes: [] }
    return Promise.resolve({ result: undefined, conditions: [condition], ...decided })
  })
}

function partOf(
  { instance, administrator, id, fingerprint, certificate, notAfter }: AcceptedCertificateRow,
  target: { readonly id: string; readonly name: string },
  now: number,
  { reader }: EndingParts,
): Part {
  const remaining = reader.get<{ count: number }>(outlasting, instance, Math.max(now, notAfter), fingerprint)?.count
  return {
    action: notAfter <= now ? 'hs-crypto.mtlscert-cert.expired' : 'hs-crypto.mtlscert-cert.expiring',
    code: 200,
    seen: {
      target: { ...target },
      request: {
        certificateId: id,
        administrator,
        fingerprint,
        subject: subjectOf(certificate),
        notAfter: new Date(notAfter).toISOString(),
      },
      response: { remainingCertificates: remaining ?? 0 },
    },
  }
}

/** Holds while it is the same certificate, and nothing more was told of it. */
function markTold(row: AcceptedCertificateRow, now: number): Change {
  return {
    sql: `UPDATE accepted_certificates SET due_at = ?
      WHERE instance = ? AND administrator = ? AND id = ? AND fingerprint = ? AND due_at = ?`,
    params: [nextTold(row.notAfter, now) ?? null, row.instance, row.administrator, row.id, row.fingerprint, row.dueAt],
    rows: 1,
  }
}
