import { createSeededRandom, type SeededRandom } from '../simulation/random.ts'

/** Something a user tells once, and asks for later in other words. */
export interface ToldFact {
  /** The number of the turn it is told in, from 0. */
  readonly turn: number
  readonly statement: string
  readonly question: string
  /** The words that nothing else holds: whoever has read them knows the fact. */
  readonly answer: string
}

/** What a user says over a long time: facts among chatter. The same for the same seed. */
export interface LongTalk {
  readonly says: readonly string[]
  readonly facts: readonly ToldFact[]
}

type Words = readonly [string, ...string[]]

const things: Words = [
  'boat',
  'bicycle',
  'piano',
  'cabin',
  'greenhouse',
  'telescope',
  'oven',
  'kayak',
]
const owners: Words = [
  'sister',
  'neighbour',
  'uncle',
  'colleague',
  'grandmother',
  'landlord',
  'cousin',
]
const places: Words = [
  'Tromsø',
  'Porto',
  'Gdansk',
  'Bergen',
  'Lucca',
  'Riga',
  'Cork',
  'Ghent',
  'Aarhus',
]
const syllables: Words = [
  'al',
  'ba',
  'tro',
  'mi',
  'ser',
  'vo',
  'kel',
  'dun',
  'ra',
  'phi',
  'lo',
  'zan',
  'quo',
]

const people: Words = [
  'Anna',
  'the baker',
  'our postman',
  'Jonas',
  'the tall nurse',
  'my dentist',
  'Mrs Okafor',
  'a cyclist',
  'the choir',
  'Lea',
]
const deeds: Words = [
  'repaired',
  'painted',
  'lost',
  'sold',
  'praised',
  'carried',
  'photographed',
  'forgot',
  'measured',
  'borrowed',
  'returned',
  'cleaned',
]
const objects: Words = [
  'a ladder',
  'two lamps',
  'the old fence',
  'a basket of plums',
  'the radio',
  'some envelopes',
  'a wool coat',
  'the chessboard',
  'three chairs',
  'a map',
  'the drum',
  'a jar of honey',
  'the gate',
  'his umbrella',
]
const times: Words = [
  'before breakfast',
  'around noon',
  'after the storm',
  'on the way home',
  'while it snowed',
  'during the concert',
  'at closing time',
  'without a word',
  'in a great hurry',
  'with a smile',
]
const moods: Words = [
  'I found that funny.',
  'It made me tired.',
  'Nobody minded.',
  'I had to laugh.',
  'That took hours.',
  'We talked about it all evening.',
]

const replies: Words = [
  'That sounds like a full day. Tell me more whenever you like.',
  'I see. Is there anything in it that I should help you with?',
  'Noted. Days like that have their own rhythm, do they not?',
  'Thank you for telling me. I hope the rest of it goes well.',
]

/** A talk of so many turns with a fact in every `every`th. */
export function createLongTalk(seed: number, turns: number, every = 10): LongTalk {
  const random = createSeededRandom(seed)
  const facts: ToldFact[] = []
  const says = Array.from({ length: turns }, (_, turn) => {
    const talk = `${chat(random)} ${chat(random)} ${random.pick(moods)}`
    if (turn % every !== 0) return talk
    const fact = newFact(random, turn)
    facts.push(fact)
    return `${talk} By the way, ${fact.statement}`
  })
  return { says, facts }
}

/** What the other side says to it. */
export function replyTo(turn: number): string {
  return replies[turn % replies.length] ?? replies[0]
}

function chat(random: SeededRandom): string {
  const sentence = `${random.pick(people)} ${random.pick(deeds)} ${random.pick(objects)} ${random.pick(times)}.`
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1)
}

function newFact(random: SeededRandom, turn: number): ToldFact {
  const thing = random.pick(things)
  const owner = random.pick(owners)
  const place = random.pick(places)
  const answer = `${newName(random)}-${turn}`
  return {
    turn,
    statement: `the ${thing} of my ${owner} in ${place} is called ${answer}.`,
    question: `What is the name of the ${thing} that my ${owner} has in ${place}?`,
    answer,
  }
}

function newName(random: SeededRandom): string {
  const name = Array.from({ length: 3 }, () => random.pick(syllables)).join('')
  return name.slice(0, 1).toUpperCase() + name.slice(1)
}
