/** What events of EP11 tell of client certificates, whichever service was called, and why calls are refused for them. */
import type { ExplanationSpec, FieldSpec } from './entry.ts'

export const certificateFields = [
  {
    name: 'tlsFailure',
    type: 'enum',
    values: ['missing', 'untrusted', 'expired', 'not-yet-valid', 'wrong-instance'],
    meaning: 'What was wrong with the client certificate.',
    when: 'the call was refused for its certificate',
    source: 'extension',
  },
  {
    name: 'certFingerprint',
    type: 'sha256',
    meaning: 'The client certificate.',
    when: 'the client of EP11 showed one, whether it needed it or not',
    source: 'extension',
  },
  {
    name: 'certChecked',
    type: 'boolean',
    meaning:
      'Whether the instance accepts certificates, so that this one was checked. Otherwise it tells only what the client showed, and proves nothing of who it is.',
    when: 'the client of EP11 showed one',
    source: 'extension',
  },
] as const satisfies readonly FieldSpec[]

/** In sentences: why a call was refused for its certificate. */
export const whyCertificate = [
  '[{request.tlsFailure=missing}, no client certificate',
  '{request.tlsFailure=untrusted}, client certificate not accepted',
  '{request.tlsFailure=expired}, client certificate expired',
  '{request.tlsFailure=not-yet-valid}, client certificate not valid yet',
  '{request.tlsFailure=wrong-instance}, client certificate of another instance]',
].join('|')

const accepted = 'keywitness cert status'

export const certificateRefusals = [
  {
    when: { outcome: 'failure', codes: [401], refusals: ['EP11_CERTIFICATE_REQUIRED'] },
    meaning: 'The token was good, but the client showed no certificate, and clients of this instance need one.',
    remedy:
      'Give the client its certificate and private key. If all clients are refused so, look whether somebody has just set the first certificate. A token that is used without the certificate of its client may be stolen.',
    call: accepted,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [401], refusals: ['EP11_CERTIFICATE_UNTRUSTED'] },
    meaning:
      'The certificate that the client showed was issued by none that the instance accepts, or cannot be a client’s at all.',
    remedy:
      'Read the reason for failure, and find the certificate by its fingerprint. Where an intermediate has issued it, the client shows that as well, or the instance accepts the intermediate. A good token with a certificate that nobody knows may be stolen: look who has it.',
    call: accepted,
    source: 'extension',
  },
  {
    when: {
      outcome: 'failure',
      codes: [401],
      refusals: ['EP11_CERTIFICATE_EXPIRED', 'EP11_CERTIFICATE_NOT_YET_VALID'],
    },
    meaning: 'The certificate of the client, or one that it leads to, was not valid at that time.',
    remedy:
      'If only this client is refused, renew its certificate. If all are, the accepted certificate has ended: set the one that follows it. Compare the clocks before.',
    call: accepted,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [401], refusals: ['EP11_CERTIFICATE_OF_ANOTHER_INSTANCE'] },
    meaning: 'The client’s certificate is good for another instance of its account, and not for the one it called.',
    remedy:
      'See in requestData.instanceID which instance the client named: it may be the wrong one. Otherwise it needs a certificate for this one.',
    call: accepted,
    source: 'extension',
  },
] as const satisfies readonly ExplanationSpec[]
