import type { PasskeyOptions } from '../contract/passkey.ts'

/**
 * The complete script that a person runs on web.whatsapp.com. It asks the browser for the passkey, shows the answer, and does
 * nothing else.
 */
export const passkeyScript = (
  options: PasskeyOptions,
): string => `// Asks this browser for your WhatsApp passkey and shows the answer here. It sends nothing to anybody.
(() => {
  const options = ${JSON.stringify(options)};
  const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), each => each.charCodeAt(0));
  const text = buffer =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/[+]/g, '-').replace(/[/]/g, '_').replace(/=/g, '');
  const allowCredentials = options.allowCredentials.map(each => ({ ...each, id: bytes(each.id) }));
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials };
  const button = Object.assign(document.createElement('button'), { textContent: 'Show the passkey' });
  const box = Object.assign(document.createElement('textarea'), { rows: 14, cols: 80 });
  const place = document.createElement('dialog');
  place.append(button, document.createElement('hr'), box);
  document.body.append(place);
  place.showModal();
  button.onclick = async () => {
    try {
      const { rawId, type, response } = await navigator.credentials.get({ publicKey });
      const { clientDataJSON, authenticatorData, signature, userHandle } = response;
      box.value = JSON.stringify({
        id: text(rawId),
        rawId: text(rawId),
        type,
        response: {
          clientDataJSON: text(clientDataJSON),
          authenticatorData: text(authenticatorData),
          signature: text(signature),
          userHandle: userHandle && text(userHandle),
        },
      }, null, 1);
      box.select();
    } catch (error) {
      box.value = String(error);
    }
  };
})();
`
