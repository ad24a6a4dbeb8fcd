import { describe, expect, test } from 'vitest'
import { analyse, analyseQuery, indexTokens, maxTokenLength } from './analyse.ts'
import { familyStems, irregularForms } from './fold-map.ts'
import { splitWords } from './split-words.ts'
import { stopWords } from './stop-words.ts'
import { symbolsOf } from './symbols-of.ts'

const cases: readonly (readonly [string, string, string])[] = [
  ['words in lower case, stemmed', 'Connected CONNECTIONS', 'connect connect'],
  ['no stop words', 'the cat is on a mat', 'cat mat'],
  [
    'irregular forms as their base',
    'She went, ate and bought children’s knives',
    'go eat buy child knife',
  ],
  [
    'family words as one',
    'mum mummy mother; bicycles bikes; movies films',
    'mom mom mom bike bike movi movi',
  ],
  ['British spellings as American', 'favourite colours of neighbours', 'favorit color neighbor'],
  ['small numbers as digits', 'two cats and 2 dogs', '2 cat 2 dog'],
  ['short names of months as long ones', '3 Sept and 3 September', '3 septemb 3 septemb'],
  ['no contractions', "I don't think it's Anna's, we'll see", 'think anna see'],
  ['names with an apostrophe in parts', "O'Brien", 'o brien'],
  ['numbers and codes', 'v2.10 of gpt4o on 2024-05-08', 'v2 10 gpt4o 2024 05 08'],
  ['snake_case in parts', 'max_token_count', 'max token count'],
  [
    'Latin letters without accents',
    'Zürich café İstanbul Łódź straße',
    'zurich cafe istanbul lodz strass',
  ],
  ['compatibility forms as plain ones', 'ｆｕｌｌ ﬁne ①', 'full fine 1'],
  ['other scripts untouched', 'हिन्दी में Йод', 'हिन्दी में йод'],
  [
    'pairs of characters for text without spaces, and single Han',
    '我喜欢猫',
    '我喜 喜欢 欢猫 我 喜 欢 猫',
  ],
  ['Japanese with its sound marks', 'カフェが', 'カフ フェ ェが'],
  ['Korean by pairs', '커피를', '커피 피를'],
  ['mixed scripts one by one', 'tea茶', 'tea 茶'],
  ['stop words of a text that has no others', 'Who am I?', 'who am i'],
  ['nothing for no letters', '?! … 🦊', ''],
  ['nothing for what an emoji is drawn with', '❤️ 👍🏽', ''],
  ['digits and letters however they are drawn', '1️⃣ ©️ 5️', '1 5'],
  ['words around emoji', 'fox🦊hunt', 'fox hunt'],
]

describe('analyse()', () => {
  test.each(cases)('gives %s', (_, text, tokens) => {
    expect(analyse(text).join(' ')).toBe(tokens)
  })

  test('cuts tokens at the longest length, never inside a character', () => {
    expect(analyse('x'.repeat(100))).toEqual(['x'.repeat(maxTokenLength)])
    const [token = ''] = analyse(`${'a'.repeat(maxTokenLength - 1)}𐐷𐐷`)
    expect(token.isWellFormed()).toBe(true)
    expect(token.length).toBeLessThanOrEqual(maxTokenLength)
  })

  test('never gives a token with a blank, an empty or an overlong one', () => {
    const seeds = [
      'ß',
      'İ',
      "'",
      's',
      't',
      '猫',
      'ー',
      '한',
      'é',
      '1',
      ' ',
      '\u0301',
      '\ud83e',
      'ﬁ',
      '_',
      'ก',
      'x',
    ]
    let state = 7
    for (let round = 0; round < 2000; round += 1) {
      let text = ''
      for (let index = 0; index < 12; index += 1) {
        state = (state * 1103515245 + 12345) % 2147483648
        text += seeds[state % seeds.length]
      }
      for (const token of analyse(text)) {
        expect(token).toMatch(/^\S+$/u)
        expect(token.length).toBeLessThanOrEqual(maxTokenLength)
      }
      const indexed = new Set(analyse(text))
      expect(analyseQuery(text).terms.filter((term) => !indexed.has(term))).toEqual([])
    }
  })
})

describe('indexTokens()', () => {
  const tokensOf = (text: string): string => indexTokens(text, splitWords(text)).join(' ')

  test.each([
    ['signs after the words, each once', '🦄 fox 🦄', 'fox 🦄'],
    ['an emoji however it is drawn', '❤️ ❤ 👍🏽 👍', '❤ 👍'],
    ['each of several that are one', '👩‍👩‍👧 🏳️‍🌈 🧘‍♀️', '👩 👧 🏳 🌈 🧘'],
    ['flags whole', '🇩🇪🇫🇷', '🇩🇪 🇫🇷'],
    ['other signs', '§ 5 costs €3', '5 cost 3 § €'],
    ['no punctuation, ASCII signs or drawn lines', '“a+b” … • ─│█ #x', 'b x'],
  ])('gives %s', (_, text, tokens) => {
    expect(tokensOf(text)).toBe(tokens)
  })

  test('never gives a sign that breaks a list of tokens', () => {
    for (let code = 0x80; code < 0x20_000; code += 1) {
      if (code >= 0xd800 && code < 0xe000) continue
      for (const token of symbolsOf(String.fromCodePoint(code))) expect(token).toMatch(/^\S+$/u)
    }
  })
})

describe('analyseQuery()', () => {
  test.each([
    ['🦄', ['🦄']],
    ['the 🦄', ['🦄']],
    ['📌 todo', ['todo', '📌']],
    ['👍🏽👍', ['👍']],
    ['where did I live then? 😊', ['live']],
  ])('looks for signs where there is little else: %s', (query, terms) => {
    expect(analyseQuery(query)).toMatchObject({ terms, onlyStopWords: false })
  })

  test('gives each term once with the word behind it', () => {
    const { terms, words, onlyStopWords } = analyseQuery('Running the runs near Zürich')
    expect(terms).toEqual(['run', 'near', 'zurich'])
    expect(words.get('run')).toBe('running')
    expect(onlyStopWords).toBe(false)
  })

  test('keeps stop words when there is nothing else, and says so', () => {
    expect(analyseQuery('who are you')).toMatchObject({
      terms: ['who', 'are', 'you'],
      onlyStopWords: true,
    })
  })

  test('looks for longer runs without spaces by pairs only', () => {
    expect(analyseQuery('喜欢猫').terms).toEqual(['喜欢', '欢猫'])
    expect(analyseQuery('猫').terms).toEqual(['猫'])
  })

  test('has no terms for a text without letters or digits', () => {
    expect(analyseQuery('?!')).toMatchObject({ terms: [], onlyStopWords: false })
  })
})

describe('fold map', () => {
  test('maps no word to itself and no base to yet another word', () => {
    for (const map of [irregularForms, familyStems]) {
      for (const [form, base] of map) {
        expect(form).not.toBe(base)
        expect(map.has(base), `${form} → ${base} → ${map.get(base)}`).toBe(false)
      }
    }
  })

  test('holds no stop word', () => {
    expect([...irregularForms.keys()].filter((form) => stopWords.has(form))).toEqual([])
  })

  test.each([
    'mum mom',
    'mommies moms',
    'grandmother grannies',
    'bicycle bikes',
    'telephones phone',
    'television tv',
    'photographs picture',
    'aeroplane planes',
    'refrigerator fridges',
    'examination exams',
    'laboratories lab',
    'mathematics maths',
    'information info',
    'university uni',
    'holidays vacation',
    'favourites fav',
    'theatre theaters',
    'centre centers',
    'jewellery jewelry',
    'pyjamas pajamas',
    'programme programs',
    'organised organizing',
    'realise realized',
    'recognise recognized',
    'apologised apologizing',
    'analyse analyzing',
    'kids child',
    'aunty aunts',
    'doggy dogs',
    'advertisements ads',
  ])('finds both of %s by either', (pair) => {
    const [left = '', right = ''] = pair.split(' ')
    expect(analyse(left)).toEqual(analyse(right))
  })
})
