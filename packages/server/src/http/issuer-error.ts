/** Errors of the token endpoint in IAM's form (reference: kms-rest-api.md, section 3.3). */
import { type ErrorSpec, errors, type Refusal } from '../errors.ts'

/** For what the issuer has no code of its own for, such as a service that cannot record. */
const otherIssuerCode = 'BXNIM0010E'

export function issuerError(refusal: Refusal, correlationId: string, path: string): object {
  const spec: ErrorSpec = errors[refusal.code]
  return {
    errorCode: spec.issuer ?? otherIssuerCode,
    errorMessage: spec.message,
    ...(refusal.message === spec.message ? {} : { errorDetails: refusal.message }),
    context: { requestId: correlationId, requestType: 'incoming.Identity_Token', url: path },
  }
}
