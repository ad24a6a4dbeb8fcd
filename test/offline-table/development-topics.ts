import type { Topic } from './topic.ts'

/** Topics to choose thresholds on. */
export const developmentTopics: readonly Topic[] = [
  {
    key: 'piano',
    values: ['Madame Laurier', 'Mr. Osei', 'Ms. Takahashi'],
    tells: ['{value} gives me piano lessons.', 'I take piano lessons with {value}.'],
    updates: [
      'I take my piano lessons with {value} these days.',
      '{value} took over my piano lessons.',
    ],
    asks: ['Who gives me piano lessons?', 'With whom do I take lessons on the piano?'],
    nearMisses: ['Which sonata do I practise on the piano?'],
  },
  {
    key: 'parking',
    values: ['spot 118', 'spot 42C', 'spot 9'],
    tells: [
      'In the garage I was assigned parking {value}.',
      'My parking place in the garage is {value}.',
    ],
    updates: [
      'The garage reassigned parking, I have {value} now.',
      'From Monday on my parking place is {value}.',
    ],
    asks: ['Which parking place do I have?', 'What is my parking spot?'],
    nearMisses: ['How high may vehicles be in the parking garage?'],
  },
  {
    key: 'tea',
    values: ['Lapsang Souchong', 'jasmine pearls', 'roasted hojicha'],
    tells: ['My favourite tea is {value}.', 'Of all teas I like {value} most.'],
    updates: [
      'I have a new favourite tea: {value}.',
      'I got tired of it, the tea I like most is {value} now.',
    ],
    asks: ['Which tea do I like best?', 'What is my favorite tea?'],
    nearMisses: ['How long does my tea have to steep?'],
  },
  {
    key: 'tent',
    values: ['four people', 'six people', 'two people'],
    tells: ['Our tent sleeps {value}.', 'We bought a tent that has room for {value}.'],
    updates: [
      'We exchanged the tent for one with room for {value}.',
      'The bigger tent arrived, it sleeps {value}.',
    ],
    asks: ['How many people fit into our tent?', 'What size is our tent?'],
    nearMisses: ['Which campsite allows our tent?'],
  },
  {
    key: 'choir',
    values: ['Wednesday evening', 'Sunday afternoon', 'Friday at eight'],
    tells: ['Choir practice is every {value}.', 'I sing in a choir, we rehearse {value}.'],
    updates: ['The choir meets on {value} from now on.', 'They shifted the choir to {value}.'],
    asks: ['When does my choir meet?', 'When do I have choir?'],
    nearMisses: ['Which requiem does the choir perform?'],
  },
  {
    key: 'pharmacy',
    values: ['Rosehip Pharmacy', 'the Hartmann Pharmacy', 'Pharmacy at the Gate'],
    tells: ['I pick up my prescriptions at {value}.', 'My prescriptions are sent to {value}.'],
    updates: [
      'My prescriptions go to {value} now.',
      'They closed, I pick up prescriptions at {value} instead.',
    ],
    asks: ['Where do I pick up my prescriptions?', 'Which pharmacy has my prescriptions?'],
    nearMisses: ['Which dose does my prescription say?'],
  },
  {
    key: 'niece',
    values: ['the 9th of March', 'the 21st of November', 'the 30th of July'],
    tells: ['My niece has her birthday on {value}.', 'The birthday of my niece is {value}.'],
    updates: [
      'I had it wrong: my niece has her birthday on {value}.',
      'My niece says that her birthday is {value}.',
    ],
    asks: ['When is my niece’s birthday?', 'On what day was my niece born, when is her birthday?'],
    nearMisses: ['Which gift does my niece want?'],
  },
  {
    key: 'bank',
    values: ['Meridian Trust', 'Northgate Savings', 'Cooperative Bank of Elm Street'],
    tells: ['I opened an account at {value}.', 'My savings account is with {value}.'],
    updates: ['I closed it; my account is at {value} now.', 'I transferred my account to {value}.'],
    asks: ['Where do I have my account?', 'Which bank is my account with?'],
    nearMisses: ['What interest does my account pay?'],
  },
  {
    key: 'mattress',
    values: ['natural latex', 'memory foam', 'horsehair'],
    tells: ['My mattress is made of {value}.', 'I sleep on a mattress of {value}.'],
    updates: [
      'The new mattress is made of {value}.',
      'We replaced the mattress, this one is {value}.',
    ],
    asks: ['What is my mattress made of?', 'Which material is our mattress?'],
    nearMisses: ['What warranty does the mattress have?'],
  },
  {
    key: 'theme',
    values: ['Solarized Dusk', 'Midnight Fern', 'Paper White'],
    tells: ['My editor uses the theme {value}.', 'I set the editor theme to {value}.'],
    updates: ['I changed the editor theme to {value}.', 'The editor theme is {value} since today.'],
    asks: ['Which theme does my editor use?', 'What is my editor theme called?'],
    nearMisses: ['Which plugins does my editor load?'],
  },
  {
    key: 'marathon',
    values: ['three hours and forty minutes', 'four hours ten', '2:58'],
    tells: ['I finished the marathon in {value}.', 'My marathon time is {value}.'],
    updates: [
      'I ran another marathon and finished it in {value}.',
      'New best marathon time: {value}.',
    ],
    asks: ['How fast did I finish the marathon?', 'What is my marathon time?'],
    nearMisses: ['Which sponsor paid for the marathon?'],
  },
  {
    key: 'yarn',
    values: ['merino wool', 'alpaca', 'organic cotton'],
    tells: ['I am knitting the scarf from {value}.', 'The yarn for the scarf is {value}.'],
    updates: [
      'I unravelled the scarf and knit it from {value}.',
      'The scarf is getting too warm, I use {value} for it now.',
    ],
    asks: ['What is the scarf made of?', 'Which yarn do I knit the scarf from?'],
    nearMisses: ['Whom is the scarf for?'],
  },
  {
    key: 'swim',
    values: ['lane five', 'lane one', 'the outermost lane'],
    tells: ['At the pool I swim in {value}.', 'I always swim in {value} of the pool.'],
    updates: [
      'They reorganised the pool, I swim in {value} now.',
      'I am faster now and swim in {value}.',
    ],
    asks: ['Which lane do I swim in?', 'Where in the pool do I swim?'],
    nearMisses: ['Which goggles do I wear for swimming?'],
  },
  {
    key: 'plumber',
    values: ['Delgado and Sons', 'Rapid Pipes', 'Ingrid Solheim'],
    tells: [
      'When the boiler breaks I phone the plumber, {value}.',
      'Our plumber is {value}, they know the boiler.',
    ],
    updates: [
      'We have another plumber now, {value}.',
      'The plumber to phone from now on is {value}.',
    ],
    asks: ['Which plumber do we phone?', 'Who is our plumber?'],
    nearMisses: ['Is the plumber insured?'],
  },
]
