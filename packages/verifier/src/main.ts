#!/usr/bin/env node
/** The command `keywitness-verify`: one program, one purpose, nothing of the network. */
import { run } from './run.ts'

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
})
