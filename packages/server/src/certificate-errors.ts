/** Errors around client certificates: what calls of EP11 are refused for, and commands of who administers the certificates. */
import type { ErrorSpec } from './errors.ts'

/** Of the client of a call. */
export const clientCertificateErrors = {
  EP11_CERTIFICATE_REQUIRED: {
    status: 401,
    message:
      'The client showed no certificate, and this instance takes calls only with one that it accepts. Give the client its certificate and private key.',
    ckr: 'CKR_GREP11_NOT_AUTHENTICATED',
  },
  EP11_CERTIFICATE_UNTRUSTED: {
    status: 401,
    message:
      'The certificate of the client does not lead to one that this instance accepts. The client needs one that such a certificate has issued, and shows the intermediates in between with it.',
    ckr: 'CKR_GREP11_NOT_AUTHENTICATED',
  },
  EP11_CERTIFICATE_EXPIRED: {
    status: 401,
    message:
      'The certificate of the client has expired, or one has that it leads to. It must be renewed, or the instance accept another one.',
    ckr: 'CKR_GREP11_NOT_AUTHENTICATED',
  },
  EP11_CERTIFICATE_NOT_YET_VALID: {
    status: 401,
    message:
      'The certificate of the client, or one that it leads to, is not valid yet. Wait until it is, and compare the clocks.',
    ckr: 'CKR_GREP11_NOT_AUTHENTICATED',
  },
  EP11_CERTIFICATE_OF_ANOTHER_INSTANCE: {
    status: 401,
    message:
      'The certificate of the client is one for another instance of its account. The client needs one for this instance, or is to name the other.',
    ckr: 'CKR_GREP11_NOT_AUTHENTICATED',
  },
} as const satisfies Record<string, ErrorSpec>

/** Of a command to the certificate manager, and of what an instance that accepts certificates does not let do. */
export const certificateManagerErrors = {
  CERT_SIGNATURE_MISSING: {
    status: 403,
    message: 'The command is not signed by the administrator’s key.',
  },
  CERT_SIGNER_UNKNOWN: {
    status: 403,
    message: 'The command names another key than the administrator’s.',
  },
  CERT_SIGNER_NOT_CALLER: {
    status: 403,
    message: 'The command names the key of another administrator than the caller.',
  },
  CERT_COMMAND_STALE: {
    status: 403,
    message: 'The time in the signed command is not the server’s, give or take 5 minutes.',
  },
  CERT_SIGNATURE_WRONG: { status: 403, message: 'The signature is not one of this command by this key.' },
  CERT_COMMAND_REUSED: { status: 403, message: 'A command with this nonce was sent before.' },
  KEYSTORE_OVER_EP11_ONLY: {
    status: 403,
    message:
      'Clients of this instance need a certificate, which HTTP does not ask for. Use its keystores over EP11, with a client certificate.',
  },
} as const satisfies Record<string, ErrorSpec>
