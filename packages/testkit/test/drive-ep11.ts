/** Has a client of EP11 use a key with success and without: for the witness test. */
import { type Client, connectEp11, type Product } from '../src/index.ts'

export async function driveEp11(product: Product, client: Client): Promise<void> {
  const ep11 = connectEp11(product, client)
  await ep11.ask('GenerateRandom', { Len: 8 })
  await ep11.fails('GenerateRandom', { Len: 0 })
  ep11.close()
}
