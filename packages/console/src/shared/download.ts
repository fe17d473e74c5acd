/** Hands a text to the person as a file, without any server. */

/** @param type media type, such as `text/plain` */
export function downloadText(name: string, text: string, type = 'text/plain'): void {
  downloadBlob(name, new Blob([text], { type: `${type};charset=utf-8` }))
}

/** A text as part of a file name. */
export function fileNamePart(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9.-]+/g, '-').slice(0, 80)
}

/** Hands bytes that an answer held to the person as a file. */
export function downloadBlob(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The click has begun the download by now; the address is no longer needed after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 0)
}
