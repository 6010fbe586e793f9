/** One clause that the server writes in English, and how it reads in the reader's language; null: not so after all. Groups are the pattern's, by number. */
export type Rule = [pattern: RegExp, write: (...groups: string[]) => string | null];

/** A sentence as it is shown; one that is not known stays in English and is marked so for screen readers. */
export interface Said { text: string; known: boolean }

/** Writes one clause by the first rule that takes it; null where none does. */
export function writeClause(clause: string, rules: readonly Rule[]): string | null {
  for (const [pattern, write] of rules) {
    const match = pattern.exec(clause);
    const text = match && write(...match.slice(1));
    if (text) return text;
  }
  return null;
}

/**
 * Reads what the server wrote: sentences parted by a full stop, clauses by a semicolon. A sentence is written anew only when each of its clauses is
 * known, because half a translation says less than none.
 */
export function sayKnown(text: string, rules: readonly Rule[]): Said[] {
  return text.replace(/\.$/, '').split(/\. (?=\S)/).map((sentence) => {
    const clauses = sentence.split('; ').map((clause) => writeClause(clause, rules));
    if (clauses.some((clause) => clause === null)) return { text: sentence, known: false };
    const whole = clauses.join('; ');
    return { text: whole.charAt(0).toUpperCase() + whole.slice(1), known: true };
  });
}
