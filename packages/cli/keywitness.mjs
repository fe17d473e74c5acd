#!/usr/bin/env node
/** What a shell starts as `keywitness`. Plain JavaScript: a Node that is too old for the rest says so in one line. */
import module from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const version = Number(process.versions.node.split('.')[0])
if (version < 24) {
  process.stderr.write(
    `error: keywitness needs Node.js 24, and this is ${process.versions.node}; npx keywitness, in a clone of Keywitness, takes the one that is there\n`,
  )
  process.exitCode = 2
} else {
  // What is compiled is kept beside the packages it comes from, where nobody else writes: starting takes half the time.
  const root = fileURLToPath(new URL('../..', import.meta.url))
  module.enableCompileCache(join(root, 'node_modules/.cache/compiled'))
  await import('./src/main.ts')
}
