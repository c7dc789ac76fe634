/** What a word means for whoever reads it: all is well, wait, do something, or nothing of these. */
export type Tone = 'good' | 'wait' | 'bad' | 'plain'
