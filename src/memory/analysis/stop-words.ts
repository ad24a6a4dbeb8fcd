/** English words that say nothing about what a text is about; not searched for unless a text has no others. */
export const stopWords: ReadonlySet<string> = new Set(
  [
    'a an the this that these those such',
    'i me my mine myself we us our ours you your yours he him his she her hers it its they them their theirs',
    'am is are was were be been being have has had having do does did doing done',
    'will would shall should can could might must',
    'and or but if then than so as because while',
    'of at by for from in into on onto out to up with about',
    'what which who whom whose when where why how',
    'not no nor there here too very just also',
    'some any',
  ].flatMap((line) => line.split(' ')),
)

/** What follows the apostrophe of an English contraction; dropped together with the apostrophe. */
export const contractionEndings: ReadonlySet<string> = new Set([
  's',
  't',
  'd',
  'm',
  'll',
  're',
  've',
])

/** What stands before the apostrophe of a negation such as `didn't`; dropped with it. */
export const negatedVerbs: ReadonlySet<string> = new Set(
  'ain aren can couldn didn doesn don hadn hasn haven isn mightn mustn needn shan shouldn wasn weren won wouldn'.split(
    ' ',
  ),
)
