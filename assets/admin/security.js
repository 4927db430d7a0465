// Passkeys, and the print button of the recovery codes. A form with data-passkey asks its address for a challenge, has
// the browser answer it, and sends the answer as the form it is. Without this module both stay hidden.

const decoded = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
const encoded = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes ?? []))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const known = (list) => list.map((one) => ({ ...one, id: decoded(one.id) }));

/** The fields of the answer to a challenge. */
const ceremonies = {
  async create(options) {
    options.challenge = decoded(options.challenge);
    options.user.id = decoded(options.user.id);
    options.excludeCredentials = known(options.excludeCredentials);
    const { response } = await navigator.credentials.create({ publicKey: options });
    return { 'client-data': response.clientDataJSON, attestation: response.attestationObject };
  },
  async get(options) {
    options.challenge = decoded(options.challenge);
    options.allowCredentials = known(options.allowCredentials);
    const { rawId, response } = await navigator.credentials.get({ publicKey: options });
    return {
      id: rawId,
      'client-data': response.clientDataJSON,
      'authenticator-data': response.authenticatorData,
      signature: response.signature,
      'user-handle': response.userHandle,
    };
  },
};

/** Runs the ceremony of a form; gives the words of a refusal, and nothing when the form is on its way. */
async function run(form) {
  const answer = await fetch(form.dataset.challenge, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
  const options = await answer.json();
  if (options.refused) return options.refused;
  const fields = await ceremonies[form.dataset.passkey](options);
  for (const [name, bytes] of Object.entries(fields)) form.elements[name].value = encoded(bytes);
  // The password has served.
  for (const field of form.querySelectorAll('[type="password"]')) field.value = '';
  form.submit();
  return '';
}

for (const form of document.querySelectorAll('[data-passkey]')) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const said = form.querySelector('[data-failed]');
  const button = form.querySelector('[type="submit"]');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    said.textContent = '';
    button.disabled = true;
    try {
      said.textContent = await run(form);
    } catch {
      said.textContent = said.dataset.failed;
    }
    button.disabled = false;
  });
}

for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}
