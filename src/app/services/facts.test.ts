import { expect, it } from 'vitest'
import { defaultScope } from '../../domain/scope.ts'
import { createTestApp } from '../../testing/create-test-app.ts'
import { createFakeClock } from '../../testing/fake-clock.ts'

it('says that nothing is known to be true now, however long it took to ask', async () => {
  const clock = createFakeClock()
  let passed = 0
  const ticking = { ...clock, now: () => clock.now() + (passed += 1) }
  await using test = await createTestApp({ clock: ticking })
  const { id } = await test.createAgent()
  const query = { text: '', kind: 'fact', history: false, limit: 9, offset: 0 } as const
  expect(await test.app.services.facts.list(defaultScope, id, query)).toMatchObject({
    hits: [],
    reason: 'No fact is known that is true now.',
  })
})
