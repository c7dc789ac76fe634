import type { Costly } from './query-plans.ts'

/** What reads or sorts so much nevertheless, and why it may: its line, and a part of its statement. */
const ALLOWED: readonly (readonly [line: RegExp, statement: RegExp, why: string])[] = [
  [/./, /sqlite_(master|schema)|kysely_migration/, 'the schema is looked at once, when the store is opened'],
  [/^SCAN (CONSTANT ROW|send_sequences|sequences|retention)$/, /./, 'one row, or one for each org'],
  [/^SCAN (json_each|placed) VIRTUAL TABLE/, /json_each\(\?\)/, 'those that are named, each once'],
  [/^SCAN (chats|first|heads)$/, /with recursive/, 'one row for each chat in which something waits'],
  [
    /^(SCAN \(subquery-\d+\)|SCAN (line|ranked|idle|dues|retried|lapsed|held|gathering)|USE TEMP B-TREE FOR .*)$/,
    /^\s*(with recursive heads[^]* from turns |select min\(at\) as at from \()/,
    'one row for each chat in which a turn waits, and one for each thing that turns wait for',
  ],
  [
    /^SCAN (attachments USING COVERING INDEX attachments_by_wait|first|heads)$/,
    /^\s*with recursive heads[^]* from attachments /,
    'the first row of the index, and one row for each account that files wait for',
  ],
  [
    /./,
    /where [\w".]*"org" = \? order by [\w".]+( desc)? limit \? \+ 0$/,
    'a page of an org, in the order of the index',
  ],
  [
    /messages_by_(conversation \(chat_key=\? AND org=\?|sender \(sender_id=\? AND chat_key=\?) AND seq<\?\)$/,
    /order by "messages"\."seq" desc limit \? \+ 0$/,
    'a page of a chat, in the order of the index',
  ],
  [
    /(messages_by_account|turns_by_account) \(/,
    /"account" = \? and [\w".]*"account" <> '' order by [\w".]+ desc limit \? \+ 0$/,
    'a page of an account, in the order of the index',
  ],
  [
    /sends_4 \(org=\? AND seq<\?\)$/,
    /where "sends"\."org" = \? and "sends"\."seq" < \? order by "sends"\."seq" desc limit \? \+ 0$/,
    'a page of an org, in the order of the index',
  ],
  [
    /sends_by_account \(/,
    /"account" = \? and [\w".]*"account" <> '' order by "sends"\."seq" desc limit \? \+ 0$/,
    'a page of an account, in the order of the index',
  ],
  [
    /messages_by_conversation \(chat_key=\? AND org=\?\)$/,
    /^select "expires_in" .* order by "seq" desc limit \? \+ 0$/,
    'the newest message of a chat, the first row of the index',
  ],
  [
    /messages_by_sender \(sender_id=\? AND chat_key=\?\)$/,
    /^select "sender_name" .* order by "seq" desc limit \? \+ 0$/,
    'the last twenty that somebody wrote in a chat, in the order of the index',
  ],
  [/turns_by_chat \(/, /order by turns\.id desc limit 1$/, 'the newest turn of a chat, the first row of the index'],
  [/./, /^select "\w+" as "at" from "\w+" order by "id" desc limit \? \+ 0$/, 'the newest row'],
  [/(messages_2|sends_by_expiry) \(/, /^select min\("\w+"\)/, 'the first row of the index'],
  [/\(chat_key=\?\)$/, /^update "\w+" set "chat_key"/, 'the chat with one person who was two'],
  [
    /\(sender_id=\?\)$/,
    /^update "messages" set "sender_id"|group by "stanza_id", "edits", "chat_key"|^delete from "people"/,
    'the messages of one person who was two',
  ],
  [/^SEARCH send_changes/, /^delete/, 'as many as are forgotten at a time'],
  [/^USE TEMP B-TREE/, /group by "stanza_id", "edits", "chat_key"/, 'the messages of one person who was two'],
  [/sends_by_wait \(org=\?\)$/, /^select count\(\*\)/, 'what waits of an org, which is limited'],
  [/^USE TEMP B-TREE/, /^select count\(distinct "chat_key"\)/, 'what has one text and is not an hour old'],
  [/^USE TEMP B-TREE/, /from "binding_revisions"/, 'the bindings as they were, for somebody who asks'],
  [/^USE TEMP B-TREE/, /^select [^]*"began_at" <= \?/, 'the turns under way, which have places'],
  [/^SCAN turns USING COVERING INDEX turns_given_up$/, /./, 'what was given up and waits for a person'],
  [
    /turns_by_wait \(status=\?\)$/,
    /^select "id", ("crashes"|"org", "message_id" as "messageId") from "turns"/,
    'what was under way or has failed when a host begins, once',
  ],
  [/turns_by_wait \(status=\?\)$/, /"began_at" <= \?/, 'the turns under way, which have places'],
  [
    /turns_by_\w+ \(org=\? AND status=\?\)$/,
    /^select min\("began_at"\)/,
    'the turns of an org under way, which have places',
  ],
  [/turns_by_status \(org=\? AND status=\?\)$/, /^select "status", count\(\*\)/, 'what a metric counts along an index'],
  [
    /turns_by_(wait|status) \((status=\? AND )?org=\?.*\)$/,
    /from "turns" .* order by "(turns"\.")?id"( desc)? limit \? \+ 0$/,
    'a page, or the first row, in the order of the index',
  ],
  [
    /turns_by_wait \(status=\?( AND org=\? AND account=\?)?\)$/,
    /^\s*with recursive heads/,
    'the first row of the index',
  ],
  [
    /turns_by_wait \(/,
    /^update "turns" set "backlog_until" = \? where "status" in /,
    'all that waits in an account, once its host begins',
  ],
  [/turns_(held|gathering) \(/, /^\s*select min\(at\)/, 'the first row of the index'],
  [
    /turns_gathering \(/,
    /^update "turns" set "backlog_until" = \? where "gathers_until" is not null and \+status = \?$/,
    'all that gathers, when all connections are gone',
  ],
  [/turns_(gathering_by_chat|held_by_account) \(/, /./, 'what gathers or is held there, and no more'],
  [/^SCAN approvals USING INDEX approvals_answered$/, /./, 'what was answered in a chat and is not decided yet'],
  [/^SCAN sends USING COVERING INDEX sends_by_wait$/, /^select distinct/, 'what waits, once, at a start'],
]

/** Whether a costly line may be so. */
export const isAllowed = ({ line, sql }: Costly): boolean =>
  ALLOWED.some(([plan, part]) => plan.test(line) && part.test(sql))
