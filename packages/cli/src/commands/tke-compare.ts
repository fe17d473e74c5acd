/** `keywitness tke cryptounit-compare`, `-admins`, `-thrhlds`, `-mk`: what units are like, and whether they are alike. */
import { controlPoints, hasControlPoint } from '@keywitness/crypto-unit/tke/attributes'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples } from '../command-options.ts'
import { printable, printableJson } from '../printable.ts'
import { paint, type Surroundings } from '../surroundings.ts'
import { type Column, table } from '../table.ts'
import { differences } from '../tke/agreement.ts'
import { configurationOf } from '../tke/configuration.ts'
import { isJson, type UnitOptions, withUnits } from '../tke/options.ts'
import { permissionBits, permissionWords } from '../tke/permissions.ts'
import { openTke, readChosen } from '../tke/session.ts'
import type { Register, UnitState } from '../tke/unit-state.ts'

/** One table: its rows, each with the unit first. */
interface Section {
  readonly title: string
  readonly columns: readonly string[]
  rows(state: UnitState): (readonly string[])[]
}

const thresholds: Section = {
  title: 'SIGNATURE THRESHOLDS',
  columns: ['SIGNATURE THRESHOLD', 'REVOCATION THRESHOLD'],
  rows: (state) => [[String(state.signatureThreshold), String(state.revocationThreshold)]],
}

const administrators: Section = {
  title: 'CRYPTO UNIT ADMINISTRATORS',
  columns: ['ADMIN NAME', 'SUBJECT KEY IDENTIFIER'],
  rows: ({ administrators: installed }) =>
    installed.length === 0 ? [['nobody', '']] : installed.map(({ name, ski }) => [name, ski]),
}

const permitted: Section = {
  title: 'PERMISSIONS',
  columns: ['LISTED AS', 'BITS', 'MAY'],
  rows: (state) => {
    const { permissions } = configurationOf(state)
    return [[state.unit.entry.kind, permissionBits(permissions), permissionWords(permissions)]]
  },
}

const newRegister: Section = {
  title: 'NEW MASTER KEY REGISTER',
  columns: ['STATUS', 'VERIFICATION PATTERN'],
  rows: (state) => registerRows(state.newRegister),
}

const currentRegister: Section = {
  title: 'CURRENT MASTER KEY REGISTER',
  columns: ['STATUS', 'VERIFICATION PATTERN'],
  rows: (state) => registerRows(state.currentRegister),
}

const points: Section = {
  title: 'CONTROL POINTS',
  columns: Object.keys(controlPoints),
  rows: (state) => [
    Object.values(controlPoints).map((point) => (hasControlPoint(state.controlPoints, point) ? 'Set' : 'Not Set')),
  ],
}

/** A pattern in two rows of 32 digits, as people compare them. */
function registerRows({ status, pattern }: Register): (readonly string[])[] {
  return [
    [status, pattern.slice(0, 32)],
    ['', pattern.slice(32)],
  ]
}

const views = [
  ['cryptounit-admins', 'the administrators of units', [administrators]],
  ['cryptounit-thrhlds', 'the signature thresholds of units', [thresholds]],
  [
    'cryptounit-mk',
    'the master key registers of units: verification patterns, never keys',
    [newRegister, currentRegister],
  ],
] as const

export function addTkeCompare(tke: Command, io: Surroundings): void {
  const compare = withUnits(tke.command('cryptounit-compare'))
    .description('the configuration of units in six tables; exit code 1 when units differ')
    .action(async (options: UnitOptions) => {
      const states = await readChosen(await openTke(io, options), options.unit)
      const different = differences(states)
      const sections = [thresholds, administrators, permitted, newRegister, currentRegister, points]
      print(io, options, states, sections, different)
      if (different.length === 0) return
      throw new CliError(
        'UNITS_DIFFER',
        `the crypto units differ in: ${different.join(', ')}`,
        'bring them to the same state before you go on; keys are lost when units with different master keys are used',
      )
    })
  examples(compare, 'tke cryptounit-compare', 'tke cryptounit-compare --unit 1 --unit 3 --output json')

  for (const [name, description, sections] of views) {
    const command = withUnits(tke.command(name))
      .description(description)
      .action(async (options: UnitOptions) => {
        const states = await readChosen(await openTke(io, options), options.unit)
        print(io, options, states, sections, [])
      })
    if (name === 'cryptounit-mk') command.alias('cryptounit-mks')
    examples(command, `tke ${name}`, `tke ${name} --unit 1 --output json`)
  }
}

function print(
  io: Surroundings,
  options: UnitOptions,
  states: readonly UnitState[],
  sections: readonly Section[],
  different: readonly string[],
): void {
  if (isJson(options)) {
    io.out.write(`${printableJson({ units: states.map(stateJson), differences: different }, 2)}\n`)
    return
  }
  for (const section of sections) {
    const cells = states.flatMap((state) =>
      section.rows(state).map((row, at) => [at === 0 ? state.unit.location : '', ...row.map(printable)]),
    )
    const warning = different.includes(section.title) ? paint(io, ['red', 'bold'], '  UNITS DIFFER') : ''
    io.out.write(`${paint(io, 'bold', section.title)}${warning}\n`)
    io.out.write(`${table(io, ['CRYPTO UNIT', ...section.columns].map(titled), cells)}\n`)
  }
  const imprint = states.filter(({ isImprint }) => isImprint).map(({ unit }) => unit.location)
  if (imprint.length > 0)
    io.err.write(`In imprint mode, where nobody must sign and no key can be loaded: ${imprint.join(', ')}\n`)
  const stale = states.filter(({ unit }) => unit.entry.state === 'stale').map(({ unit }) => unit.location)
  if (stale.length > 0) {
    io.err.write(`Older than the trail's last event about them: ${stale.join(', ')}\n`)
    io.err.write('If what you see is right, people vouch for it with keywitness tke cryptounit-confirm.\n')
  }
}

/** Of a table's columns only what units may do is of any length. */
function titled(title: string): Column {
  return { title, isWide: title === 'MAY' }
}

function stateJson(state: UnitState): object {
  const { hsmId, location, serial, kind, state: listed } = state.unit.entry
  return {
    hsm_id: hsmId,
    location,
    serial_number: serial,
    type: kind,
    state: listed,
    imprint: state.isImprint,
    signatureThreshold: state.signatureThreshold,
    revocationSignatureThreshold: state.revocationThreshold,
    administrators: state.administrators,
    permissions: permissionBits(configurationOf(state).permissions),
    newMasterKeyRegister: state.newRegister,
    currentMasterKeyRegister: state.currentRegister,
    controlPoints: state.controlPoints.toString('hex'),
  }
}
