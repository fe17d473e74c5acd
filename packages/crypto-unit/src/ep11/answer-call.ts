/** Answers the calls of EP11: each by its own function, and whatever happens as an outcome with the facts known so far. */
import { UnitError } from '../unit-error.ts'
import { openSession, workplaceOf, type Call, type Ep11Holdings } from './call.ts'
import type { ReadCall } from './call-codec.ts'
import type { CallAnswer, CallName, CallOutcome, CallRequest } from './calls.ts'
import { getAttributeValue, setAttributeValue } from './calls/attributes.ts'
import {
  decrypt,
  decryptFinal,
  decryptInit,
  decryptSingle,
  decryptUpdate,
  encrypt,
  encryptFinal,
  encryptInit,
  encryptSingle,
  encryptUpdate,
  reencryptSingle,
} from './calls/cipher.ts'
import { deriveKey } from './calls/derive-key.ts'
import { digest, digestFinal, digestInit, digestKey, digestSingle, digestUpdate } from './calls/digest.ts'
import { generateKeyPair } from './calls/generate-key-pair.ts'
import { generateKey } from './calls/generate-key.ts'
import { generateRandom, getMechanismInfo, getMechanismList } from './calls/information.ts'
import { describeObject, reencryptObject, rewrapKeyBlob } from './calls/rewrap.ts'
import { login, logout } from './calls/sessions.ts'
import {
  sign,
  signFinal,
  signInit,
  signSingle,
  signUpdate,
  verify,
  verifyFinal,
  verifyInit,
  verifySingle,
  verifyUpdate,
} from './calls/signature.ts'
import { unwrapKey } from './calls/unwrap-key.ts'
import { wrapKey } from './calls/wrap-key.ts'
import { Ep11Error } from './ep11-error.ts'

type Answers = {
  readonly [Name in CallName]: (request: CallRequest<Name>, call: Call) => CallAnswer<Name> | Promise<CallAnswer<Name>>
}

const answers: Answers = {
  GenerateRandom: generateRandom,
  GetMechanismList: getMechanismList,
  GetMechanismInfo: getMechanismInfo,
  DigestInit: digestInit,
  Digest: digest,
  DigestUpdate: digestUpdate,
  DigestKey: digestKey,
  DigestFinal: digestFinal,
  DigestSingle: digestSingle,
  EncryptInit: encryptInit,
  DecryptInit: decryptInit,
  EncryptUpdate: encryptUpdate,
  DecryptUpdate: decryptUpdate,
  Encrypt: encrypt,
  Decrypt: decrypt,
  EncryptFinal: encryptFinal,
  DecryptFinal: decryptFinal,
  EncryptSingle: encryptSingle,
  DecryptSingle: decryptSingle,
  ReencryptSingle: reencryptSingle,
  SignInit: signInit,
  VerifyInit: verifyInit,
  SignUpdate: signUpdate,
  VerifyUpdate: verifyUpdate,
  SignFinal: signFinal,
  VerifyFinal: verifyFinal,
  Sign: sign,
  Verify: verify,
  SignSingle: signSingle,
  VerifySingle: verifySingle,
  GenerateKey: generateKey,
  GenerateKeyPair: generateKeyPair,
  WrapKey: wrapKey,
  UnwrapKey: unwrapKey,
  DeriveKey: deriveKey,
  GetAttributeValue: getAttributeValue,
  SetAttributeValue: setAttributeValue,
  Login: login,
  Logout: logout,
  RewrapKeyBlob: rewrapKeyBlob,
  DescribeObject: describeObject,
  ReencryptObject: reencryptObject,
}

/** Calls whose answer may take longer than others can wait. */
const slow = new Set<CallName>(['GenerateKey', 'GenerateKeyPair'])

/** Whether what a call brings must outlive the frame that it came in. */
export function isSlow(name: CallName): boolean {
  return slow.has(name)
}

/** Never throws for what a caller can do: that is a refusal. A promise comes only of calls that are `slow`. */
export function answerCall(
  { name, instance, session, request }: ReadCall,
  holdings: Ep11Holdings,
): CallOutcome<CallName> | Promise<CallOutcome<CallName>> {
  const facts: Call['facts'] = { request: {}, response: {} }
  try {
    const free: Call = { instance, session: undefined, facts, holdings }
    workplaceOf(free)
    const call = session === undefined ? free : { ...free, session: openSession(free, session) }
    const answer = answers[name] as (
      request: unknown,
      call: Call,
    ) => CallAnswer<CallName> | Promise<CallAnswer<CallName>>
    const made = answer(request, call)
    if (!(made instanceof Promise)) return { facts, answer: made }
    return made.then(
      (value) => ({ facts, answer: value }),
      (error: unknown) => refused(facts, error),
    )
  } catch (error) {
    return refused(facts, error)
  }
}

function refused({ request }: Call['facts'], error: unknown): CallOutcome<CallName> {
  return { facts: { request, response: {} }, refusal: refusalOf(error) }
}

/** What was not foreseen is told without its text, which could tell something of the request. */
function refusalOf(error: unknown): { readonly code: number; readonly message: string } {
  if (error instanceof Ep11Error) return error
  if (error instanceof UnitError && error.status === 'NOT_READY') {
    return new Ep11Error('CKR_IBM_WK_NOT_INITIALIZED', error.message)
  }
  const kind = error instanceof Error ? error.name : 'unknown'
  return new Ep11Error('CKR_GENERAL_ERROR', `The crypto unit failed: ${kind}.`)
}
