/** Whether the clients of an instance need a certificate, and which state of its certificates says so. */

export interface Enforcement {
  readonly mtlsEnabled: boolean
  /** Number of the state: grows by one with each certificate that is set or goes. */
  readonly generation: number
}

/** For the response of an event: before it and after it. */
export function enforcementFacts(wasEnabled: boolean, { mtlsEnabled, generation }: Enforcement) {
  return { 'initialValue.mtlsEnabled': wasEnabled, 'newValue.mtlsEnabled': mtlsEnabled, generation }
}
