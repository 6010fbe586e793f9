import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { AccountBook } from './account-book.ts';
import { chooseLanguage, loginPage, messagePage, newPasswordPage } from './pages.ts';

const sameMinuteAttemptsMax = 10;
const ownPasswordCharsMin = 12;

/**
 * GET and POST /interaction/:uid: our login page. A wrong password shows it again, a temporary one asks for another; more than ten tries a minute for one
 * name are refused.
 */
export function signInPages(input: { provider: Provider; book: AccountBook; policy: string; dashboardUrl: string }): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const attempts = new Map<string, { minute: number; count: number }>();

  function tooMany(username: string): boolean {
    const minute = Math.floor(Date.now() / 60_000);
    for (const [name, attempt] of attempts) if (attempt.minute !== minute) attempts.delete(name);
    const attempt = attempts.get(username) ?? { minute, count: 0 };
    attempt.count += 1;
    attempts.set(username, attempt);
    return attempt.count > sameMinuteAttemptsMax;
  }

  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const send = (status: number, body: string) => {
      response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': input.policy, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
      response.end(body);
    };
    const language = chooseLanguage(url.searchParams.get('lang'), request.headers['accept-language']);
    try {
      const interaction = await input.provider.interactionDetails(request, response);
      const chosen = chooseLanguage(url.searchParams.get('lang'), String(interaction.params['ui_locales'] ?? ''), request.headers['accept-language']);
      if (request.method !== 'POST') { send(200, loginPage({ uid: interaction.uid, language: chosen, problem: null, username: '' })); return; }
      const form = new URLSearchParams(await readForm(request));
      const username = form.get('username') ?? '';
      if (tooMany(username)) { send(429, loginPage({ uid: interaction.uid, language: chosen, problem: 'slow', username })); return; }
      const password = form.get('password') ?? '';
      const verdict = input.book.check(username, password);
      if (verdict === 'wrong') { send(401, loginPage({ uid: interaction.uid, language: chosen, problem: 'wrong', username })); return; }
      if (verdict === 'first') {
        const own = form.get('chosen');
        if (own === null || own.length < ownPasswordCharsMin || own === password || own !== form.get('again')) { send(own === null ? 200 : 400, newPasswordPage({ uid: interaction.uid, language: chosen, isRefused: own !== null, username, password })); return; }
        input.book.setPassword(username, own);
      }
      await input.provider.interactionFinished(request, response, { login: { accountId: username, remember: true } }, { mergeWithLastSubmission: false });
    } catch {
      if (!response.headersSent) send(400, messagePage(language, 'expired', input.dashboardUrl));
    }
  };
}

async function readForm(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > 10_000) throw new Error('the form is too long');
  }
  return text;
}
