/** The name of the fact that stands while a database holds a part of another one: that one's id. */
export const partialCopyFact = 'copied_from'
