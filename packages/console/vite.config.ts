/** How the console is built (to `dist`, which the server serves at `/`) and served while developing. */
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressedFiles } from './compressed-files.ts'
import { evaluatedData } from './evaluated-data.ts'

/** The server of `npm start`; its API is proxied so that the console and it share one origin. */
const server = 'http://127.0.0.1:8080'

const cadf = join(import.meta.dirname, '../cadf/src')

const libraries = /\/node_modules\/(?:react|react-dom|scheduler|@tanstack|i18next|react-i18next)\//

export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    react(),
    evaluatedData([join(cadf, 'action-words.ts'), join(cadf, 'query/data-fields.ts')]),
    compressedFiles(),
  ],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // Nothing may become a `data:` address: the content security policy then needs no exception for them.
    assetsInlineLimit: 0,
    // The browsers we build for preload modules themselves; the polyfill would be an inline script.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What every page needs, and what only changes with a dependency: it stays in the cache over releases of ours. Mantine
          // is left out, since each page takes other parts of it.
          groups: [{ name: 'libraries', test: libraries }],
        },
      },
    },
  },
  worker: { format: 'es' },
  server: {
    host: '127.0.0.1',
    proxy: { '/v1': server, '/identity': server, '/api': server },
  },
})
