import { expect, test } from 'vitest'
import { listenerShare } from './listener-share.ts'

test.each([
  ['nothing of either', 'The kiln broke yesterday.', 0],
  ['the speaker alone', "I've fired my bowls, and we sold ours.", 0],
  ['the listener alone', "You're so brave! Your talk was great.", 100],
  ['both, in whole percent', "I'm sure you and your bowls will do well.", 67],
  ['another apostrophe', 'You’ll see what I’d do', 50],
  ['no question', 'I sold a bowl! Did you sell yours? What about your vase?!', 0],
  ['words that only look alike', 'Youth is mine-work, iron is ours', 0],
  ['another script', '你今天很忙。', 0],
  ['nothing', '', 0],
])('listenerShare() counts %s', (_, text, share) => {
  expect(listenerShare(text)).toBe(share)
})
