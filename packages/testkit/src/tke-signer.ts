/** Signature keys of crypto unit administrators, as the clients of the TKE protocol hold them. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { administratorSki, createAdministratorCertificate } from '@keywitness/crypto-unit/tke/administrator-certificate'

export interface TkeSigner {
  readonly name: string
  /** 64 hex digits. */
  readonly ski: string
  readonly key: KeyObject
  readonly certificate: Uint8Array
}

export function newSigner(name: string, kind: 'ec' | 'rsa' = 'ec'): TkeSigner {
  const { privateKey } =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-521' })
  return signerOf(name, privateKey)
}

/** The administrators of a development ceremony, from the files that it left. */
export function ceremonySigners({ data, instance }: { readonly data: string; readonly instance: string }): TkeSigner[] {
  return [1, 2].map((number) => {
    const pem = readFileSync(join(data, 'ceremony', instance, `administrator-${number}.key.pem`))
    return signerOf(`development ${number}`, createPrivateKey(pem))
  })
}

function signerOf(name: string, key: KeyObject): TkeSigner {
  return { name, ski: administratorSki(key), key, certificate: createAdministratorCertificate(name, key) }
}
