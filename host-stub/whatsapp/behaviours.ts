import { z } from 'zod'

/** One thing that WhatsApp is reported to do: what it can be set to, whether it is so by itself, and who reports it. */
interface Behaviour<Value extends z.ZodType> {
  value: Value
  initial: z.output<Value>
  source: string
}

const behaviour = <Value extends z.ZodType>(described: Behaviour<Value>): Behaviour<Value> => described

/**
 * What WhatsApp was reported to do by November 2026, each a switch by itself: where reports contradict one another, tests set it
 * both ways. None of it was seen on WhatsApp by us.
 */
export const behaviours = {
  /** The second (UTC) from which the server says that it will refuse this client; null: it says nothing. */
  client_expiration: behaviour({
    value: z.int().min(0).nullable(),
    initial: null,
    source:
      'whatsapp-rust ea4ea0b4 (2026-08-16), src/handlers/ib.rs: <ib><client_expiration t>; without t it is withdrawn',
  }),
}

type Known = typeof behaviours
/** How each behaviour is set. */
export type Behaviours = { [Name in keyof Known]: z.output<Known[Name]['value']> }

/** Every behaviour as it is by itself. */
export function initialBehaviours(): Behaviours {
  const entries = Object.entries(behaviours).map(([name, { initial }]) => [name, initial])
  return Object.fromEntries(entries) as Behaviours
}

const optional = Object.entries(behaviours).map(([name, { value }]) => [name, value.optional()])

/** Some behaviours, each with what it is to be set to. */
export const behaviourChange = z.strictObject(Object.fromEntries(optional)) as unknown as z.ZodType<
  Partial<Behaviours>,
  Partial<Behaviours>
>
