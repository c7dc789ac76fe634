import { expect, it } from 'vitest'

import { rejectionSentence } from '../../../../client/texts/rejection-words.ts'

it.each([
  [463, null, /^WhatsApp does not allow .*\. \(WhatsApp’s code 463\)$/],
  [479, null, /^WhatsApp rejected it\. It is not retried\. \(WhatsApp’s code 479\)$/],
  [null, 'This number is not on WhatsApp.', /^This number is not on WhatsApp\.$/],
  [null, null, /^It could not be created: /],
])('code %s and detail %j are said in one sentence, with the code', (code, detail, sentence) => {
  expect(rejectionSentence(code, detail)).toMatch(sentence)
})
