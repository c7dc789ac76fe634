const TOKEN = 'agentcy.token'
const EXCHANGE = '/api/v1/auth/exchange'
const CODE = /^#signin=([A-Za-z0-9_-]{16,128})$/

/** The token of the page's user: stored for this tab only, until it is closed. */
export const keptToken = (): string | null => sessionStorage.getItem(TOKEN)
export const keepToken = (token: string): void => sessionStorage.setItem(TOKEN, token)
export const forgetToken = (): void => sessionStorage.clear()

/** Takes the code of a sign-in link out of the address at once, so that it is not seen or bookmarked. */
export function takeCode(): string | null {
  const [, code] = CODE.exec(location.hash) ?? []
  if (code === undefined) return null
  history.replaceState(null, '', location.pathname)
  return code
}

/** Exchanges a code for a token, once; null if the code was used or has expired. */
export async function exchangeCode(code: string): Promise<string | null> {
  const response = await fetch(EXCHANGE, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  })
  if (!response.ok) return null
  const { token } = (await response.json()) as { token: string }
  return token
}
