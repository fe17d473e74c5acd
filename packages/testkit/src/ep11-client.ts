/** A client of GREP11 for a running product: trusts the authority of its data folder, and bears a token. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ClientOptions, type Generation, Grep11Client } from '@keywitness/server/ep11/testing/grep11-client'
import type { Client } from './client.ts'
import type { Product } from './product.ts'

export type Ep11Network = 'public' | 'private'

export function connectEp11(
  product: Pick<Product, 'data' | 'ep11' | 'ep11Private'>,
  { token }: Pick<Client, 'token'>,
  generation: Generation = 'c',
  options: Partial<ClientOptions> & { readonly network?: Ep11Network } = {},
): Grep11Client {
  const { network = 'public', metadata, ...more } = options
  const address = network === 'public' ? product.ep11 : product.ep11Private
  return new Grep11Client(generation, {
    port: Number(address.split(':').at(-1)),
    ca: readFileSync(join(product.data, 'tls', 'ca.pem')),
    ...more,
    metadata: { authorization: `Bearer ${token}`, ...metadata },
  })
}
