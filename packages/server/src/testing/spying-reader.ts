/** A reader that writes down the statements it reads with. */
import type { Reader } from '../store/store.ts'

/** What is remembered is read each time here. */
export function spyingReader(reader: Reader, seen: string[]): Reader {
  const get: Reader['get'] = (sql, ...params) => {
    seen.push(sql)
    return reader.get(sql, ...params)
  }
  const all: Reader['all'] = (sql, ...params) => {
    seen.push(sql)
    return reader.all(sql, ...params)
  }
  return { get, remembered: get, all, rememberedAll: all }
}
