import type { AuthorizationBooks, BootFact, CertificateBooks, FactSource, FirmwareBooks, SessionBooks, StationBooks, Tolerance } from '@csms/domain';
import type { Exchanges, OcppVersion } from '@csms/ocpp';

/** What a handler may use: the books, who is asking, and nothing of sockets, logs or clocks. */
export interface HandlerContext {
  source: FactSource;
  station: { identity: string; heartbeatIntervalS: number; registration: 'Accepted' | 'Pending' | 'Rejected' };
  stations: StationBooks;
  sessions: SessionBooks;
  authorization: AuthorizationBooks;
  firmware: FirmwareBooks;
  /** What is made allowance for with this station's make. */
  tolerance: Tolerance;
  /** The session that speaks. */
  session: {
    /** The station said who made it. */
    booted(fact: BootFact): void;
  };
  certificates: Pick<CertificateBooks, 'trust' | 'requestSigning'>;
  /**
   * Keeps a fact that the books could not take and that was answered all the same, and writes it when they can be reached; a newer fact under the
   * same key takes its place.
   */
  later: (key: string, write: () => Promise<unknown>) => void;
}

/** A response, or a function that makes it at the moment its frame is written (G-14: `currentTime`). */
export type Answer<Response> = Response | ((writtenAt: Date) => Response);

/**
 * How one action is answered. A handler translates: request -> fact -> books -> response. It never sends.
 * `fromMemory`: the answer while the books cannot be reached; an action without it is held, and not answered falsely (gateway.md 4.5).
 */
export interface Handler<Request, Response> {
  handle: (request: Request, context: HandlerContext) => Answer<Response> | Promise<Answer<Response>>;
  fromMemory?: (request: Request, context: HandlerContext) => Answer<Response>;
  /** The answer needs no books at all. */
  withoutBooks?: true;
}

/** Some of a version's actions, as one feature profile answers them. */
export type ProfileTable<V extends OcppVersion> = {
  readonly [A in keyof Exchanges[V]['fromStation']]?: HandlerFor<V, A>;
};

/** All of a version's actions: one that is missing or misspelt does not compile. */
export type InboundTable<V extends OcppVersion> = {
  readonly [A in keyof Exchanges[V]['fromStation']]: HandlerFor<V, A>;
};

type HandlerFor<V extends OcppVersion, A extends keyof Exchanges[V]['fromStation']> =
  Exchanges[V]['fromStation'][A] extends { request: infer Request; response: infer Response } ? Handler<Request, Response> : never;
