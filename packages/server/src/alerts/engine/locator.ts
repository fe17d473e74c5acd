/** Where an address is, by a database of locations in the MaxMind format that the operator supplies. */
import { readFileSync } from 'node:fs'
import { Reader, type Response } from 'mmdb-lib'
import { StartError } from '../../start-error.ts'

/** What a database says of an address; absent members it does not know. */
export interface Located {
  readonly country?: string
  readonly network?: string
  readonly latitude?: number
  readonly longitude?: number
}

/** Members of GeoLite2, GeoIP2, DB-IP and IPinfo databases that are used here. */
interface Entry {
  readonly country?: { readonly iso_code?: unknown } | string
  readonly country_code?: unknown
  readonly location?: { readonly latitude?: unknown; readonly longitude?: unknown }
  readonly autonomous_system_number?: unknown
  readonly asn?: unknown
}

/** @throws Error when the file cannot be read or is no such database */
export function locatorOf(file: string): (address: string) => Located | undefined {
  const reader = new Reader<Response>(readFileSync(file))
  return (address) => {
    try {
      const entry = reader.get(address) as Entry | null
      return entry === null ? undefined : locatedOf(entry)
    } catch {
      // Not an address of the database's kind.
      return undefined
    }
  }
}

/** @throws StartError CONFIG when the file is no database of locations */
export function checkLocationDatabase(file: string): void {
  try {
    locatorOf(file)
  } catch (error) {
    throw new StartError('CONFIG', 'KEYWITNESS_LOCATION_DATABASE names a file that is no database of locations.', error)
  }
}

function locatedOf({ country, country_code: code, location, autonomous_system_number: number, asn }: Entry): Located {
  const name = textOf(typeof country === 'object' ? country.iso_code : country) ?? textOf(code)
  const network = typeof number === 'number' ? `AS${number}` : textOf(asn)
  const { latitude, longitude } = location ?? {}
  return {
    ...(name === undefined ? {} : { country: name }),
    ...(network === undefined ? {} : { network }),
    ...(typeof latitude === 'number' && typeof longitude === 'number' ? { latitude, longitude } : {}),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 64) : undefined
}
