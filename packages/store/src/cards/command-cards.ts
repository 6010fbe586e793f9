import { StoredCommand } from '@csms/contracts/stored-command';
import type { StationCommand } from '@csms/domain';
import { mapCards } from './card-fields.ts';
import type { CardKeys } from './card-keys.ts';

/** A command as the ledger keeps it: the gateway that sends it opens the numbers. */
export function sealedCommand(cards: CardKeys | null, tenantId: string, command: StationCommand): StationCommand {
  return cards === null || !namesCards(command) ? command : StoredCommand.parse(mapCards(command, (uid) => cards.seal(tenantId, uid)));
}

/** The same for comparison: one card is one text, which says nothing of its number to who has no key. */
export function referencedCommand(cards: CardKeys | null, tenantId: string, command: StationCommand): StationCommand {
  return cards === null || !namesCards(command) ? command : StoredCommand.parse(mapCards(command, (uid) => cards.reference(tenantId, uid)));
}

/** As a station is to be told. A number that no key of ours opens stays a reference, which no station takes for a card. */
export function openedCommand(cards: CardKeys | null, tenantId: string, command: StationCommand): StationCommand {
  return cards === null || !namesCards(command) ? command : StoredCommand.parse(mapCards(command, (uid) => cards.open(tenantId, uid) ?? uid));
}

export const actionsWithCards = ['remote-start', 'send-local-list', 'reserve-now'] as const satisfies readonly StationCommand['action'][];
const namesCards = (command: StationCommand): boolean => actionsWithCards.some((action) => action === command.action);
