/** What becomes of a deviation when no entry of the table speaks of it. */
export type DeviationHandling =
  /** Understood for everybody: nothing about who pays, how much or when hangs on a guess. */
  | 'accepted'
  /** Understood only where an entry names it; otherwise refused, and a transaction message is kept in quarantine. */
  | 'by-entry'
  /** Behaviour, not a message: seen and counted. */
  | 'observed';

/** Every deviation that is known, with how it is handled and what it is, in words for an operator. */
export const deviations = {
  'extra-property': { handling: 'accepted', meaning: 'a property that the standard does not have' },
  'long-text': { handling: 'accepted', meaning: 'a text longer than the standard allows' },
  'unlisted-word': { handling: 'accepted', meaning: 'a unit, measurand, reason or error code that the standard does not list' },
  'fractional-register': { handling: 'accepted', meaning: 'a meterStart or meterStop that is no whole number' },
  'number-as-text': { handling: 'accepted', meaning: 'a number where the standard has a text' },
  'null-property': { handling: 'accepted', meaning: 'a null where a property should be absent' },
  'empty-list': { handling: 'accepted', meaning: 'a list without an element where one is due' },
  'missing-zone': { handling: 'accepted', meaning: 'a time without a zone, taken for UTC' },
  'no-transaction-id': { handling: 'accepted', meaning: '0 or a negative number as the transaction of a reading, taken for none' },
  'word-case': { handling: 'by-entry', meaning: 'a listed word in another case' },
  'text-as-number': { handling: 'by-entry', meaning: 'a number in quotes' },
  'long-card': { handling: 'by-entry', meaning: 'a card number longer than the standard allows' },
  'number-as-card': { handling: 'by-entry', meaning: 'a card number that is a number, so that leading zeros are lost' },
  'missing-property': { handling: 'by-entry', meaning: 'a required property that is missing' },
  'unreadable-time': { handling: 'by-entry', meaning: 'a time that cannot be read, replaced by the time of receipt' },
  'unreadable-register': { handling: 'by-entry', meaning: 'a meterStart or meterStop that is no number' },
  'mislabelled-unit': { handling: 'by-entry', meaning: 'a value in another unit than it says, corrected' },
  'last-resort': { handling: 'by-entry', meaning: 'a transaction message that was refused, sent again and again, and then read as far as it can be' },
  'not-understood': { handling: 'by-entry', meaning: 'a message that was refused' },
  'unreadable-frame': { handling: 'observed', meaning: 'bytes that are no OCPP message' },
  'no-boot': { handling: 'observed', meaning: 'a connection that began without BootNotification' },
  'never-pongs': { handling: 'observed', meaning: 'no answer to any WebSocket ping; its heartbeats keep it' },
} as const satisfies Record<string, { handling: DeviationHandling; meaning: string }>;

export type DeviationKind = keyof typeof deviations;
export const deviationKinds = Object.keys(deviations) as DeviationKind[];

/** So many times of one deviation of one station, since it was last written down. */
export interface DeviationCount { stationId: string; kind: DeviationKind; count: number; firstAt: Date; lastAt: Date; /** Where in which message, e.g. `StatusNotification/info`. */ place: string }

/** A frame that was refused or mended, to be read by a person. */
export interface QuarantinedFrame {
  stationId: string;
  /** Frames of one key are one row, which keeps the newest text and counts. */
  key: string;
  action: string;
  outcome: 'refused' | 'repaired' | 'unreadable';
  kinds: readonly DeviationKind[];
  /** Why, in words; never a value from the message. */
  reason: string;
  /** As it came, cut where it is longer than is kept. */
  frame: string;
  at: Date;
}

/** What was on the books after a frame was kept. */
export interface KeptFrame {
  /** False where the station has too many already: nobody may say that it is safe here. */
  kept: boolean;
  /** How often this very message has come by now. */
  times: number;
  firstAt: Date;
}

/** The books of what stations do differently. Every promise resolves after commit. */
export interface ToleranceBooks {
  /** Keeps a transaction message whole until a person or a later try settles it. */
  keep(tenantId: string, frame: QuarantinedFrame): Promise<KeptFrame>;
  /** Adds counts, and examples of frames, of many stations at once. */
  note(tenantId: string, noted: { counts: readonly DeviationCount[]; frames: readonly (QuarantinedFrame & { times: number })[] }): Promise<void>;
}
