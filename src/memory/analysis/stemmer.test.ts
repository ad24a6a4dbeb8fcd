import { describe, expect, test } from 'vitest'
import { stemEnglish } from './stemmer.ts'

/** Words and their stems, as `word>stem`; a word alone is its own stem. */
const vocabulary = {
  'the published sample vocabulary': `
    consign consigned>consign consigning>consign consignment>consign consist consisted>consist
    consistency>consist consistent>consist consistently>consist consisting>consist
    consists>consist consolation>consol consolations>consol consolatory>consolatori
    console>consol consoled>consol consoles>consol consolidate>consolid consolidated>consolid
    consolidating>consolid consoling>consol consolingly>consol consols>consol consonant>conson
    consort consorted>consort consorting>consort conspicuous>conspicu conspicuously>conspicu
    conspiracy>conspiraci conspirator>conspir conspirators>conspir conspire>conspir
    conspired>conspir conspiring>conspir constable>constabl constables>constabl
    constance>constanc constancy>constanc constant knack knackeries>knackeri knacks>knack knag
    knave knaves>knave knavish kneaded>knead kneading>knead knee kneel kneeled>kneel
    kneeling>kneel kneels>kneel knees>knee knell knelt knew knick knife knight knightly>knight
    knights>knight knit knits>knit knitted>knit knitting>knit knives>knive knob knobs>knob knock
    knocked>knock knocker knockers>knocker knocking>knock knocks>knock knopp knot knots>knot`,
  'words with a stem of their own': `
    skis>ski skies>sky sky dying>die lying>lie tying>tie vying>vie idly>idl gently>gentl
    ugly>ugli early>earli only>onli singly>singl news howe atlas cosmos bias andes inning
    innings>inning outing canning herring earring evening proceed proceeded>proceed exceed
    succeeding>succeed generate>generat generous general communism community>communiti arsenal
    arsenic past pasted>paste university>universiti universe>univers later lateral
    emergency>emergenc organ organization>organiz international>internat interest`,
  'each rule of each step': `
    caresses>caress ties>tie cries>cri gas this gaps>gap kiwis>kiwi agreed>agre feed hopping>hop
    hoping>hope luxuriating>luxuri troubled>troubl sized>size add egg off by say youth enjoy
    relational>relat conditional>condit rational>ration radically>radic differently>differ
    vilely>vile analogously>analog vietnamization>vietnam predication>predic operator>oper
    feudalism>feudal decisiveness>decis hopefulness>hope callousness>callous formality>formal
    sensitivity>sensit sensibility>sensibl analogist>analog hopefully>hope carelessly>careless
    triplicate>triplic formative>format formalize>formal electricity>electr electrical>electr
    hopeful>hope goodness>good revival>reviv allowance>allow inference>infer airliner>airlin
    gyroscopic>gyroscop adjustable>adjust defensible>defens irritant>irrit replacement>replac
    adjustment>adjust dependent>depend adoption>adopt activate>activ angularity>angular
    homologous>homolog effective>effect bowdlerize>bowdler probate>probat rate cease>ceas
    controlled>control roll yes yellow toying>toy`,
}

describe('stemEnglish()', () => {
  for (const [subject, pairs] of Object.entries(vocabulary)) {
    test(`stems ${subject}`, () => {
      const expected = pairs
        .trim()
        .split(/\s+/)
        .map((pair) => pair.split('>'))
        .map(([word, stem]) => [word, stem ?? word])
      const stemmed = expected.map(([word]) => [word, stemEnglish(word ?? '')])
      expect(stemmed).toEqual(expected)
    })
  }

  test('leaves words of one and two letters alone', () => {
    expect(['a', 'is', 's', ''].map(stemEnglish)).toEqual(['a', 'is', 's', ''])
  })
})
