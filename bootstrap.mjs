/** Brings the pinned runtime and what a command needs, then runs the command under it. Plain JavaScript: it runs on Node 20. */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
process.chdir(root)
const [command = 'start', ...rest] = process.argv.slice(2)
const isTerminal = process.stdout.isTTY
const bold = (text) => (isTerminal ? `\u001b[1m${text}\u001b[0m` : text)

/** What each command needs installed: `start` leaves out everything only tests need. */
const needs = {
  start: 'start',
  demo: 'all',
  test: 'all',
  check: 'all',
  bench: 'all',
  soak: 'all',
  generate: 'all',
  shots: 'all',
}

function fail(text) {
  process.stderr.write(`${text}\n`)
  process.exit(1)
}

function pinnedNode() {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const file = join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(file)) return file
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  return undefined
}

/** Runs npm itself, however this script was started. */
function npm(args) {
  const script = process.env.npm_execpath
  const [file, first] = script?.endsWith('.js') ? [process.execPath, [script]] : ['npm', []]
  const stdio = ['ignore', 'pipe', 'pipe']
  return spawnSync(file, [...first, ...args], { cwd: root, encoding: 'utf8', stdio, env: toolEnvironment() })
}

/** Without our settings, some of which are secrets: what installs and builds runs code of others. */
function toolEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('KEYWITNESS_')))
}

function step(text, work) {
  process.stdout.write(`  ${text} … `)
  const began = Date.now()
  const problem = work()
  process.stdout.write(problem === undefined ? `${((Date.now() - began) / 1000).toFixed(1)} s\n` : 'failed\n')
  if (problem !== undefined) fail(problem)
}

const installStamp = join(root, 'node_modules', '.keywitness-install')

/** Installs exactly what the lock file names, once per lock file and kind; a tree that had the tools for testing keeps them. */
function install(wanted) {
  const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
  const have = existsSync(installStamp) ? readFileSync(installStamp, 'utf8') : ''
  const kind = have.endsWith(' all') ? 'all' : wanted
  if (have === `${lock} ${kind}`) return
  const what = kind === 'start' ? 'Installing what starting needs' : 'Installing everything, tools for testing included'
  step(what, () => {
    const args = ['ci', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
    const done = npm(kind === 'start' ? [...args, '--omit=dev'] : args)
    if (done.status !== 0) return `${done.stdout}\n${done.stderr}`
    writeFileSync(installStamp, `${lock} ${kind}`)
    return undefined
  })
}

function newestChange(folder) {
  let newest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (['node_modules', 'dist', 'test'].includes(entry.name)) continue
    const path = join(folder, entry.name)
    newest = Math.max(newest, entry.isDirectory() ? newestChange(path) : statSync(path).mtimeMs)
  }
  return newest
}

/** Builds what is not there, or older than its sources, what was installed, and the program that builds it. */
function build(node, what, built, packages, words) {
  const sources = packages.map((name) => newestChange(join(root, 'packages', name)))
  const installed = statSync(installStamp, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(installed, statSync(words[0]).mtimeMs, ...sources)) return
  step(`Building ${what}`, () => {
    const done = spawnSync(node, words, { encoding: 'utf8', env: toolEnvironment() })
    return done.status === 0 ? undefined : `${done.stdout}\n${done.stderr}`
  })
}

function buildConsole(node) {
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const words = [vite, 'build', 'packages/console', '--logLevel', 'error']
  build(node, 'the console', join(root, 'packages/console/dist/index.html'), ['console', 'cadf', 'tlog'], words)
}

const serverProgram = join(root, 'packages/server/dist/main.mjs')
const serverPackages = ['server', 'tracker', 'crypto-unit', 'ep11-client', 'cadf', 'tlog']

function buildServer(node) {
  build(node, 'the server', serverProgram, serverPackages, [join(root, 'tools/build-server.ts')])
}

/** For what starts servers by the testkit: the same, and one with fault switches. */
function buildTestServer(node) {
  buildServer(node)
  const words = [join(root, 'tools/build-server.ts'), '--with-faults']
  build(
    node,
    'the server with faults',
    join(root, 'packages/testkit/dist/main.mjs'),
    [...serverPackages, 'testkit'],
    words,
  )
  process.env.TESTKIT_BUILT = '1'
}

function environment(node) {
  return { ...process.env, PATH: `${dirname(node)}:${join(root, 'node_modules/.bin')}:${process.env.PATH}` }
}

function run(node, args, options = {}) {
  return spawnSync(node, args, { stdio: 'inherit', env: environment(node), ...options }).status ?? 1
}

/** Packages of Debian that tests use as real clients and peers. */
const debian = {
  'chromium-headless-shell': '/usr/bin/chromium-headless-shell',
  'python3-pycadf': '/usr/lib/python3/dist-packages/pycadf/__init__.py',
  'python3-pykmip': '/usr/lib/python3/dist-packages/kmip/pie/client.py',
  rsyslog: '/usr/sbin/rsyslogd',
  'rsyslog-gnutls': `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/rsyslog/lmnsd_gtls.so`,
}

function installDebian() {
  const missing = Object.entries(debian).filter(([, file]) => !existsSync(file))
  if (missing.length === 0 || rest.includes('--no-install')) return
  const names = missing.map(([name]) => name)
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    process.stdout.write(`  Not installed, tests that need it are skipped: ${names.join(', ')}\n`)
    return
  }
  process.stdout.write(
    `  Tests need ${names.join(', ')}; installing from Debian (prevent it with: npm test -- --no-install)\n`,
  )
  step(`Installing ${names.join(', ')}`, () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    spawnSync('apt-get', ['update', '-qq'], { env, encoding: 'utf8' })
    const got = (wanted) =>
      spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...wanted], { env, encoding: 'utf8' })
    const done = got(names)
    if (done.status === 0) return undefined
    // Older releases have the browser with windows alone.
    const others = names.map((name) => (name === 'chromium-headless-shell' ? 'chromium' : name))
    return got(others).status === 0 ? undefined : done.stderr
  })
}

function test(node) {
  installDebian()
  buildConsole(node)
  buildTestServer(node)
  const report = join(root, 'node_modules', '.keywitness-test.json')
  rmSync(report, { force: true })
  const chosen = rest.filter((word) => word !== '--no-install')
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...chosen]
  const status = run(node, [join(root, 'node_modules/vitest/vitest.mjs'), ...args])
  if (!existsSync(report)) fail('The test run left no report.')
  const counts = JSON.parse(readFileSync(report, 'utf8'))
  const skipped = counts.numPendingTests + counts.numTodoTests
  const failedSuites = counts.testResults.filter(
    (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
  )
  const failed = counts.numFailedTests + failedSuites.length
  for (const suite of counts.testResults) {
    for (const one of suite.assertionResults) {
      if (one.status === 'pending' || one.status === 'skipped') {
        process.stdout.write(`skipped: ${relative(root, suite.name)}: ${one.fullName}\n`)
      }
    }
  }
  tellSlowest(counts.testResults)
  process.stdout.write(`\n${counts.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`)
  if (process.env.CI === 'true' && skipped > 0) process.exit(1)
  process.exit(status === 0 && failed === 0 ? 0 : 1)
}

/** Where the time of a run goes: the whole of it is bounded. */
function tellSlowest(suites) {
  const took = ({ startTime, endTime }) => (endTime - startTime) / 1000
  process.stdout.write('\nThe slowest files, in seconds:\n')
  for (const suite of suites.toSorted((a, b) => took(b) - took(a)).slice(0, 10)) {
    process.stdout.write(`${took(suite).toFixed(1).padStart(7)}  ${relative(root, suite.name)}\n`)
  }
}

function check(node) {
  const bin = (name) => join(root, 'node_modules', name)
  const checks = [
    ['types', [bin('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json']],
    ['types of cadf in the browser', [bin('typescript/bin/tsc'), '--noEmit', '-p', 'packages/cadf']],
    ['types of tlog in the browser', [bin('typescript/bin/tsc'), '--noEmit', '-p', 'packages/tlog']],
    ['types of the console', [bin('typescript/bin/tsc'), '--noEmit', '-p', 'packages/console']],
    ['lint', [bin('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings', '.']],
    ['format', [bin('oxfmt/bin/oxfmt'), '--check', '.']],
    ['unused code', [bin('knip/bin/knip.js')]],
    ['generated pages', ['tools/generate-reference.ts', '--check']],
    ['rules of the tree', [bin('vitest/vitest.mjs'), 'run', 'tidy.test.ts']],
  ]
  let failed = 0
  for (const [name, args] of checks) {
    const done = spawnSync(node, args, { encoding: 'utf8', env: environment(node) })
    process.stdout.write(`  ${done.status === 0 ? 'good  ' : 'FAILED'} ${name}\n`)
    if (done.status !== 0) {
      failed += 1
      process.stdout.write(`${done.stdout}${done.stderr}\n`)
    }
  }
  const lock = npm(['ci', '--dry-run', '--no-audit', '--no-fund', '--loglevel=error'])
  process.stdout.write(`  ${lock.status === 0 ? 'good  ' : 'FAILED'} lock file\n`)
  if (lock.status !== 0) process.stdout.write(lock.stderr)
  process.exit(failed === 0 && lock.status === 0 ? 0 : 1)
}

/** Restarts the server when the watchdog or a failed COMMIT ended it: the restart decides by reading. */
function start(node) {
  buildConsole(node)
  buildServer(node)
  const began = []
  let child
  let isStopping = false
  const launch = () => {
    began.push(Date.now())
    child = spawn(node, [serverProgram, ...rest], {
      stdio: 'inherit',
      // What is compiled is kept beside the packages it comes from: a second start takes less time and memory.
      env: { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compiled'), ...environment(node) },
    })
    const { pid } = child
    child.on('exit', (code, signal) => {
      const wasUp = existsSync(join(data(), 'run.json')) && readRunPid() === pid
      const isRestartable =
        !isStopping && wasUp && (signal === 'SIGKILL' || signal === 'SIGABRT' || code === 70 || code === 1)
      const recent = began.filter((time) => time > Date.now() - 60_000)
      if (!isRestartable || recent.length > 5) process.exit(code ?? 1)
      process.stderr.write(`keywitness ended unexpectedly (${signal ?? `code ${code}`}); starting again\n`)
      setTimeout(() => (isStopping ? process.exit(0) : launch()), 250 * recent.length)
    })
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      isStopping = true
      // From a terminal the signal reaches the whole group already; a second one does no harm.
      child?.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal)
    })
  }
  launch()
}

/** Where the server keeps its data, as far as deciding on a restart needs it. */
function data() {
  if (process.env.KEYWITNESS_DATA) return process.env.KEYWITNESS_DATA
  try {
    return JSON.parse(readFileSync(process.env.KEYWITNESS_CONFIG ?? '', 'utf8')).KEYWITNESS_DATA ?? './data'
  } catch {
    return './data'
  }
}

function readRunPid() {
  try {
    return JSON.parse(readFileSync(join(data(), 'run.json'), 'utf8')).pid
  } catch {
    return undefined
  }
}

const kind = needs[command]
if (kind === undefined) fail(`Unknown command ${command}. There are: ${Object.keys(needs).join(', ')}.`)
if (command === 'start') process.stdout.write(`${bold('Keywitness')}\n`)
mkdirSync(join(root, 'node_modules'), { recursive: true })
install(kind)
const node = pinnedNode()
if (node === undefined) {
  fail(
    `Keywitness needs Node.js 24. None is pinned for ${process.platform}-${process.arch}: install Node 24 and try again.`,
  )
}
if (command === 'start') start(node)
else if (command === 'test') test(node)
else if (command === 'check') check(node)
else {
  const entries = {
    bench: 'bench/main.ts',
    soak: 'packages/testkit/src/soak.ts',
    demo: 'packages/testkit/src/demo.ts',
    generate: 'tools/generate-reference.ts',
    shots: 'packages/console/test/shots/main.ts',
  }
  if (command === 'shots') buildConsole(node)
  if (['bench', 'soak', 'shots'].includes(command)) buildTestServer(node)
  process.exit(run(node, [join(root, entries[command]), ...rest]))
}
