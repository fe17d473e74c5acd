/** Explanations of refused requests about EP11 keystores: what a client was refused for, and what to do at which side. */
import { certificateRefusals } from './client-certificates.ts'
import type { ExplanationSpec } from './entry.ts'

const allKeystores = 'GET /v1/keystores/{instance}'

/** Of single refusals. */
const refusals = [
  ...certificateRefusals,
  {
    when: { outcome: 'failure', codes: [403], refusals: ['KEYSTORE_OVER_EP11_ONLY'] },
    meaning:
      'Clients of the instance need a certificate, and HTTP asks nobody for one: its keystores are reached over EP11 only.',
    remedy:
      'Use the keystores over EP11, with a client certificate. They are reached over HTTP again once the instance accepts no certificate any more.',
    call: 'keywitness cert status',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [400], refusals: ['KEYSTORE_ATTRIBUTES'] },
    meaning:
      'What the client says of the object is not what the object says itself, is not of the type of the attribute, or cannot be changed once it is stored.',
    remedy:
      'Read the reason for failure. Booleans that a key carries are changed with SetAttributeValue, and the key that comes of it is stored in place of the old one.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [400], refusals: ['KEYSTORE_SECRET_ATTRIBUTE'] },
    meaning: 'The client sent key material, or the password of a keystore, as an attribute. It was not kept.',
    remedy:
      'Find out which program does that: what it sent has left it in the clear. Keys are stored as blobs, which only the crypto units open.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [400], refusals: ['KEYSTORE_PRIVATE_OBJECT'] },
    meaning: 'The object is private, and the keystore is public: everybody with a role on it would have it.',
    remedy: 'Store it in a private keystore, or without CKA_PRIVATE if it is for all users of the keystore.',
    call: allKeystores,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [400], refusals: ['KEYSTORE_BLOB_BROKEN'] },
    meaning:
      'The crypto units of the instance did not make the object, or it was altered on its way. It was not stored.',
    remedy:
      'Let the client store what GenerateKey, UnwrapKey or DeriveKey answered, byte by byte. Many of these from one caller can mean that somebody tries what the crypto units take.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [400], refusals: ['KEYSTORE_PAGE_TOKEN'] },
    meaning: 'The client asked for the next page of another list than the one that it was told of.',
    remedy: 'Begin again with the first page; everything but the token and the limit stays the same from page to page.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['KEYSTORE_STALE'] },
    meaning: 'Another client changed the object after this one had read it. Nothing was changed by this request.',
    remedy: 'Read the object again, and repeat the change on what is there now.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['KEYSTORE_REPLAY'] },
    meaning: 'The client wrote something else under the same transaction identifier before.',
    remedy:
      'A new write takes a new TxID. A client that repeats an old message, or whose random numbers repeat themselves, is to be looked at.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['ALREADY_EXISTS'] },
    meaning: 'The instance has a keystore, or the keystore an object, of this identifier already.',
    remedy: 'Look at what there is. Clients that lost an answer try again so: with a TxID they would get it once more.',
    call: allKeystores,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['KEYSTORE_NOT_MODIFIABLE', 'KEYSTORE_NOT_DESTROYABLE'] },
    meaning: 'Whoever made the object said that it is never changed, or never deleted.',
    remedy: 'Store another one in its place. What is not destroyable goes with its keystore only.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['KEYSTORE_OTHER_MASTER_KEY'] },
    meaning:
      'The object is under another master key than the one in force: it was made before a rotation, or in another instance.',
    remedy:
      'Let the client read the key from the keystore again, where it was wrapped anew; one that is kept nowhere else is lost with its master key.',
    call: 'keywitness tke cryptounits',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['KEYSTORE_SESSION'] },
    meaning:
      'The keystore is an authenticated one and the key was not made in a login session, or the other way round; or the session of the key was not shown.',
    remedy: 'Set sessionauth and the password alike for every client of the keystore, and for both of its keystores.',
    call: allKeystores,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['QUOTA_EXCEEDED'] },
    meaning: 'The instance has as many keystores, authenticated keystores or objects in them as it may.',
    remedy: 'Delete what nobody needs any more, or make another instance.',
    call: allKeystores,
    source: 'extension',
  },
] as const satisfies readonly ExplanationSpec[]

/** Of status codes, for events that do not name their refusal. */
const statuses = [
  {
    when: { outcome: 'failure', codes: [404] },
    meaning: 'The instance has no such keystore, or the keystore no such object; it may have been deleted.',
    remedy:
      'List the keystores of the instance; the events of the same target say whether it was deleted, and by whom. Many of these from one caller can mean that somebody is guessing identifiers.',
    call: allKeystores,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409] },
    meaning: 'What is in the keystore, or how it was made, does not allow this.',
    remedy: 'Read the reason for failure, then the object that is meant.',
    call: allKeystores,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [412] },
    meaning: 'Another client changed the keystore or the object after this one had read it: its ETag is another one.',
    remedy: 'Read it again, and repeat the change with the new ETag.',
    call: allKeystores,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [429] },
    meaning:
      'The instance has as many keystores, authenticated keystores or objects in them as it may, or the caller made more calls than it may.',
    remedy: 'Read the reason for failure. Delete what nobody needs any more, or let the client call less often.',
    call: allKeystores,
    source: 'extension',
  },
] as const satisfies readonly ExplanationSpec[]

export const keystoreRefusals = [...refusals, ...statuses] as const satisfies readonly ExplanationSpec[]
