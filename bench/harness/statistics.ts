/** Median, range and percentiles of measured values. */

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** The value at a share of the sorted values, interpolated between neighbours; not a number when there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)]
  const high = sorted[Math.ceil(at)]
  if (low === undefined || high === undefined) return Number.NaN
  return low + (high - low) * (at - Math.floor(at))
}

/** Largest by smallest value. */
export function spread(values: readonly number[]): number {
  return Math.max(...values) / Math.min(...values)
}

/** Three digits that count. */
export function short(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return 'none'
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en').replaceAll(',', ' ')
  return String(Number(value.toPrecision(3)))
}
