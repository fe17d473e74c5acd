/** The crypto unit's process: answers what comes over the pipe at descriptor 3, and ends with it. */
import { Socket } from 'node:net'
import { CryptoUnit } from './crypto-unit.ts'
import { Fields, FrameBatch, FrameReader, ProtocolError } from './frames.ts'
import { putProtections } from './messages.ts'
import { provenProtections } from './protections.ts'
import { PROTOCOL_VERSION, operations, statuses } from './protocol.ts'

const PIPE_DESCRIPTOR = 3
const READ_BYTES = 256 * 1024
const SEAL_BYTES = 32

/** Exit codes: 0 the pipe closed, 65 the stream cannot be followed, 70 the unit itself failed. */
const EXIT_DATA = 65
const EXIT_SOFTWARE = 70

serve(PIPE_DESCRIPTOR)

function serve(descriptor: number): void {
  const answers = new FrameBatch()
  let unit: CryptoUnit | undefined
  const reader = new FrameReader((id, operation, payload) => {
    if (operation === operations.HELLO && unit === undefined) unit = hello(id, payload, answers, flush)
    else if (unit === undefined) refuseEarly(id, answers)
    else unit.handle(id, operation, payload, answers)
  })
  // One buffer for everything read; zeroed after use, because plaintext and key parts pass through it.
  const buffer = Buffer.alloc(READ_BYTES)
  const pipe = new Socket({
    fd: descriptor,
    readable: true,
    writable: true,
    onread: {
      buffer,
      callback(count) {
        const chunk = buffer.subarray(0, count)
        take(chunk)
        chunk.fill(0)
        flush()
        return true
      },
    },
  })

  function take(chunk: Buffer): void {
    try {
      reader.push(chunk)
    } catch (error) {
      end(error instanceof ProtocolError ? EXIT_DATA : EXIT_SOFTWARE, error)
    }
  }

  function flush(): void {
    if (answers.length === 0) return
    const piece = answers.take()
    const goesOn = pipe.write(piece, () => answers.recycle(piece))
    // A server that does not read its answers gets no more work done: nothing piles up here.
    if (!goesOn) pipe.pause()
  }

  pipe.on('drain', () => pipe.resume())
  pipe.on('end', () => end(0))
  pipe.on('close', () => end(0))
  pipe.on('error', () => end(0))
  process.on('uncaughtException', (error) => end(EXIT_SOFTWARE, error))
  // Whoever signals a whole group means the server, which still needs the unit while it drains.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
}

/** Takes the seal key and answers what this process proved about itself, once it has tried. */
function hello(id: number, payload: Buffer, answers: FrameBatch, flush: () => void): CryptoUnit | undefined {
  const request = new Fields(payload)
  if (request.u32() !== PROTOCOL_VERSION) {
    answers.begin(id, statuses.FAILED)
    answers.text('The server speaks another version of the protocol.')
    answers.end()
    return undefined
  }
  const unit = new CryptoUnit(request.raw(SEAL_BYTES), { now: () => Date.now(), onLate: flush })
  request.end()
  void provenProtections().then((protections) => {
    answers.begin(id, statuses.OK)
    putProtections(answers, protections)
    answers.end()
    flush()
  })
  return unit
}

function refuseEarly(id: number, answers: FrameBatch): void {
  answers.begin(id, statuses.NOT_READY)
  answers.text('The unit waits for its seal key.')
  answers.end()
}

/** Says only the kind of an error: its text or stack could hold something of a request. */
function end(code: number, error?: unknown): void {
  if (error instanceof Error) {
    const what = error instanceof ProtocolError ? `${error.name} ${error.code}` : error.name
    process.stderr.write(`crypto unit ends: ${what}\n`)
  }
  process.exit(code)
}
