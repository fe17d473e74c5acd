/** The rules of the tree, as a test: who may import whom, how long files are, what must not stand where. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { catalogue } from '@keywitness/cadf'
import { expect, test } from 'vitest'

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(path))
/** What protoc-gen-es writes is compared with what it would write now, and not read. */
const code = tracked.filter((path) => /\.(ts|tsx|mjs)$/.test(path) && !path.endsWith('_pb.ts'))
const isTest = (path: string): boolean => /\.(test|fuzz)\.tsx?$/.test(path) || /\/(test|testing)\//.test(path)
const sources = code.filter((path) => /^packages\/[^/]+\/src\//.test(path) && !isTest(path))
const text = (path: string): string => readFileSync(path, 'utf8')

/** Which of our packages each package may import (design, section 2). */
const packageEdges: Record<string, readonly string[]> = {
  cadf: [],
  tlog: [],
  'crypto-unit': [],
  'ep11-client': [],
  tracker: ['cadf', 'tlog'],
  server: ['cadf', 'tlog', 'tracker', 'crypto-unit', 'ep11-client'],
  console: ['cadf', 'tlog'],
  cli: ['cadf', 'tlog', 'tracker', 'crypto-unit'],
  verifier: ['cadf', 'tlog'],
  testkit: ['cadf', 'tlog', 'tracker', 'crypto-unit', 'ep11-client', 'server'],
}

/** Which folder of the server may import which other one. What every part shares lies directly in `src`. */
const serverEdges: Record<string, readonly string[]> = {
  store: [],
  record: ['store'],
  http: ['iam', 'instances', 'record', 'store', 'tls'],
  iam: ['store', 'instances', 'http'],
  instances: ['store', 'iam', 'http'],
  governance: ['iam', 'instances', 'keys', 'policies', 'http'],
  keys: [
    'store',
    'iam',
    'instances',
    'units',
    'registrations',
    'lifecycle',
    'policies',
    'import-token',
    'kmip',
    'timers',
    'http',
  ],
  timers: [],
  tls: [],
  listening: ['iam', 'tls'],
  policies: ['store', 'instances', 'keys', 'timers', 'http'],
  'import-token': ['store', 'keys', 'http'],
  keystore: ['store', 'iam', 'instances', 'units', 'timers', 'http', 'ep11', 'certificates'],
  certificates: ['store', 'iam', 'instances', 'timers', 'tls', 'listening', 'http'],
  kmip: ['store', 'iam', 'instances', 'keys', 'units', 'timers', 'http', 'tls', 'listening'],
  ep11: ['iam', 'instances', 'units', 'http', 'tls', 'listening', 'certificates'],
  registrations: ['store', 'iam', 'instances', 'keys', 'http'],
  lifecycle: ['store', 'iam', 'instances', 'keys', 'registrations', 'outbound', 'timers', 'http'],
  outbound: ['store'],
  alerts: ['store', 'iam', 'http', 'outbound', 'timers', 'trail'],
  units: ['store', 'instances', 'record'],
  tke: ['store', 'iam', 'instances', 'http', 'units', 'trail'],
  keeping: ['store', 'iam', 'http', 'timers', 'trail'],
  trail: ['store', 'record', 'iam', 'http', 'instances', 'outbound'],
}

/** Of a listener's folder an operation may take only what says what a request holds. */
const requestFiles = ['http/witnessed.ts', 'http/json.ts']

function importsOf(path: string): string[] {
  const found = [...text(path).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)]
  return found.map((match) => match[1] as string)
}

function faults(paths: readonly string[], fault: (path: string) => string | undefined): string[] {
  return paths.flatMap((path) => {
    const what = fault(path)
    return what === undefined ? [] : [`${path}: ${what}`]
  })
}

test('packages import from user to foundation, never back', () => {
  const broken = faults(sources, (path) => {
    const own = path.split('/')[1] as string
    for (const name of importsOf(path)) {
      const foreign = /^@keywitness\/([^/]+)/.exec(name)?.[1]
      if (foreign !== undefined && foreign !== own && packageEdges[own]?.includes(foreign) !== true)
        return `imports ${name}`
      const climbs = name.startsWith('.') && !normalize(join(dirname(path), name)).startsWith(`packages/${own}/`)
      if (climbs) return `climbs out of its package: ${name}`
    }
    return undefined
  })
  expect(broken).toEqual([])
})

test('the verifier can be audited alone: it takes the two packages that prove, and of Node what reads and hashes', () => {
  const allowed = /^(\.\/|@keywitness\/(cadf|tlog)$|node:(crypto|fs|path|util)$)/
  const broken = faults(
    sources.filter((path) => path.startsWith('packages/verifier/')),
    (path) => importsOf(path).find((name) => !allowed.test(name)),
  )
  expect(broken).toEqual([])
})

test('the command line opens a store in one place only: for the rest it is a user like any other', () => {
  // What `alerts` exports reads rules, and opens nothing.
  const opens = (name: string): boolean =>
    name.startsWith('@keywitness/tracker') && name !== '@keywitness/tracker/alerts'
  const opening = sources.filter((path) => path.startsWith('packages/cli/') && importsOf(path).some(opens))
  expect(opening).toEqual(['packages/cli/src/commands/log-fsck.ts'])
})

test('of the crypto unit the command line takes what a seal’s file holds and byte formats, and nothing that holds keys', () => {
  const broken = faults(
    sources.filter((path) => path.startsWith('packages/cli/')),
    (path) => importsOf(path).find((name) => /^@keywitness\/crypto-unit(?!\/(tke\/|seal-envelope$))/.test(name)),
  )
  expect(broken).toEqual([])
})

test('of the client of EP11 the server takes the schema, and of others’ code the client takes what is needed to speak', () => {
  const schema = /^@keywitness\/ep11-client(?!\/schema\/)/
  const allowed = /^(\.{1,2}\/|@bufbuild\/protobuf(\/|$)|@grpc\/grpc-js$|node:)/
  const broken = faults(sources, (path) => {
    if (path.startsWith('packages/server/')) return importsOf(path).find((name) => schema.test(name))
    if (!path.startsWith('packages/ep11-client/')) return undefined
    return importsOf(path).find((name) => !allowed.test(name))
  })
  expect(broken).toEqual([])
})

test('folders of the server keep to their written edges, and operations import no listener', () => {
  const inServer = sources.filter((path) => path.startsWith('packages/server/src/'))
  const folderOf = (path: string): string | undefined => /^packages\/server\/src\/([^/]+)\//.exec(path)?.[1]
  const broken = faults(inServer, (path) => {
    const own = folderOf(path)
    if (own === undefined) return undefined
    for (const name of importsOf(path)) {
      if (!name.startsWith('.')) continue
      const wanted = normalize(join(dirname(path), name))
      const other = folderOf(wanted)
      if (other === undefined || other === own) continue
      if (serverEdges[own]?.includes(other) !== true) return `imports ${other}/`
      const isRoute = /routes?\.ts$/.test(path)
      const isRequest = requestFiles.some((file) => wanted.endsWith(file))
      if (own === 'keys' && other === 'http' && !isRoute && !isRequest)
        return `an operation imports a listener: ${name}`
    }
    return undefined
  })
  expect(broken).toEqual([])
})

test('every file says in its first line what it is', () => {
  const broken = faults(code, (path) => {
    const start = text(path).replace(/^#!.*\n/, '')
    return start.startsWith('/**') ? undefined : 'does not begin with /** … */'
  })
  expect(broken).toEqual([])
})

test('files stay short enough to be read whole', () => {
  const broken = faults(code, (path) => {
    const lines = text(path).split('\n').length
    const most = isTest(path) ? 650 : 400
    return lines > most ? `${lines} lines, ${most} at most` : undefined
  })
  expect(broken).toEqual([])
})

test('names say what a thing is', () => {
  const broken = faults(tracked, (path) =>
    /(^|[/.-])(utils?|helpers?|managers?|common|misc)([/.-]|$)/i.test(path) ? 'a name that says nothing' : undefined,
  )
  expect(broken).toEqual([])
})

/** Calls that have a better way here, with that way. */
const banned: readonly { pattern: RegExp; instead: string; allowed: RegExp }[] = [
  {
    pattern: /\bDate\.now\(|new Date\(\)/,
    instead: 'take a Clock',
    allowed:
      /server\/src\/(clock|alerts\/engine\/alert-thread|trail\/forwarding\/forwarder-thread|main)\.ts$|crypto-unit\/src\/main\.ts$|^packages\/(console|cli|testkit)\/|^bootstrap\.mjs$|^bench\/|^tools\//,
  },
  { pattern: /\bMath\.random\(/, instead: 'use node:crypto, or a seeded generator in tests', allowed: /^$/ },
  {
    pattern: /\bprocess\.exit\(/,
    instead: 'end by having nothing left to do, or set process.exitCode',
    allowed:
      /-thread\.ts$|\/main\.ts$|server\/src\/(app|run)\.ts$|^bootstrap\.mjs$|^(bench|tools)\/|^packages\/testkit\/|crypto-unit\/src\//,
  },
  { pattern: /dangerouslySetInnerHTML|\.innerHTML\s*=/, instead: 'render text as text', allowed: /^tidy\.test\.ts$/ },
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b/, instead: 'do it, or open an issue', allowed: /^tidy\.test\.ts$/ },
  {
    pattern: /@ts-(ignore|nocheck|expect-error)|oxlint-disable|eslint-disable/,
    instead: 'mend the cause',
    allowed: /^tidy\.test\.ts$/,
  },
]

test('calls with a better way here are not used', () => {
  const broken = faults(code, (path) => {
    if (isTest(path) && path !== 'tidy.test.ts') return undefined
    for (const { pattern, instead, allowed } of banned) {
      if (!allowed.test(path) && path !== 'tidy.test.ts' && pattern.test(text(path))) return `${pattern}: ${instead}`
    }
    return undefined
  })
  expect(broken).toEqual([])
})

test('every action that code names is in the catalogue', () => {
  const broken = faults(sources, (path) => {
    if (path.startsWith('packages/cadf/src/catalogue/')) return undefined
    const named = [
      ...text(path).matchAll(/'((?:hs-crypto|iam-identity|iam-access|activity-tracker)\.[a-z0-9-]+\.[a-z0-9-]+)'/g),
    ]
    const unknown = named.map((match) => match[1] as string).find((name) => catalogue.entry(name) === undefined)
    return unknown === undefined ? undefined : `names ${unknown}`
  })
  expect(broken).toEqual([])
})

test('nothing names a machine it was made on', () => {
  const broken = faults(tracked, (path) => {
    if (path === 'tidy.test.ts' || /\.(png|ico|woff2?|bin)$/.test(path)) return undefined
    const match = /\/work\/(main|shared)|\/root\/|registry\.[a-z]+\.(org|com|net)/.exec(text(path))
    return match === null ? undefined : `holds ${match[0]}`
  })
  expect(broken).toEqual([])
})

test('links between documents lead somewhere', () => {
  const documents = tracked.filter((path) => path.endsWith('.md') && !path.startsWith('vectors/'))
  const broken = faults(documents, (path) => {
    const links = [...text(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)].map(
      (match) => match[1] as string,
    )
    const dead = links.find((link) => !existsSync(join(dirname(path), decodeURIComponent(link))))
    return dead === undefined ? undefined : `links to ${dead}`
  })
  expect(broken).toEqual([])
})

test('every direct dependency has its line in the dependency page', () => {
  const page = text('docs/reference/dependencies.md')
  const manifests = tracked.filter((path) => /^(package|packages\/[^/]+\/package)\.json$/.test(path))
  const broken = faults(manifests, (path) => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(text(path)) as Record<
      string,
      Record<string, string>
    >
    const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })
    const missing = names.filter((name) => !name.startsWith('@keywitness/') && !page.includes(`\`${name}\``))
    return missing.length === 0 ? undefined : `not in docs/reference/dependencies.md: ${missing.join(', ')}`
  })
  expect(broken).toEqual([])
})
