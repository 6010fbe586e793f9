import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '../formats.ts';
import { en } from './en.ts';
import { id } from './id.ts';

/** Keys are checked by the compiler; what goes into a text is not, its literal is widened to string. */
type Texts<T> = { [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };
declare module 'i18next' {
  interface CustomTypeOptions { defaultNS: 'translation'; resources: { translation: Texts<typeof en> }; returnNull: false }
}

const languageKey = 'csms.language';

/** What was chosen before on this device; else English only for browsers that ask for it before Indonesian. */
function firstLanguage(): Language {
  const chosen = localStorage.getItem(languageKey);
  if (chosen === 'id' || chosen === 'en') return chosen;
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'id' || tag === 'en');
  return wanted === 'en' ? 'en' : 'id';
}

export function startI18n(): void {
  const language = firstLanguage();
  void i18next.use(initReactI18next).init({ lng: language, fallbackLng: false, resources: { id: { translation: id }, en: { translation: en } }, interpolation: { escapeValue: false }, initAsync: false, showSupportNotice: false });
  document.documentElement.lang = language;
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(languageKey, language);
  document.documentElement.lang = language;
  void i18next.changeLanguage(language);
}
