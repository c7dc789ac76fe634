import { chmod, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { openTokens } from '../../../host-stub/agentcy/tokens.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const GIVEN = 'a-token-of-the-environment'
const permissions = async (path: string): Promise<number> => (await stat(path)).mode & 0o777

describe('tokens', () => {
  it('knows the org, user and role of a token that it minted', async () => {
    await using home = await temporaryFolder()
    const tokens = openTokens(home.path)
    const { token } = tokens.mint({ org: 'org_a', role: 'member', user: 'usr_dana' })
    expect(token).toMatch(/^ak_live_[A-Za-z0-9_-]{43}$/)
    expect(tokens.authenticate(token)).toEqual({ org: 'org_a', user: 'usr_dana', role: 'member' })
  })

  it('makes up a user when none is named', async () => {
    await using home = await temporaryFolder()
    const { record } = openTokens(home.path).mint({ org: 'org_a', role: 'viewer' })
    expect(record.user).toMatch(/^usr_[0-9A-Z]{26}$/)
  })

  it('keeps no token on disk, and what it keeps is closed to others', async () => {
    await using home = await temporaryFolder()
    const { token, record } = openTokens(home.path).mint({ org: 'org_a', role: 'owner' })
    const folder = join(home.path, 'tokens')
    expect(await readdir(folder)).toEqual([`${record.id}.json`])
    const kept = await readFile(join(folder, `${record.id}.json`), 'utf8')
    expect(kept).not.toContain(token.slice(8))
    expect(await permissions(folder)).toBe(0o700)
    expect(await permissions(join(folder, `${record.id}.json`))).toBe(0o600)
  })

  it('opens to nothing but a whole token', async () => {
    await using home = await temporaryFolder()
    const tokens = openTokens(home.path)
    const { token } = tokens.mint({ org: 'org_a', role: 'owner' })
    expect(tokens.authenticate(token.slice(0, -1))).toBeNull()
    expect(tokens.authenticate(`${token} `)).toBeNull()
    fc.assert(fc.property(fc.string(), other => tokens.authenticate(other) === null))
  })

  it('heeds what another process mints and revokes, at once', async () => {
    await using home = await temporaryFolder()
    const running = openTokens(home.path)
    const commandLine = openTokens(home.path)
    const { token, record } = commandLine.mint({ org: 'org_a', role: 'admin' })
    expect(running.authenticate(token)?.role).toBe('admin')
    expect(commandLine.revoke(record.id)).toBe(true)
    expect(running.authenticate(token)).toBeNull()
    expect(running.list()).toEqual([])
  })

  it('revokes nothing under an id that names no token', async () => {
    await using home = await temporaryFolder()
    const tokens = openTokens(home.path)
    await writeFile(join(home.path, 'other.json'), '{}')
    expect(tokens.revoke('../other')).toBe(false)
    expect(tokens.revoke('key_0000000000000000')).toBe(false)
    expect(await readdir(home.path)).toContain('other.json')
  })

  it('makes the token of the environment the owner, and takes an earlier one back', async () => {
    await using home = await temporaryFolder()
    const tokens = openTokens(home.path)
    const minted = tokens.mint({ org: 'org_local', role: 'owner' })
    tokens.keepFromEnvironment(GIVEN)
    tokens.keepFromEnvironment(GIVEN)
    expect(tokens.authenticate(GIVEN)).toEqual({ org: 'org_local', user: 'usr_local', role: 'owner' })
    expect(tokens.list()).toHaveLength(2)
    tokens.keepFromEnvironment(`${GIVEN}-anew`)
    expect(tokens.authenticate(GIVEN)).toBeNull()
    expect(tokens.authenticate(`${GIVEN}-anew`)?.role).toBe('owner')
    expect(tokens.authenticate(minted.token)?.role).toBe('owner')
  })

  it.each([
    'short',
    'with a space in the middle',
    'ünïcödé-ünïcödé-ünïcödé',
    'a'.repeat(16),
    'abababababababab',
    'aaaabbbbccccdddd',
  ])('refuses AGENTCY_TOKEN "%s"', async token => {
    await using home = await temporaryFolder()
    expect(() => openTokens(home.path).keepFromEnvironment(token)).toThrow(/AGENTCY_TOKEN must be 16 to 256/)
  })

  it.each([
    { org: '../b', role: 'owner' },
    { org: '', role: 'owner' },
    { org: 'org_a', role: 'owner', user: 'dana' },
  ] as const)('mints nothing for %o', async owner => {
    await using home = await temporaryFolder()
    const tokens = openTokens(home.path)
    expect(() => tokens.mint(owner)).toThrow(/is named by/)
    expect(tokens.list()).toEqual([])
  })

  it.each(['', '{', '[]', '{"id":"x"}', '{"id":"x","org":"o","user":"u","role":"god","digest":""}'])(
    'lets nobody in by a record that reads %s',
    async damaged => {
      await using home = await temporaryFolder()
      const tokens = openTokens(home.path)
      const { token, record } = tokens.mint({ org: 'org_a', role: 'owner' })
      await writeFile(join(home.path, 'tokens', `${record.id}.json`), damaged)
      expect(tokens.authenticate(token)).toBeNull()
    },
  )

  it('does not start on a folder or file that others may open, and names it', async () => {
    await using home = await temporaryFolder()
    const { record } = openTokens(home.path).mint({ org: 'org_a', role: 'owner' })
    const folder = join(home.path, 'tokens')
    const file = join(folder, `${record.id}.json`)
    await chmod(file, 0o644)
    expect(() => openTokens(home.path)).toThrow(`${file} has mode 0644`)
    await chmod(file, 0o600)
    await chmod(folder, 0o755)
    expect(() => openTokens(home.path)).toThrow(`${folder} has mode 0755`)
  })

  it('does not follow a link in the place of its folder', async () => {
    await using home = await temporaryFolder()
    await using elsewhere = await temporaryFolder()
    await symlink(elsewhere.path, join(home.path, 'tokens'))
    expect(() => openTokens(home.path)).toThrow('is a symbolic link')
  })
})
