/** A drawing of a hash tree with one leaf's path to the root marked: what the product does, in one picture. */
import type { ReactElement } from 'react'
import styles from './tree-figure.module.css'

const width = 420
const height = 250
const levels = 5
/** The leaf whose path is drawn strong. */
const marked = 9

interface Node {
  readonly level: number
  readonly index: number
  readonly x: number
  readonly y: number
  readonly isMarked: boolean
}

function nodes(): Node[] {
  const all: Node[] = []
  for (let level = 0; level < levels; level++) {
    const count = 2 ** (levels - 1 - level)
    for (let index = 0; index < count; index++) {
      all.push({
        level,
        index,
        x: ((index + 0.5) * width) / count,
        y: height - 24 - level * 50,
        isMarked: Math.floor(marked / 2 ** level) === index,
      })
    }
  }
  return all
}

export function TreeFigure(): ReactElement {
  const all = nodes()
  const parent = (node: Node): Node | undefined =>
    all.find((other) => other.level === node.level + 1 && other.index === Math.floor(node.index / 2))
  const edges = all
    .flatMap((node) => {
      const above = parent(node)
      return above === undefined ? [] : [{ node, above, isMarked: node.isMarked && above.isMarked }]
    })
    .sort((a, b) => Number(a.isMarked) - Number(b.isMarked))
  return (
    <svg viewBox={`0 0 ${width} ${height}`} className={styles.figure} aria-hidden="true" focusable="false">
      {edges.map(({ node, above, isMarked }) => (
        <path
          key={`${node.level}/${node.index}`}
          className={isMarked ? styles.markedEdge : styles.edge}
          d={`M${node.x} ${node.y}C${node.x} ${node.y - 28} ${above.x} ${above.y + 28} ${above.x} ${above.y}`}
        />
      ))}
      {all.map((node) => (
        <rect
          key={`${node.level}/${node.index}`}
          className={node.isMarked ? styles.markedNode : styles.node}
          x={node.x - (node.level === 0 ? 7 : 6)}
          y={node.y - 6}
          width={node.level === 0 ? 14 : 12}
          height={12}
          rx={node.level === 0 ? 2 : 6}
        />
      ))}
    </svg>
  )
}
