/** Hands a text to the person as a file, without any server. */

/** @param type media type, such as `text/plain` */
export function downloadText(name: string, text: string, type = 'text/plain'): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The click has begun the download by now; the address is no longer needed after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 0)
}

/** A text as part of a file name. */
export function fileNamePart(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9.-]+/g, '-').slice(0, 80)
}
