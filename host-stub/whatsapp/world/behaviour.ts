import type { z } from 'zod'

/** A reported behaviour of WhatsApp: its possible values, its default, and the source of the report. */
export interface Behaviour<Value extends z.ZodType> {
  value: Value
  initial: z.output<Value>
  source: string
}

export const behaviour = <Value extends z.ZodType>(described: Behaviour<Value>): Behaviour<Value> => described
