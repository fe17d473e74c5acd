/** A number as texts of alerts say it: whole ones with separators, 12,400. */
export function countText(count: number): string {
  return Number.isInteger(count) ? count.toLocaleString('en-US') : String(count)
}
