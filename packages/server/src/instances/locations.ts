/** Locations that instances may be made in: those of the seed; the operator's own comes beside them. */

export const knownLocations = [
  'au-syd',
  'br-sao',
  'ca-tor',
  'eu-de',
  'eu-es',
  'eu-gb',
  'jp-tok',
  'us-east',
  'us-south',
] as const
