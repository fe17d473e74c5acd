/** The test kit: products as real processes, clients, fault switches. */
export { type CallOptions, Client, type FoundEvent, type Reply } from './client.ts'
export { newDataFolder, type Product, type ProductOptions, type RunFile, StartFailed, startProduct } from './product.ts'
