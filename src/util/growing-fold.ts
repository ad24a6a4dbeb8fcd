/** How a list is folded. */
export interface FoldRule<Item, Value> {
  /** What else the value depends on: what was kept under another key is not used. Default: nothing. */
  readonly key?: string
  /** How many items from the beginning of the list are folded. Default: all. */
  readonly first?: number
  /** The value of an empty list. */
  readonly start: Value
  /** The value of a list with further items at its end; a new value, as the old one stays in use. */
  readonly add: (value: Value, added: readonly Item[]) => Value
}

/**
 * Folds lists that mostly grow at their end: a list that begins with the one of the last time costs what was added to it.
 *
 * Items are told apart by identity, so they must not change, and none of the known ones is looked into. One list is kept
 * for each first item, for as long as that item is in use anywhere else.
 */
export class GrowingFold<Item extends object, Value> {
  readonly #known = new WeakMap<Item, Folded<Item, Value>>()

  /**
   * The value of a list, or of its first items; what it holds must be the same whether they were added at once or bit by bit. The
   * list itself is kept and must stay as it is.
   */
  fold(list: readonly Item[], rule: FoldRule<Item, Value>): Value {
    const { key = '', first: count = list.length, start, add } = rule
    const [first] = list
    if (first === undefined || count === 0) return start
    const known = this.#known.get(first)
    const goesOn = known !== undefined && known.key === key && beginsWith({ list, count }, known)
    if (goesOn && known.count === count) return known.value
    const value = goesOn
      ? add(known.value, list.slice(known.count, count))
      : add(start, list.slice(0, count))
    this.#known.set(first, { key, list, count, value })
    return value
  }
}

interface Beginning<Item> {
  readonly list: readonly Item[]
  readonly count: number
}

interface Folded<Item, Value> extends Beginning<Item> {
  readonly key: string
  readonly value: Value
}

function beginsWith<Item>(whole: Beginning<Item>, beginning: Beginning<Item>): boolean {
  const { list, count } = beginning
  if (count > whole.count) return false
  if (list === whole.list) return true
  for (let index = 0; index < count; index += 1) {
    if (list[index] !== whole.list[index]) return false
  }
  return true
}
