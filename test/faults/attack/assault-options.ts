/** How it is used. */
export const usage = 'The attackers are started by the attack: npm run attack'

/** What they are told comes in messages. */
export const options = {}
