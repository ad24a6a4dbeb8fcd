/** A chat of a user and an assistant, neither of whom has a name, with questions about it. */
export interface AssistantChat {
  readonly turns: readonly {
    readonly role: 'user' | 'assistant'
    readonly text: string
  }[]
  readonly questions: readonly ChatQuestion[]
}

/** A question with the turn that answers it. */
export interface ChatQuestion {
  readonly text: string
  /** The number of the turn. */
  readonly answer: number
  /** Who said what is asked for. */
  readonly about: 'user' | 'assistant'
}

const topics: readonly (readonly string[])[] = [
  'garden soil seed tomato compost watering frost shovel fence beet'.split(' '),
  'server database index query latency cache deploy replica backup schema'.split(' '),
  'kitchen oven dough flour yeast recipe butter pan whisk crust'.split(' '),
  'budget invoice salary tax account savings loan rent receipt bank'.split(' '),
  'marathon training shoes pace knee stretch route coach medal water'.split(' '),
  'guitar chord song amplifier string rehearsal drummer melody stage tuner'.split(' '),
  'camera lens portrait tripod shutter lighting studio album filter print'.split(' '),
  'travel passport hotel train luggage museum beach ticket island ferry'.split(' '),
]

const starts = [
  'I think I should tell you that',
  'Just so you know,',
  'Yesterday I noticed that',
  'For the plan please keep in mind that',
  'It turns out that',
]
const details = [
  'bought',
  'moved',
  'cancelled',
  'finished',
  'changed',
  'repaired',
  'ordered',
  'lost',
]
const advice = [
  'A good next step is to look at the',
  'Many people find it useful to plan the',
  'You could also compare the',
  'It is worth writing down the',
  'Remember to review the',
  'Consider how this affects the',
]

/**
 * Makes a chat as people have them with an assistant: short messages with one fact each, and long answers that say the
 * same words again and add advice in the words of the topic. The same one for the same seed.
 */
export function createAssistantChat(seed: number, exchanges = 120): AssistantChat {
  const random = createRandom(seed)
  const pick = <Item>(list: readonly Item[]): Item => list[random(list.length)] as Item
  const turns: { role: 'user' | 'assistant'; text: string }[] = []
  const questions: ChatQuestion[] = []
  for (let count = 0; count < exchanges; count += 1) {
    const topic = pick(topics)
    const [thing, other, detail] = [pick(topic), pick(topic), pick(details)]
    const amount = 2 + random(90)
    const code = `${pick(['red', 'blue', 'green', 'grey'])} ${pick(['model', 'batch', 'section', 'kit'])} ${amount}`
    const answer = turns.length
    turns.push({
      role: 'user',
      text: `${pick(starts)} I ${detail} the ${thing} for the ${other}, the ${code}.`,
    })
    const sentences = Array.from(
      { length: 4 + random(5) },
      () => `${pick(advice)} ${pick(topic)} and the ${pick(topic)} before the ${pick(topic)}.`,
    )
    const tip = `${pick(['copper', 'oak', 'linen', 'cobalt'])} ${pick(['wrap', 'clip', 'tray', 'gauge'])} ${100 + random(900)}`
    turns.push({
      role: 'assistant',
      text: [
        `Thanks for telling me about the ${thing} and the ${other}.`,
        `Since you ${detail} the ${thing}, I recommend the ${tip} for the ${thing}.`,
        ...sentences,
      ].join(' '),
    })
    if (count % 2 === 0) {
      questions.push({
        text: `Which ${thing} did I say I ${detail} for the ${other}, the ${code.split(' ')[0]} one?`,
        answer,
        about: 'user',
      })
    } else if (count % 8 === 1) {
      questions.push({
        text: `What did you recommend for the ${thing} when I ${detail} it, the ${tip.split(' ')[0]} thing?`,
        answer: answer + 1,
        about: 'assistant',
      })
    }
  }
  return { turns, questions }
}

function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
