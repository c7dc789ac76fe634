import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

import type { PairingState } from '../../../plugin/contract/connection.ts'
import { parsePhone } from '../../../plugin/contract/ids.ts'
import type { PasskeyOptions, PasskeyOutcome } from '../../../plugin/contract/passkey.ts'
import { createAuthenticator, type Credential, type Difference } from '../../support/authenticator.ts'
import { qrOf, type RunningGateway } from '../../support/gateway.ts'
import { placesInTurn } from '../../support/places-in-turn.ts'
import { given } from '../../support/given.ts'

const nextPlace = placesInTurn()

async function town() {
  const place = await nextPlace({ environment: { LOG_LEVEL: 'trace' } })
  const { network, gateway } = place
  await gateway.open()
  await network.behaves({ passkey_before_linking: true })
  const owner = await network.phone('owner')
  const authenticator = createAuthenticator()
  await owner.ownsPasskey(authenticator)
  return {
    ...place,
    owner,
    authenticator,
  }
}
type Town = Awaited<ReturnType<typeof town>>

/** The first state of a pairing that waits for a passkey in this step. */
const passkeyIn = (gateway: RunningGateway, session: string, step: string) =>
  gateway.event(
    event =>
      event.event === 'pairing' &&
      event.session === session &&
      'passkey' in event.state &&
      event.state.passkey.step === step &&
      event.state,
  )

/** Scans the code of a new pairing, and gives what the authenticator is asked. */
async function asked({ gateway, owner }: Town, session = 'qrs_1'): Promise<PasskeyOptions> {
  await gateway.supervisor.call('pairing.start', { ...gateway.account, session })
  expect(await owner.scan(qrOf(await gateway.pairing(session, 'pending')))).toMatchObject({ why: 'passkey_demanded' })
  return optionsIn(await passkeyIn(gateway, session, 'wanted'))
}

function optionsIn(state: PairingState): PasskeyOptions {
  if (!('passkey' in state) || state.passkey.step !== 'wanted') throw new Error('no passkey is wanted')
  return state.passkey.options
}

function give({ gateway }: Town, given: Credential | string, session = 'qrs_1'): Promise<PasskeyOutcome> {
  const assertion = typeof given === 'string' ? given : JSON.stringify(given)
  return gateway.supervisor.call('pairing.passkey', { ...gateway.account, session, assertion })
}

async function beginByCode({ gateway, owner }: Town): Promise<void> {
  const phone = given(parsePhone(owner.phone))
  await gateway.supervisor.call('pairing.start_code', { ...gateway.account, session: 'qrs_1', phone })
}

const stepsOf = async ({ network }: Town): Promise<string[]> =>
  (await network.ledger()).passkeys.map(({ step, outcome }) => `${step} ${outcome}`)

const WHOLE = ['ref taken', 'passkey_prologue taken', 'companion_nonce taken', 'encrypted_pairing_request taken']

describe('an account that wants a passkey', () => {
  it('is linked when one is given, and neither it nor what was asked is left anywhere', async () => {
    await using scene = await town()
    const { gateway, network, owner, authenticator } = scene
    const options = await asked(scene)
    expect(options).toMatchObject({ rpId: 'whatsapp.com', timeout: 600_000, userVerification: 'required' })
    const { expiresAt } = await passkeyIn(gateway, 'qrs_1', 'wanted')
    expect(expiresAt - Date.now()).toBeGreaterThan(590_000)
    expect(expiresAt - Date.now()).toBeLessThanOrEqual(600_000)
    expect(await stepsOf(scene)).toEqual([])

    const credential = authenticator.answers(options)
    expect(await give(scene, credential)).toEqual({ outcome: 'given' })
    expect(await gateway.pairing('qrs_1', 'connected')).toEqual({ status: 'connected', phone: owner.phone })
    expect(await gateway.supervisor.call('account.ping', gateway.account)).toEqual({ phone: owner.phone })
    expect(await stepsOf(scene)).toEqual(WHOLE)
    expect((await network.ledger()).pairings).toMatchObject([{ shownAs: 'Agentcy' }])

    const kept = [gateway.file, `${gateway.file}-wal`].map(file => readFileSync(file, 'latin1')).join('')
    const { challenge } = options
    const secrets = [challenge, credential.id, ...Object.values(credential.response)].map(String)
    // Not as texts: what failed would be printed.
    const logged = JSON.stringify(gateway.lines)
    expect(secrets.filter(secret => logged.includes(secret) || kept.includes(secret))).toHaveLength(0)
  })

  it('is linked by a typed code as well, and with options that are asked for and name the passkey', async () => {
    await using scene = await town()
    const { gateway, network, owner, authenticator } = scene
    await network.behaves({ passkey_options_come: 'when_asked', passkey_is_named: true })
    await beginByCode(scene)
    const shown = await gateway.pairing('qrs_1', 'pending')
    const code = 'pairingCode' in shown ? shown.pairingCode : ''
    expect(await owner.entersCode(code)).toMatchObject({ why: 'passkey_demanded' })
    const options = optionsIn(await passkeyIn(gateway, 'qrs_1', 'wanted'))
    expect(options.allowCredentials).toEqual([
      { id: authenticator.credentialId, type: 'public-key', transports: ['internal'] },
    ])
    const other = createAuthenticator()
    expect(await give(scene, other.answers(options))).toEqual({ outcome: 'refused', problem: 'other_passkey' })
    expect(await give(scene, authenticator.answers(options))).toEqual({ outcome: 'given' })
    await gateway.pairing('qrs_1', 'connected')
    expect(await stepsOf(scene)).toEqual(['passkey_request_options taken', ...WHOLE])
  })
})

describe('an answer that is not right', () => {
  it('is refused by us with what is wrong, sends nothing, and may be given again', async () => {
    await using scene = await town()
    const { gateway, authenticator } = scene
    const options = await asked(scene)
    const differences: [string, Difference][] = [
      ['other_challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
      ['other_origin', { origin: 'https://example.com' }],
      ['wrong_ceremony', { type: 'webauthn.create' }],
      ['other_domain', { rpId: 'example.com' }],
      ['not_confirmed', { flags: 0x04 }],
      ['not_verified', { flags: 0x01 }],
    ]
    for (const [problem, difference] of differences) {
      expect(await give(scene, authenticator.answers(options, difference))).toEqual({ outcome: 'refused', problem })
    }
    for (const text of ['', '{', 'null', 'x'.repeat(20_001)]) {
      expect(await give(scene, text)).toMatchObject({ outcome: 'refused' })
    }
    const good = authenticator.answers(options)
    expect(await give(scene, good, 'qrs_9')).toEqual({ outcome: 'not_awaited' })
    expect(await stepsOf(scene)).toEqual([])
    expect(gateway.events.filter(event => event.event === 'pairing' && event.state.status === 'expired')).toEqual([])

    expect(await Promise.all([give(scene, good), give(scene, good)])).toEqual([
      { outcome: 'given' },
      { outcome: 'not_awaited' },
    ])
    await gateway.pairing('qrs_1', 'connected')
    expect(await stepsOf(scene)).toEqual(WHOLE)
  })

  it('is refused by us when it comes late, and the pairing says that none was given', async () => {
    await using scene = await town()
    const { gateway, network, authenticator } = scene
    await network.behaves({ passkey_timeout_ms: 1_500 })
    const options = await asked(scene)
    expect(await gateway.pairing('qrs_1', 'expired')).toEqual({ status: 'expired', reason: 'passkey_required' })
    expect(await gateway.connection('not_paired', 1)).toMatchObject({ reason: 'passkey_required' })
    expect(await give(scene, authenticator.answers(options))).toEqual({ outcome: 'not_awaited' })
    await network.ledgerWhen(page => page.closings.length === 1)
    expect(await stepsOf(scene)).toEqual([])
  })
})

describe('a linking with a passkey', () => {
  it('ends when it is stopped in the middle, and nothing more goes out', async () => {
    await using scene = await town()
    const { gateway, network, owner, authenticator } = scene
    await network.faults.passkey(owner, 'continuation_withheld')
    await give(scene, authenticator.answers(await asked(scene)))
    await network.ledgerWhen(page => page.passkeys.some(({ step }) => step === 'passkey_prologue'))
    await gateway.supervisor.call('pairing.stop', { ...gateway.account, session: 'qrs_1' })
    expect(await gateway.pairing('qrs_1', 'expired')).toMatchObject({ reason: 'pairing_ended' })
    await network.ledgerWhen(page => page.closings.length === 1)
    expect(await stepsOf(scene)).toEqual(WHOLE.slice(0, 2))

    await network.faults.passkey(owner, null)
    await give(scene, authenticator.answers(await asked(scene, 'qrs_2')), 'qrs_2')
    await gateway.pairing('qrs_2', 'connected')
  })

  it.each(['before', 'after'] as const)('leaves nothing when the gateway dies %s the answer', async when => {
    await using scene = await town()
    const { gateway, network, owner, authenticator } = scene
    await network.faults.passkey(owner, 'continuation_withheld')
    const options = await asked(scene)
    if (when === 'after') {
      await give(scene, authenticator.answers(options))
      await network.ledgerWhen(page => page.passkeys.some(({ step }) => step === 'passkey_prologue'))
    }
    process.kill(gateway.supervisor.pid() ?? 0, 'SIGKILL')
    await gateway.whenReady(2)
    expect(await gateway.open()).toEqual({ status: 'not_paired', reason: null })
    expect(await give(scene, authenticator.answers(options))).toEqual({ outcome: 'not_awaited' })
    await network.faults.passkey(owner, null)
    await give(scene, authenticator.answers(await asked(scene, 'qrs_2')), 'qrs_2')
    await gateway.pairing('qrs_2', 'connected')
  })

  it.each([
    ['options_garbled', 'passkey_unreadable', []],
    ['prologue_refused', 'passkey_refused', ['ref taken', 'passkey_prologue refused']],
    ['continuation_garbled', 'passkey_unreadable', WHOLE.slice(0, 2)],
    ['continuation_short', 'passkey_unreadable', WHOLE.slice(0, 2)],
    ['continuation_zero_key', 'passkey_unreadable', WHOLE.slice(0, 2)],
  ] as const)('ends with a word of its own at %s: %s', async (fault, reason, steps) => {
    await using scene = await town()
    const { gateway, network, owner, authenticator } = scene
    await network.faults.passkey(owner, fault)
    if (fault === 'options_garbled') {
      await gateway.supervisor.call('pairing.start', { ...gateway.account, session: 'qrs_1' })
      await owner.scan(qrOf(await gateway.pairing('qrs_1', 'pending')))
    } else {
      await give(scene, authenticator.answers(await asked(scene)))
    }
    expect(await gateway.pairing('qrs_1', 'expired')).toEqual({ status: 'expired', reason })
    expect(await gateway.connection('not_paired', 1)).toMatchObject({ reason })
    await network.ledgerWhen(page => page.closings.length === 1)
    expect(await stepsOf(scene)).toEqual(steps)
  })

  it('before any code has come ends with the word of the step that was refused', async () => {
    await using scene = await town()
    const { gateway, network, owner, authenticator } = scene
    await network.behaves({ passkey_comes: 'before_any_code' })
    await network.faults.passkey(owner, 'prologue_refused')
    await beginByCode(scene)
    const options = optionsIn(await passkeyIn(gateway, 'qrs_1', 'wanted'))
    await give(scene, authenticator.answers(options))
    expect(await gateway.pairing('qrs_1', 'expired')).toEqual({ status: 'expired', reason: 'passkey_refused' })
    expect(await gateway.connection('not_paired', 1)).toMatchObject({ reason: 'passkey_refused' })
  })

  it('goes on when WhatsApp gives no code beside it', async () => {
    await using scene = await town()
    const { gateway, network, authenticator } = scene
    await network.behaves({ passkey_comes: 'before_any_code', passkey_options_come: 'when_asked' })
    await network.faults.pairing(scene.owner, 'code_refused')
    await beginByCode(scene)
    const options = optionsIn(await passkeyIn(gateway, 'qrs_1', 'wanted'))
    await give(scene, authenticator.answers(options))
    await gateway.pairing('qrs_1', 'connected')
  })

  it('is refused by WhatsApp when the passkey is not the account’s', async () => {
    await using scene = await town()
    const { gateway } = scene
    expect(await give(scene, createAuthenticator().answers(await asked(scene)))).toEqual({ outcome: 'given' })
    expect(await gateway.pairing('qrs_1', 'expired')).toMatchObject({ reason: 'passkey_refused' })
  })
})
