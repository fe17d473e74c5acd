/** Files of signature keys, `<n>.sigkey`: made in a strong form of our own, read in IBM's too (TKE reference, 4.7). */
import { createPrivateKey, generateKeyPairSync, pbkdf2, type KeyObject } from 'node:crypto'
import { administratorSki } from '@keywitness/crypto-unit/tke/administrator-certificate'
import { CliError } from '../cli-error.ts'
import { isHex, openGcm, SCRYPT_COST, seal, unseal, wrongPassword } from './password-sealing.ts'
import type { StateFolder } from './state-folder.ts'

const SIGNATURE_KEY_FILE = 'sigkey'
const FORM = 'keywitness-sigkey-1'

export type KeyType = 'p521ec' | 'rsa2048'

export interface SignatureKeyFile {
  readonly number: number
  /** `<n>.sigkey`. */
  readonly name: string
  /** Name of the administrator; empty where the file does not say. */
  readonly description: string
  /** 64 hex digits. */
  readonly ski: string
  readonly keyType: KeyType
  readonly members: Readonly<Record<string, unknown>>
}

/** Iterations of IBM's files; few by today's measure, which is why ours are of another form. */
const ibmIterations = 4_096

export async function listSignatureKeys(folder: StateFolder): Promise<SignatureKeyFile[]> {
  const numbers = await folder.numbers(SIGNATURE_KEY_FILE)
  return Promise.all(numbers.map((number) => readSignatureKey(folder, number)))
}

/** What the file says in clear. @throws CliError `BAD_INPUT` when there is none, or it is damaged */
export async function readSignatureKey(folder: StateFolder, number: number): Promise<SignatureKeyFile> {
  const name = `${number}.${SIGNATURE_KEY_FILE}`
  const members = await folder.readJson(name)
  if (members === undefined) {
    throw new CliError('BAD_INPUT', `there is no signature key ${number}`, 'keywitness tke sigkeys lists them')
  }
  if (typeof members !== 'object' || members === null) throw folder.damaged(name)
  const { ski, keyType, description } = members as Record<string, unknown>
  if (!isHex(ski, 32, 32)) throw folder.damaged(name)
  return {
    number,
    name,
    description: typeof description === 'string' ? description : '',
    ski: ski.toLowerCase(),
    keyType: keyType === 'p521ec' ? 'p521ec' : 'rsa2048',
    members: members as Record<string, unknown>,
  }
}

/**
 * Makes the file of a new key, or of one that there is.
 *
 * @param key which kind of key is made, or the key itself
 * @throws CliError `BAD_INPUT` when units take no key like that
 */
export async function createSignatureKey(
  folder: StateFolder,
  description: string,
  password: string,
  key: KeyType | KeyObject = 'p521ec',
  cost: number = SCRYPT_COST,
): Promise<SignatureKeyFile> {
  const privateKey = typeof key === 'string' ? newKey(key) : key
  const keyType = keyTypeOf(privateKey)
  const ski = administratorSki(privateKey)
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' })
  const open = { form: FORM, keyType, ski, description }
  const sealed = await seal(secret, password, contextOf(open), cost)
  secret.fill(0)
  const number = await folder.add(SIGNATURE_KEY_FILE, { ...open, ...sealed })
  return readSignatureKey(folder, number)
}

function newKey(keyType: KeyType): KeyObject {
  return keyType === 'p521ec'
    ? generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey
    : generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
}

function keyTypeOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): KeyType {
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'secp521r1') return 'p521ec'
  if (asymmetricKeyType === 'rsa' && asymmetricKeyDetails?.modulusLength === 2048) return 'rsa2048'
  throw new CliError('BAD_INPUT', 'crypto units take signature keys of P-521 and of RSA with 2048 bits only')
}

/**
 * The private key.
 *
 * @throws CliError `BAD_INPUT` when the password is wrong, or the key is not the one that the file says
 */
export async function openSignatureKey(
  folder: StateFolder,
  key: SignatureKeyFile,
  password: string,
): Promise<KeyObject> {
  const file = folder.fileOf(key.name)
  const { members, ski } = key
  const secret =
    members['form'] === undefined
      ? await openIbm(members, password, file)
      : members['form'] === FORM
        ? await unseal(members, password, contextOf(members), file)
        : undefined
  if (secret === undefined) throw new CliError('BAD_INPUT', `${file} is of a newer form than this command knows`)
  try {
    const privateKey = privateKeyIn(secret, members['form'] === undefined)
    if (privateKey !== undefined && skiOrNone(privateKey) === ski) return privateKey
    throw folder.damaged(key.name)
  } finally {
    secret.fill(0)
  }
}

function contextOf(members: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([members['form'], members['keyType'], members['ski'], members['description']])
}

/** `enckey` is a nonce of 12 bytes, then ciphertext and tag, under a key by PBKDF2 from `seaSalt`. */
async function openIbm(members: Readonly<Record<string, unknown>>, password: string, file: string): Promise<Buffer> {
  const { seaSalt, enckey } = members
  if (!isHex(seaSalt, 32, 32) || !isHex(enckey, 29, 8_192)) throw new CliError('BAD_INPUT', `${file} is damaged`)
  const key = await ibmFileKey(password, Buffer.from(seaSalt, 'hex'))
  const bytes = Buffer.from(enckey, 'hex')
  try {
    return openGcm(key, bytes.subarray(0, 12), bytes.subarray(12))
  } catch {
    throw wrongPassword(file)
  } finally {
    key.fill(0)
  }
}

export function ibmFileKey(password: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(password, salt, ibmIterations, 32, 'sha256', (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}

/** IBM's PEM is labelled as PKCS #8 and holds SEC 1 or PKCS #1. */
function privateKeyIn(secret: Buffer, isIbm: boolean): KeyObject | undefined {
  const [, base64 = ''] = isIbm
    ? (/-----BEGIN [A-Z ]+-----([\s\S]+?)-----END/.exec(secret.toString('latin1')) ?? [])
    : []
  const der = isIbm ? Buffer.from(base64, 'base64') : secret
  for (const type of isIbm ? (['sec1', 'pkcs1', 'pkcs8'] as const) : (['pkcs8'] as const)) {
    try {
      return createPrivateKey({ key: der, format: 'der', type })
    } catch {
      // The next form is tried.
    }
  }
  return undefined
}

function skiOrNone(key: KeyObject): string | undefined {
  try {
    return administratorSki(key)
  } catch {
    return undefined
  }
}
