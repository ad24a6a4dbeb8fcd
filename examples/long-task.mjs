// A task that takes days: `node examples/long-task.mjs` in a project that has letta-ts installed.
import { createClient } from 'letta-ts/sdk'

const client = createClient()

// Any program may begin it; nothing waits for it here.
const agent = await client.getOrCreateAgent({ name: 'Clerk' })
const place = { agentId: agent.id }
const runId = await client.submitMessage({
  ...place,
  message: 'Prepare the report.',
  otid: 'report-2026-11',
})

// Any other program may watch it by the message's key, live or afterwards.
for await (const event of client.watch({ ...place, otid: 'report-2026-11' })) {
  if (event.type === 'end') console.log(event.response[0].text)
}

// It rests for as long as it takes, through restarts, and goes on in the same run.
await client.pause(place)
await client.resume(place)

// Word from outside wakes a turn that waits for it, or is kept for the next that will.
await client.signal({ ...place, name: 'invoice-paid', payload: { amount: 3 } })

// Every working day, while a server runs.
const schedule = await client.schedule({
  ...place,
  message: 'What is due today?',
  cron: '0 9 * * 1-5',
  timezone: 'Europe/Berlin',
})
console.log(schedule.nextAt)
await client.removeSchedule({ scheduleId: schedule.id })

// Calls that need somebody's word.
for (const call of await client.pendingCalls({ runId })) console.log(call.name, call.arguments)
await client.close()
