import type { CommandAction, StationCommand } from '@csms/domain';
import type { Exchanges } from '@csms/ocpp';

/** One of a version's CALLs to the station: the action's name and the request that it takes. */
export type OutgoingCall<V extends keyof Exchanges> = {
  [A in keyof Exchanges[V]['toStation'] & string]: Exchanges[V]['toStation'][A] extends { request: infer Request } ? { action: A; payload: Request } : never;
}[keyof Exchanges[V]['toStation'] & string];

/** Each command as a CALL of a version; a command without a translation does not compile. `secret` is what a command's row does not hold: a pushed password. */
export type OutgoingTable<V extends keyof Exchanges> = {
  readonly [C in CommandAction]: (command: Extract<StationCommand, { action: C }>, secret: string) => OutgoingCall<V>;
};

/** A profile's part of such a table. */
export type OutgoingProfile<V extends keyof Exchanges> = Partial<OutgoingTable<V>>;

/** A field that the standard lets out, left out where there is nothing to say. */
export function optional<K extends string, T>(name: K, value: T | null): { [P in K]?: T } {
  return value === null ? {} : ({ [name]: value } as { [P in K]: T });
}
