/** A part of the build: modules that hold nothing but data are run while building, and their values stand in their place. */
import { pathToFileURL } from 'node:url'
import { type Plugin, normalizePath } from 'vite'

/**
 * What such a module computes it from does not come along. It runs as it does in the tests, under Node, so both see the
 * same values.
 *
 * @param files absolute paths; what each exports must be JSON
 */
export function evaluatedData(files: readonly string[]): Plugin {
  const evaluated = new Set(files.map((file) => normalizePath(file)))
  return {
    name: 'keywitness:evaluated-data',
    async load(id) {
      if (!evaluated.has(id)) return null
      const values = (await import(pathToFileURL(id).href)) as { readonly [name: string]: unknown }
      return { code: Object.entries(values).map(declaration).join('\n'), map: null, moduleSideEffects: false }
    },
  }
}

/** Browsers read a text of JSON faster than the same as an expression. */
function declaration([name, value]: readonly [string, unknown]): string {
  return `export const ${name} = /* @__PURE__ */ JSON.parse(${JSON.stringify(JSON.stringify(value))})`
}
