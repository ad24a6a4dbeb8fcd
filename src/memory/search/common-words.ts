/**
 * Tokens (see `analyse`) of everyday verbs, adjectives and general nouns that questions are built with: `name`, `like`,
 * `kind`, `remember`. They say less about what is asked for than their rarity in a small memory suggests, so they count
 * `searchConstants.commonWordWeight` of it.
 */
export const commonWords: ReadonlySet<string> = new Set(
  [
    'actual again alreadi alway answer anyth around ask away back becom begin believ belong',
    'best better big bring buy call certain chang choos close come creat current date day',
    'decid detail differ earli enjoy even ever exact fact far favorit feel find first follow',
    'forget get give go good great happen hate hear help hold idea info item keep kind know',
    'last late leav let like live long look lot love make mani mean meet mention month more',
    'most move much name need never new next now number often one onli open order other own',
    'part person pick place plan play pleas prefer put question read real recal recent rememb',
    'remind run same say see seem set show small somebodi someon someth sort start stay still',
    'stop stuff take talk tell thing think time titl today tri turn type use usual visit want',
    'way wear week well word work write year yet',
  ].flatMap((line) => line.split(' ')),
)
