/** Reading the files that are verified: bounded, and said plainly when they cannot be read. */
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { Failure } from './failure.ts'
import { printable } from './printable.ts'

/** The largest file read whole: receipts, keys, checkpoints and tiles are far smaller. */
const wholeMax = 64 * 1024 * 1024

function readBytes(file: string): Uint8Array {
  try {
    if (file !== '-' && statSync(file).size > wholeMax) throw new Error('it is too large')
    return readFileSync(file === '-' ? 0 : file)
  } catch (error) {
    throw new Failure('usage', `cannot read ${printable(file)}: ${(error as Error).message}`)
  }
}

export function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readBytes(file))
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure('usage', `${printable(file)} is not UTF-8`)
  }
}

/** A tile or bundle of a log's folder; undefined when it is not there. */
export function readIfThere(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw new Failure('usage', `cannot read ${printable(file)}: ${(error as Error).message}`)
  }
}

/** A file of any size, in pieces. */
export async function* readPieces(file: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of createReadStream(file, { highWaterMark: 256 * 1024 })) yield piece as Uint8Array
  } catch (error) {
    throw new Failure('usage', `cannot read ${printable(file)}: ${(error as Error).message}`)
  }
}
