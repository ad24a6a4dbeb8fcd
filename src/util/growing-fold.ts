/** How a list is folded. */
export interface FoldRule<Item, Value> {
  /** What else the value depends on: what was kept under another key is not used. Default: nothing. */
  readonly key?: string
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

  /** The value of a list; what it holds must be the same whether its items were added at once or bit by bit. */
  fold(list: readonly Item[], { key = '', start, add }: FoldRule<Item, Value>): Value {
    const [first] = list
    if (first === undefined) return start
    const known = this.#known.get(first)
    const goesOn = known !== undefined && known.key === key && beginsWith(list, known.list)
    if (goesOn && known.list.length === list.length) return known.value
    const value = goesOn ? add(known.value, list.slice(known.list.length)) : add(start, list)
    this.#known.set(first, { key, list, value })
    return value
  }
}

interface Folded<Item, Value> {
  readonly key: string
  readonly list: readonly Item[]
  readonly value: Value
}

function beginsWith<Item>(list: readonly Item[], beginning: readonly Item[]): boolean {
  if (beginning.length > list.length) return false
  for (let index = 0; index < beginning.length; index += 1) {
    if (list[index] !== beginning[index]) return false
  }
  return true
}
