/** What a word means to the user: all is well, wait, act, or neutral. */
export type Tone = 'good' | 'wait' | 'bad' | 'plain'
