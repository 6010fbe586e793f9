import type { Fault } from './fault.ts';
import { gatewayKilled, killedAfterCommit, killedBeforeCommit } from './scenarios/gateway-death.ts';

/** Every fault of the suite, in the order of the matrix. */
export const faults: Fault[] = [gatewayKilled, killedAfterCommit, killedBeforeCommit];
