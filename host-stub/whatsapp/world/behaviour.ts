import type { z } from 'zod'

/** One thing that WhatsApp is reported to do: what it can be set to, whether it is so by itself, and who reports it. */
export interface Behaviour<Value extends z.ZodType> {
  value: Value
  initial: z.output<Value>
  source: string
}

export const behaviour = <Value extends z.ZodType>(described: Behaviour<Value>): Behaviour<Value> => described
