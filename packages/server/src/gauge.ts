/** A gauge of the private listener: one number, read when the metrics are asked for. */
import { Gauge, type Registry } from 'prom-client'

/** @param name without the product's prefix */
export function addGauge(registry: Registry, name: string, help: string, read: () => number): void {
  registry.registerMetric(
    new Gauge({
      name: `keywitness_${name}`,
      help,
      registers: [],
      collect() {
        this.set(read())
      },
    }),
  )
}
