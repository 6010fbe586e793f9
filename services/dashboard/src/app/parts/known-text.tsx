import { Fragment } from 'react';
import { sayKnown, type Rule } from './known-sentences.ts';

/** A text of the server in the reader's language, as far as its sentences are known. */
export function KnownText({ text, rules }: { text: string; rules: readonly Rule[] }) {
  const said = sayKnown(text, rules);
  return <>{said.map((each, index) => <Fragment key={each.text}>{each.known ? each.text : <span lang="en">{each.text}</span>}{index < said.length - 1 || said.length > 1 ? '. ' : ''}</Fragment>)}</>;
}
