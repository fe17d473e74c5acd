/** `keywitness tke cryptounit-cp`, `-cp-btc`, `-cp-eddsa`, `-cp-sig-other`: which algorithms crypto units may do. */
import { controlPoints, controlPointSet, hasControlPoint } from '@keywitness/crypto-unit/tke/attributes'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples } from '../command-options.ts'
import { printableJson } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { demandLeft } from '../tke/agreement.ts'
import { consent, unitLine } from '../tke/consent.ts'
import { eachUnit, type Step } from '../tke/each-unit.ts'
import { isJson, type SignedOptions, withSigning } from '../tke/options.ts'
import { openTke, readChosen, readForCommand } from '../tke/session.ts'
import { needs, signersFor } from '../tke/signing.ts'

interface Options extends SignedOptions {
  readonly set?: boolean
  readonly unset?: boolean
}

const POINT_MAX = 127

export function addTkeControlPoints(tke: Command, io: Surroundings): void {
  const command = withSigning(tke.command('cryptounit-cp'))
    .description('show a control point of units, or change it, signed by as many as the signature threshold says')
    .argument('<number>', '55 for EdDSA, 66 for BIP32, 67 for Schnorr, or another one')
    .option('--set', 'allow it')
    .option('--unset', 'forbid it')
    .action(async (text: string, options: Options) => {
      const point = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
      if (!(point <= POINT_MAX)) throw new CliError('BAD_INPUT', `control points are numbers from 0 to ${POINT_MAX}`)
      if (options.set === true && options.unset === true) throw new CliError('BAD_INPUT', 'give --set or --unset')
      if (options.set === true || options.unset === true) await change(io, options, point, options.set === true)
      else await show(io, options, point)
    })
  examples(command, 'tke cryptounit-cp 66', 'tke cryptounit-cp 66 --set --key 1 --key 2')

  for (const [name, point, what] of [
    ['cryptounit-cp-btc', controlPoints.XCP_CPB_BTC, 'BIP32'],
    ['cryptounit-cp-eddsa', controlPoints.XCP_CPB_ALG_EC_25519, 'EdDSA'],
    ['cryptounit-cp-sig-other', controlPoints.XCP_CPB_ECDSA_OTHER, 'Schnorr signatures'],
  ] as const) {
    const one = withSigning(tke.command(name))
      .description(`allow ${what}: sets control point ${point}`)
      .action((options: Options) => change(io, options, point, true))
    examples(one, `tke ${name} --key 1 --key 2`)
  }
}

function nameOf(point: number): string {
  return Object.entries(controlPoints).find(([, number]) => number === point)?.[0] ?? `control point ${point}`
}

async function show(io: Surroundings, options: Options, point: number): Promise<void> {
  const states = await readChosen(await openTke(io, options), options.unit)
  const units = states.map(({ unit, controlPoints: set }) => ({
    hsm_id: unit.entry.hsmId,
    location: unit.location,
    isSet: hasControlPoint(set, point),
  }))
  if (isJson(options)) io.out.write(`${printableJson({ point, name: nameOf(point), units }, 2)}\n`)
  else
    for (const { location, isSet } of units)
      io.out.write(`${location}  ${nameOf(point)}  ${isSet ? 'Set' : 'Not Set'}\n`)
}

async function change(io: Surroundings, options: Options, point: number, isSetting: boolean): Promise<void> {
  const session = await openTke(io, options)
  const states = await readForCommand(session, options.unit)
  demandLeft(states)
  const open = states.filter(({ controlPoints: set }) => hasControlPoint(set, point) !== isSetting)
  const signers = await signersFor(session, options, open, needs.controlPoints)
  await consent(io, options, `${isSetting ? 'Allows' : 'Forbids'} ${nameOf(point)} on:`, states.map(unitLine))
  await eachUnit(io, options, `changing ${nameOf(point)}`, states, async (state): Promise<Step> => {
    if (!open.includes(state)) return { isAlready: true }
    await state.unit.command(
      isSetting ? 'ADD_CONTROL_POINTS' : 'REMOVE_CONTROL_POINTS',
      controlPointSet(point),
      signers,
    )
    return {}
  })
}
