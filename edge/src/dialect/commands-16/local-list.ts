import { list, number, object, optionalObject, optionalText, text, type Json } from '../../fields.ts';
import type { CommandTable } from '../dialect.ts';

/** OCPP 1.6, feature profile LocalAuthListManagement. */
export const localListCommands = {
  GetLocalListVersion: (_params, station) => ({ listVersion: station.localListVersion() }),
  SendLocalList(params, station) {
    const updates = list(params, 'localAuthorizationList').map((entry) => readEntry(object(entry, 'localAuthorizationList')));
    return { status: station.updateLocalList(number(params, 'listVersion'), text(params, 'updateType') === 'Full', updates) };
  },
} satisfies CommandTable;

function readEntry(entry: Json) {
  const info = optionalObject(entry, 'idTagInfo');
  if (!info) return { idToken: text(entry, 'idTag') };
  const expiryDate = optionalText(info, 'expiryDate');
  return {
    idToken: text(entry, 'idTag'),
    info: { status: text(info, 'status'), group: optionalText(info, 'parentIdTag'), expiresAtMs: expiryDate === undefined ? undefined : Date.parse(expiryDate) },
  };
}
