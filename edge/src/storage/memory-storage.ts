import type { Journal, StoragePort } from '../ports.ts';

/** Storage that is forgotten with the process; it survives a restart of the station object if the same one is given. */
export function createMemoryStorage(): StoragePort {
  const journals = new Map<string, string[]>();
  return {
    openJournal(name): Journal {
      const content = journals.get(name) ?? [];
      journals.set(name, content);
      return {
        lines: () => [...content],
        append: (line) => void content.push(line),
        replace: (lines) => void content.splice(0, content.length, ...lines),
        close: () => undefined,
      };
    },
  };
}
