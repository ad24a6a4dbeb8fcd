import { z } from 'zod'
import type { ActionTool } from '../tool.ts'

const parameters = z.lazy(() =>
  z.object({
    message: z
      .string()
      .describe('What to say to the user, in any language and with any characters.'),
  }),
)

/** Shows a message to the user; for agent types that speak through a tool. The message is read from the call itself. */
export const sendMessage: ActionTool<z.infer<typeof parameters>> = {
  kind: 'action',
  name: 'send_message',
  description: 'Say something to the user.',
  parameters,
  tags: ['letta_core'],
  toolType: 'letta_core',
  parallel: false,
  returnLimit: 1000,
  replay: 'idempotent',
  quotesMemory: false,
  run: async () => ({ text: 'Sent message successfully.' }),
}
