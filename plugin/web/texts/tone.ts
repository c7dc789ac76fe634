/** What a word means for the reader: all is well, wait, do something, or nothing of these. */
export type Tone = 'good' | 'wait' | 'bad' | 'plain'
