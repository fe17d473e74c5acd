/** Explanations of refused requests about administrators' keys and accepted certificates. */
import type { ExplanationSpec } from './entry.ts'

const ownKey = 'keywitness cert adminkey get'
const ownCertificates = 'keywitness cert list'

export const certificateRefusals = [
  {
    when: { outcome: 'failure', codes: [403], refusals: ['CERT_SIGNATURE_MISSING'] },
    meaning:
      'The caller has the role, but the command was not signed: it was not made with the command line, or by somebody who has a token and no signature key.',
    remedy:
      'Ask the administrator. If they did not make this request, their credentials are in other hands: disable them, and look at what else was done with them.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [403], refusals: ['CERT_SIGNER_UNKNOWN'] },
    meaning:
      'The command is signed by another key than the one in force of this administrator: an older one, one of another instance, or one that was never created here.',
    remedy:
      'Compare the key id of the event with those of the events that created and replaced keys. An administrator with several files has taken the wrong one; a key that was replaced because it was lost is in use by somebody.',
    call: ownKey,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [403], refusals: ['CERT_SIGNER_NOT_CALLER'] },
    meaning:
      'The command names the key in force of another administrator of the instance: keyOwner of the request data says whose. Somebody works for both, or has what belongs to one of them.',
    remedy:
      'Ask both administrators. If neither has taken the wrong file, credentials of the caller or the key of the other are in other hands: disable the credentials, let the key be replaced, and look at what else was done with them.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [403], refusals: ['CERT_COMMAND_STALE'] },
    meaning:
      'The time in the signed command is more than 5 minutes from the time of the server: a clock is wrong, or somebody sent an old command again.',
    remedy:
      'Search for the nonce of the command: an earlier event with it means that the command was recorded on its way and sent again. If there is none, set the clock.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [403], refusals: ['CERT_SIGNATURE_WRONG'] },
    meaning:
      'The signature does not belong to this command: its method, path, instance, caller, time, nonce or body are others than those that were signed, or somebody signed who does not have the key.',
    remedy:
      'Ask the administrator. If the command was theirs, something between them and the server changes requests; if it was not, their credentials are in other hands.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [403], refusals: ['CERT_COMMAND_REUSED'] },
    meaning:
      'The same signed command was sent before: by a client that lost the answer, or by somebody who recorded it.',
    remedy:
      'Search for the nonce of the command: its first event tells what became of it, and from which address it came. Another address is an attack.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['CERT_KEY_EXISTS'] },
    meaning:
      'The administrator has a signature key already. A first key is taken on the word of the token alone, so it is the only one.',
    remedy:
      'Replace the key with a command that it signs. If the administrator does not know the key that there is, somebody else made it: look for the event that did.',
    call: ownKey,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['CERT_KEY_MISSING'] },
    meaning: 'The administrator has no signature key: none was created, or it was deleted.',
    remedy: 'Create one. Certificates that were set before stay in force, and can be changed again from then on.',
    call: ownKey,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['QUOTA_EXCEEDED'] },
    meaning:
      'The instance has as many administrators or certificates, or the administrator as many certificates, as it may.',
    remedy:
      'Read in the reason for failure what there is too much of, and delete certificates that no client needs any more.',
    call: ownCertificates,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [429], refusals: ['TOO_MANY_REQUESTS'] },
    meaning: 'The caller sent more changing commands than 30 in a minute.',
    remedy: 'Nobody administers certificates so fast by hand: find out which program does.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [400] },
    meaning:
      'The request was not well formed: a header or key in another form, or what is not one valid certificate of an authority in PEM.',
    remedy:
      'Read the reason for failure. The certificate that is set is the one that signs the certificates of clients: not a client’s own, not a whole chain, and never a private key.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [404] },
    meaning:
      'The caller has set no certificate of this id. Those of other administrators are theirs alone to change and to delete.',
    remedy: 'List the certificates of the caller.',
    call: ownCertificates,
    source: 'extension',
  },
] as const satisfies readonly ExplanationSpec[]
