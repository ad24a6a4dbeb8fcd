const adjectives = [
  'Amber',
  'Brave',
  'Bright',
  'Calm',
  'Clever',
  'Curious',
  'Gentle',
  'Golden',
  'Honest',
  'Keen',
  'Lively',
  'Lucid',
  'Mellow',
  'Nimble',
  'Patient',
  'Quiet',
  'Steady',
  'Sunny',
  'Tidy',
  'Witty',
] as const

const nouns = [
  'Badger',
  'Beacon',
  'Cedar',
  'Comet',
  'Falcon',
  'Garden',
  'Harbor',
  'Heron',
  'Lantern',
  'Maple',
  'Meadow',
  'Otter',
  'Pebble',
  'Raven',
  'River',
  'Sparrow',
  'Summit',
  'Thistle',
  'Willow',
  'Wren',
] as const

/** A name such as `QuietOtter`, chosen by the random digits of a UUID. */
export function randomName(uuid: string): string {
  const digits = uuid.replaceAll('-', '')
  const adjective = adjectives[Number.parseInt(digits.slice(-6, -3), 16) % adjectives.length]
  const noun = nouns[Number.parseInt(digits.slice(-3), 16) % nouns.length]
  return `${adjective}${noun}`
}
