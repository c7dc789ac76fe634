import fc from 'fast-check'

const nearlyRight = fc.record(
  {
    to: fc.oneof(fc.constant('+972500000002'), fc.string(), fc.jsonValue()),
    text: fc.oneof(fc.string(), fc.jsonValue()),
    reaction: fc.oneof(fc.record({ message_id: fc.string(), emoji: fc.string() }), fc.jsonValue()),
    agent: fc.oneof(fc.constant('echo'), fc.jsonValue()),
    match_rule: fc.oneof(
      fc.record({ from: fc.string(), text_regex: fc.string() }, { requiredKeys: [] }),
      fc.jsonValue(),
    ),
    fields: fc.oneof(fc.record({ display_name: fc.string() }), fc.jsonValue()),
    id: fc.oneof(fc.string(), fc.jsonValue()),
    session_id: fc.oneof(fc.string(), fc.jsonValue()),
    limit: fc.jsonValue(),
  },
  { requiredKeys: [] },
)
/** Any JSON, and JSON that is nearly what some call takes. */
export const anyJson = fc.oneof(fc.jsonValue({ maxDepth: 6 }), nearlyRight)
