/** Has a KMIP client do everything once with success and once refused: for the witness test. */
import { aesKey, attribute, type OperationName, uid, uidOf } from '@keywitness/server/kmip/testing/messages'
import { enumerations } from '@keywitness/server/kmip/ttlv/enumerations'
import { bytes, enumeration, type Item, structure, text } from '@keywitness/server/kmip/ttlv/item'
import { tags } from '@keywitness/server/kmip/ttlv/tags'
import { type Client, connectKmip, kmipPlace, newIdentity, newKmipSite, type Product } from '../src/index.ts'

const unknown = '11111111-1111-4111-8111-111111111111'

export async function driveKmipClients(product: Product, client: Client): Promise<void> {
  const { identity } = await newKmipSite(client, 'covered-client')
  const connection = await connectKmip(kmipPlace(product), identity)
  const made = async (): Promise<string> => uidOf(await connection.ask('Create', aesKey()))
  const id = await made()
  const note = attribute('x-Note', text(0, 'covered'))
  const reason = structure(tags.RevocationReason, [
    enumeration(tags.RevocationReasonCode, enumerations.RevocationReasonCode.KeyCompromise),
  ])
  const mode = structure(tags.CryptographicParameters, [
    enumeration(tags.BlockCipherMode, enumerations.BlockCipherMode.CTR),
  ])
  const data = bytes(tags.Data, Buffer.from('covered'))
  // What an object must be for an operation, the operations before it make it.
  const life: readonly [operation: OperationName, fields: readonly Item[]][] = [
    ['Get', []],
    ['GetAttributes', []],
    ['AddAttribute', [note]],
    ['Activate', []],
    ['Encrypt', [mode, data]],
    ['Revoke', [reason]],
    ['Destroy', []],
  ]
  for (const [operation, fields] of life) {
    await connection.ask(operation, [uid(id), ...fields])
    await connection.refused(operation, [uid(unknown), ...fields])
  }
  await connection.refused('Create', [])
  await connection.ask('Locate')
  await connection.refused('Locate', [attribute('No Such Attribute', text(0, 'covered'))])
  await connection.refused('CreateKeyPair')
  await connection.close()
  const stranger = await connectKmip(kmipPlace(product), newIdentity('stranger'))
  await stranger.refused('Query')
  await stranger.closed
}

/** What tells of the server only, and a connection that says nothing: the fingerprint of who asked. */
export async function askOfServer(product: Product, client: Client): Promise<string> {
  const { identity } = await newKmipSite(client, 'asking-client')
  await (await connectKmip(kmipPlace(product), identity)).close()
  const connection = await connectKmip(kmipPlace(product), identity)
  await connection.ask('DiscoverVersions')
  await connection.ask('Query', [enumeration(tags.QueryFunction, enumerations.QueryFunction.QueryOperations)])
  await connection.close()
  return identity.fingerprint
}
