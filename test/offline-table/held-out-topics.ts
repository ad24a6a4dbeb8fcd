import type { Topic } from './topic.ts'

/** Topics to measure on. Nothing is tuned on them. */
export const heldOutTopics: readonly Topic[] = [
  {
    key: 'dentist',
    values: ['Dr. Okonjo', 'Dr. Wexler', 'Dr. Halvorsen'],
    tells: ['My dentist is {value}.', 'By the way, {value} has been my dentist since the spring.'],
    updates: [
      'I changed dentists, from now on I go to {value}.',
      'My new dentist is called {value}.',
    ],
    asks: [
      'Who is my dentist?',
      'What is the name of the dentist I go to?',
      'Which dentist do I see?',
    ],
    nearMisses: ['Where does my dentist park?', 'How expensive was the dentist?'],
  },
  {
    key: 'dog',
    values: ['Biscuit', 'Marlow', 'Pixel'],
    tells: [
      'We adopted a dog and named her {value}.',
      'Our dog is called {value}, she is asleep on the sofa.',
    ],
    updates: [
      'We renamed the dog, she listens to {value} now.',
      'Correction: the dog is called {value} these days.',
    ],
    asks: [
      'What is my dog called?',
      'Do you remember the name of our dog?',
      'What name did we give the dog?',
    ],
    nearMisses: ['What does my dog weigh?', 'Which breed is our dog?'],
  },
  {
    key: 'allergy',
    values: ['cashews', 'shellfish', 'penicillin'],
    tells: [
      'Please keep in mind that I am allergic to {value}.',
      'My doctor says I have become allergic to {value}.',
    ],
    updates: [
      'The test came back: I am allergic to {value}, not to what I said before.',
      'It turns out that I am allergic to {value} instead.',
    ],
    asks: [
      'What am I allergic to?',
      'Is there something I am allergic to?',
      'Which substance makes me allergic?',
    ],
    nearMisses: ['Which pharmacist treats my allergic rash?'],
  },
  {
    key: 'car-color',
    values: ['burgundy', 'turquoise', 'mustard yellow'],
    tells: ['My car is {value}.', 'I had the car painted {value} last summer.'],
    updates: [
      'The car has been repainted, it is {value} now.',
      'I sold it; the new car is {value}.',
    ],
    asks: ['What colour is my car?', 'Which color does the car have?'],
    nearMisses: ['How many doors has my car?', 'When was the car last serviced?'],
  },
  {
    key: 'sister-city',
    values: ['Ljubljana', 'Tromsø', 'Valparaíso'],
    tells: [
      'My sister lives in {value}.',
      'My sister moved to {value} for her job and lives there with two cats.',
    ],
    updates: [
      'My sister has moved again, she lives in {value} now.',
      'News: my sister is living in {value} since last week.',
    ],
    asks: ['Where does my sister live?', 'In which city is my sister living?'],
    nearMisses: ['What does my sister study?', 'How tall is my sister?'],
  },
  {
    key: 'shoe-size',
    values: ['43 and a half', '38 wide', '46'],
    tells: ['I wear running shoes in size {value}.', 'For running shoes my size is {value}.'],
    updates: [
      'With the new insoles my running shoes have to be size {value}.',
      'The shop measured again: running shoes in size {value} for me.',
    ],
    asks: ['Which size do my running shoes have?', 'What is my shoe size for running?'],
    nearMisses: ['Which brand are my running shoes?'],
  },
  {
    key: 'landlord',
    values: ['Mrs. Ferreira', 'Mr. Lindqvist', 'Ms. Abernathy'],
    tells: ['Our landlord is {value}.', 'The landlord of our flat, {value}, raised the rent.'],
    updates: [
      'The house was sold, our landlord is {value} now.',
      'As of May {value} is the new landlord.',
    ],
    asks: [
      'Who is our landlord?',
      'What is the name of my landlord?',
      'Which person is the landlord of my flat?',
    ],
    nearMisses: ['How old is our landlord?', 'Which bank does the landlord use?'],
  },
  {
    key: 'coffee',
    values: ['a cortado with oat milk', 'a double ristretto', 'cold brew with cinnamon'],
    tells: ['My usual coffee is {value}.', 'When it comes to coffee I always order {value}.'],
    updates: [
      'I changed my coffee order, it is {value} now.',
      'These days I take {value} for coffee.',
    ],
    asks: [
      'How do I take my coffee?',
      'Which coffee do I usually order?',
      'What is my coffee order?',
    ],
    nearMisses: ['Where did I buy the coffee grinder?'],
  },
  {
    key: 'guitar',
    values: ['Rickenbacker', 'Godin', 'Takamine'],
    tells: [
      'The guitar I play is a {value}.',
      'I bought a {value} guitar and play it every evening.',
    ],
    updates: [
      'I traded my guitar in and play a {value} now.',
      'The old guitar is gone, my guitar is a {value} from today.',
    ],
    asks: ['Which guitar do I play?', 'What kind of guitar do I have?'],
    nearMisses: ['Which strings are on my guitar?', 'Who taught me the guitar?'],
  },
  {
    key: 'pottery',
    values: ['Tuesday at six', 'Saturday morning', 'Thursday at half past seven'],
    tells: [
      'My pottery class is on {value}.',
      'I signed up for a pottery class, it meets on {value}.',
    ],
    updates: [
      'The pottery class was rescheduled to {value}.',
      'They moved pottery, the class is on {value} now.',
    ],
    asks: [
      'When is my pottery class?',
      'On which day do I have pottery?',
      'What time does the pottery class meet?',
    ],
    nearMisses: ['What does the pottery class cost?'],
  },
  {
    key: 'flight',
    values: ['TK1987', 'SQ26', 'AF1140'],
    tells: [
      'My flight to the conference is {value}.',
      'I booked flight {value} to the conference.',
    ],
    updates: [
      'They rebooked me, the flight to the conference is {value} now.',
      'The conference flight changed to {value}.',
    ],
    asks: [
      'What is my flight number to the conference?',
      'Which flight do I take to the conference?',
    ],
    nearMisses: ['What meal did I order on the flight?'],
  },
  {
    key: 'book-club',
    values: ['The Salt Orchard', 'Nine Winters', 'A Map of Small Rivers'],
    tells: ['Our book club is reading {value}.', 'This month the book club chose {value}.'],
    updates: [
      'The book club switched to {value}.',
      'Forget that one, the book club is reading {value} now.',
    ],
    asks: [
      'What is the book club reading?',
      'Which book did our club choose?',
      'Which title is the book club on?',
    ],
    nearMisses: ['Who hosts the book club?'],
  },
  {
    key: 'language',
    values: ['Welsh', 'Swahili', 'Hungarian'],
    tells: ['I started learning {value}.', 'I am learning {value} with an app before breakfast.'],
    updates: [
      'I dropped that and am learning {value} now.',
      'New plan: I am learning {value} instead.',
    ],
    asks: [
      'Which language am I learning?',
      'What am I learning?',
      'What language did I start to learn?',
    ],
    nearMisses: ['How much does my language learning app cost?'],
  },
  {
    key: 'lock-code',
    values: ['7391', '0268', '5514'],
    tells: ['The code of my bike lock is {value}.', 'I set the bicycle lock to the code {value}.'],
    updates: [
      'I reset the bike lock, its code is {value} now.',
      'New code for the bike lock: {value}.',
    ],
    asks: ['What is the code for my bicycle lock?', 'Which code opens the bike lock?'],
    nearMisses: ['Where is the spare key of my bike lock?'],
  },
  {
    key: 'tomato',
    values: ['Black Krim', 'Green Zebra', 'San Marzano'],
    tells: [
      'I planted {value} tomatoes on the balcony.',
      'The tomatoes I grow on the balcony are {value}.',
    ],
    updates: [
      'The tomatoes on the balcony died, so I planted {value} tomatoes.',
      'I replaced the balcony tomatoes with {value}.',
    ],
    asks: ['Which tomatoes grow on my balcony?', 'What kind of tomato did I plant?'],
    nearMisses: ['How often do I fertilise the tomatoes?'],
  },
  {
    key: 'anniversary',
    values: ['the 14th of June', 'the 3rd of October', 'the 27th of February'],
    tells: [
      'Our wedding anniversary is on {value}.',
      'We celebrate our wedding anniversary on {value}.',
    ],
    updates: [
      'I mixed it up, the wedding anniversary is on {value}.',
      'Correct that: our wedding anniversary is {value}.',
    ],
    asks: ['When is our wedding anniversary?', 'On which date do we celebrate the anniversary?'],
    nearMisses: ['Which restaurant did we book for the anniversary?'],
  },
  {
    key: 'supervisor',
    values: ['Professor Adeyemi', 'Professor Castellanos', 'Professor Brandvold'],
    tells: ['My thesis supervisor is {value}.', 'I write my thesis with {value} as supervisor.'],
    updates: [
      'I have a new thesis supervisor, {value}.',
      'My supervisor retired, {value} supervises the thesis now.',
    ],
    asks: ['Who supervises my thesis?', 'Who is the supervisor of my thesis?'],
    nearMisses: ['How many pages has my thesis?', 'When do I submit the thesis?'],
  },
  {
    key: 'passport',
    values: ['August 2029', 'January 2031', 'May 2028'],
    tells: ['My passport expires in {value}.', 'I checked my passport, it expires in {value}.'],
    updates: [
      'I renewed the passport, it expires in {value} now.',
      'The new passport expires in {value}.',
    ],
    asks: ['When does my passport expire?', 'How long until my passport expires?'],
    nearMisses: ['Which drawer is my passport in?'],
  },
  {
    key: 'school',
    values: ['Birchwood Primary', 'Saint Anselm', 'Lakeview Academy'],
    tells: ['My son goes to school at {value}.', 'Our son started school at {value}.'],
    updates: [
      'Our son changes school, he goes to {value} after the break.',
      'My son is at another school now, {value}.',
    ],
    asks: ['Which school does my son go to?', 'What is the name of my son’s school?'],
    nearMisses: ['Which grade did my son get in the school play?'],
  },
  {
    key: 'flour',
    values: ['spelt flour', 'dark rye flour', 'einkorn flour'],
    tells: ['I bake my bread with {value}.', 'For my sourdough bread I use {value}.'],
    updates: [
      'I switched, my bread is made with {value} now.',
      'The bread tastes better with {value}, so I use that from now on.',
    ],
    asks: ['Which flour do I use for bread?', 'What do I bake my bread with?'],
    nearMisses: ['How hot is the oven when I bake bread?'],
  },
  {
    key: 'chess',
    values: ['the Caro-Kann', 'the London System', 'the Sicilian Dragon'],
    tells: ['In chess I open with {value}.', 'My chess opening is {value}.'],
    updates: [
      'I gave up my old chess opening and play {value} now.',
      'My coach made me switch, my chess opening is {value} now.',
    ],
    asks: ['Which chess opening do I play?', 'How do I open in chess?'],
    nearMisses: ['What is my chess rating?'],
  },
  {
    key: 'hairdresser',
    values: ['Salon Petrov', 'The Clip Joint', 'Studio Anouk'],
    tells: [
      'I get my hair cut at {value}.',
      'My hairdresser is {value}, they cut my hair every six weeks.',
    ],
    updates: [
      'I get my hair cut somewhere else now, at {value}.',
      'Since the move {value} cuts my hair.',
    ],
    asks: ['Where do I get my hair cut?', 'Who cuts my hair?'],
    nearMisses: ['Which shampoo is good for my hair?'],
  },
  {
    key: 'locker',
    values: ['B17', 'D204', 'F66'],
    tells: [
      'My locker at the station is number {value}.',
      'I put the suitcase into locker {value} at the station.',
    ],
    updates: [
      'I had to move the suitcase to locker {value} at the station.',
      'The locker was broken; it is locker {value} at the station now.',
    ],
    asks: ['Which locker at the station is mine?', 'What is the number of my locker?'],
    nearMisses: ['How much did the locker cost per hour?'],
  },
  {
    key: 'standup',
    values: ['a quarter past nine', 'ten sharp', 'eleven thirty'],
    tells: ['Our team standup begins at {value}.', 'The standup of my team is at {value}.'],
    updates: [
      'The standup begins at {value} from next week on.',
      'We moved the team standup to {value}.',
    ],
    asks: ['When does our standup begin?', 'What time is the team standup?'],
    nearMisses: ['Who moderates our standup?'],
  },
]
