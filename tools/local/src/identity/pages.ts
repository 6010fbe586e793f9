import { createHash } from 'node:crypto';

export type Language = 'id' | 'en';

const words = {
  id: {
    title: 'Masuk', intro: 'Charge-IT CSMS di mesin ini', username: 'Nama pengguna', password: 'Kata sandi', submit: 'Masuk',
    wrong: 'Nama pengguna atau kata sandi tidak cocok. Akun demo tercetak di terminal tempat platform dijalankan.',
    slow: 'Terlalu banyak percobaan. Tunggu satu menit, lalu coba lagi.',
    expired: 'Halaman masuk ini sudah kedaluwarsa. Kembali ke dasbor dan mulai lagi.', back: 'Kembali ke dasbor',
    newTitle: 'Pilih kata sandi baru', newIntro: 'Kata sandi sementara hanya berlaku sekali.', newPassword: 'Kata sandi baru (sedikitnya 12 karakter)', newAgain: 'Sekali lagi', newSubmit: 'Simpan dan masuk',
    short: 'Kata sandi baru terlalu pendek, atau kedua isian berbeda.',
    device: 'Hubungkan csmsctl', deviceCode: 'Kode yang tampil di terminal', deviceNext: 'Lanjut', deviceAsk: 'Izinkan csmsctl bekerja atas nama Anda? Kode di terminal harus sama:', deviceAllow: 'Izinkan', deviceWrong: 'Kode itu tidak dikenal atau sudah kedaluwarsa.',
    deviceDone: 'Selesai. Kembali ke terminal.', logout: 'Keluar', logoutAsk: 'Keluar dari Charge-IT CSMS?', loggedOut: 'Anda sudah keluar.', error: 'Permintaan masuk tidak dapat diproses', other: 'English',
  },
  en: {
    title: 'Sign in', intro: 'Charge-IT CSMS on this machine', username: 'User name', password: 'Password', submit: 'Sign in',
    wrong: 'User name or password does not match. The demo accounts are printed in the terminal where the platform was started.',
    slow: 'Too many attempts. Wait a minute, then try again.',
    expired: 'This sign-in page has expired. Go back to the dashboard and begin again.', back: 'Back to the dashboard',
    newTitle: 'Choose a new password', newIntro: 'The temporary password works once.', newPassword: 'New password (12 characters or more)', newAgain: 'Once more', newSubmit: 'Save and sign in',
    short: 'The new password is too short, or the two differ.',
    device: 'Connect csmsctl', deviceCode: 'The code that your terminal shows', deviceNext: 'Next', deviceAsk: 'Let csmsctl act in your name? Your terminal must show the same code:', deviceAllow: 'Allow', deviceWrong: 'That code is unknown or over.',
    deviceDone: 'Done. Go back to the terminal.', logout: 'Sign out', logoutAsk: 'Sign out of Charge-IT CSMS?', loggedOut: 'You are signed out.', error: 'The sign-in request cannot be processed', other: 'Bahasa Indonesia',
  },
} as const;

const style = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--text:#1b1f24;--soft:#57606a;--line:#d0d7de;--accent:#0b5cad;--on:#fff;--bad:#a33a00}
@media (prefers-color-scheme:dark){:root{--bg:#12161b;--card:#1b2129;--text:#e8ecf1;--soft:#a3adb8;--line:#37414d;--accent:#7db8f5;--on:#0d1620;--bad:#ffa470}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:16px;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{width:100%;max-width:360px;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:24px}
h1{font-size:20px;margin:0}p{margin:4px 0 16px;color:var(--soft)}label{display:block;margin:12px 0 4px}
input{width:100%;min-height:44px;padding:8px 12px;font:inherit;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:6px}
button{width:100%;min-height:44px;margin-top:20px;font:inherit;font-weight:600;color:var(--on);background:var(--accent);border:0;border-radius:6px;cursor:pointer}
a{color:var(--accent)}nav{margin-top:16px;font-size:14px}[role=alert]{color:var(--bad);margin:12px 0 0}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}`;

/** A policy without scripts or foreign assets; `formTargets` are the origins that a form's redirect may end at. */
export function contentSecurityPolicy(formTargets: string[]): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self' ${formTargets.join(' ')}; frame-ancestors 'none'; base-uri 'none'`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** The person's language: an explicit choice, then the request's ui_locales, then the browser's list; Bahasa Indonesia where none of ours is named. */
export function chooseLanguage(...preferences: (string | null | undefined)[]): Language {
  for (const preference of preferences) {
    for (const tag of (preference ?? '').toLowerCase().split(/[\s,]+/)) {
      if (tag.startsWith('id')) return 'id';
      if (tag.startsWith('en')) return 'en';
    }
  }
  return 'id';
}

function page(language: Language, title: string, body: string): string {
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)} · Charge-IT CSMS</title><style>${style}</style></head><body><main>${body}</main></body></html>`;
}

export function loginPage(input: { uid: string; language: Language; problem: 'wrong' | 'slow' | null; username: string }): string {
  const text = words[input.language];
  const other = input.language === 'id' ? 'en' : 'id';
  return page(input.language, text.title, `<h1>${text.title}</h1><p>${text.intro}</p>
<form method="post" action="/interaction/${encodeURIComponent(input.uid)}/login?lang=${input.language}">
${input.problem ? `<p role="alert">${text[input.problem]}</p>` : ''}
<label for="username">${text.username}</label><input id="username" name="username" autocomplete="username" autocapitalize="none" required autofocus maxlength="100" value="${escapeHtml(input.username)}">
<label for="password">${text.password}</label><input id="password" name="password" type="password" autocomplete="current-password" required maxlength="200">
<button type="submit">${text.submit}</button></form>
<nav><a href="/interaction/${encodeURIComponent(input.uid)}?lang=${other}" lang="${other}">${text.other}</a></nav>`);
}

/** After a temporary password: one of their own, given twice. */
export function newPasswordPage(input: { uid: string; language: Language; isRefused: boolean; username: string; password: string }): string {
  const text = words[input.language];
  return page(input.language, text.newTitle, `<h1>${text.newTitle}</h1><p>${text.newIntro}</p>
<form method="post" action="/interaction/${encodeURIComponent(input.uid)}/login?lang=${input.language}">
${input.isRefused ? `<p role="alert">${text.short}</p>` : ''}
<input type="hidden" name="username" value="${escapeHtml(input.username)}"><input type="hidden" name="password" value="${escapeHtml(input.password)}">
<label for="chosen">${text.newPassword}</label><input id="chosen" name="chosen" type="password" autocomplete="new-password" required minlength="12" maxlength="200" autofocus>
<label for="again">${text.newAgain}</label><input id="again" name="again" type="password" autocomplete="new-password" required minlength="12" maxlength="200">
<button type="submit">${text.newSubmit}</button></form>`);
}

/** Sign-in of a terminal (RFC 8628): the code is typed, then compared and allowed. `form` is oidc-provider's own, with its anti-forgery value. */
export function devicePage(language: Language, form: string, step: 'type' | 'allow' | 'wrong', userCode = ''): string {
  const text = words[language];
  if (step === 'allow') return page(language, text.device, `<h1>${text.device}</h1><p>${text.deviceAsk}</p><h1>${escapeHtml(userCode)}</h1>${form}<button type="submit" form="op.deviceConfirmForm">${text.deviceAllow}</button>`);
  return page(language, text.device, `<h1>${text.device}</h1>${step === 'wrong' ? `<p role="alert">${text.deviceWrong}</p>` : ''}<label for="code">${text.deviceCode}</label>${form}<button type="submit" form="op.deviceInputForm">${text.deviceNext}</button>`);
}

/** `form` is oidc-provider's own hidden form with its anti-forgery value. */
export function logoutPage(language: Language, form: string): string {
  const text = words[language];
  return page(language, text.logout, `<h1>${text.logoutAsk}</h1>${form}<button type="submit" form="op.logoutForm" name="logout" value="yes">${text.logout}</button>`);
}

export function messagePage(language: Language, kind: 'loggedOut' | 'expired' | 'error' | 'deviceDone', dashboardUrl: string, detail = ''): string {
  const text = words[language];
  return page(language, text[kind], `<h1>${text[kind]}</h1>${detail ? `<p>${escapeHtml(detail)}</p>` : ''}<nav><a href="${escapeHtml(dashboardUrl)}">${text.back}</a></nav>`);
}
