/** The reports there are, in the order in which they are offered. */
import { accessReviewReport } from './access-review.ts'
import { alertHandlingReport } from './alert-handling.ts'
import { ceremonyStepsReport } from './ceremony-steps.ts'
import { dualAuthorizationReport } from './dual-authorization.ts'
import { failedAccessReport } from './failed-access.ts'
import { keyLifecycleReport } from './key-lifecycle.ts'
import { keyUseReport } from './key-use.ts'
import { logContinuityReport } from './log-continuity.ts'
import { logIntegrityReport } from './log-integrity.ts'
import { policyChangesReport } from './policy-changes.ts'
import { privilegedActionsReport } from './privileged-actions.ts'
import type { ReportKind } from './report.ts'
import { retentionHoldsReport } from './retention-holds.ts'
import { rotationComplianceReport } from './rotation-compliance.ts'
import { trailReadersReport } from './trail-readers.ts'

export const reports: readonly ReportKind[] = [
  keyLifecycleReport,
  ceremonyStepsReport,
  dualAuthorizationReport,
  keyUseReport,
  failedAccessReport,
  policyChangesReport,
  privilegedActionsReport,
  rotationComplianceReport,
  logContinuityReport,
  logIntegrityReport,
  trailReadersReport,
  alertHandlingReport,
  retentionHoldsReport,
  accessReviewReport,
]
