import type { StoredCommand } from '../stored-command.ts';

/** Where a user reaches a command: the route of the API under /api/v1 and the verb of csmsctl. */
export interface CommandReach { route: string; verb: string }

const general = (action: StoredCommand['action']): CommandReach => ({ route: `POST /stations/:id/commands (${action})`, verb: `csmsctl station command IDENTITY ${action}` });

/** Commands that have a way of their own; every other one is asked for by its name. docs/reference/ocpp-support.md is printed from here. */
const ownWays: { readonly [A in StoredCommand['action']]?: CommandReach } = {
  'push-credential': { route: 'POST /stations/:id/credential/push', verb: 'csmsctl station credential IDENTITY --push' },
  'set-security-profile': { route: 'PUT /stations/:id/security-profile', verb: 'csmsctl station security-profile IDENTITY PROFILE' },

  'set-charging-profile': { route: 'POST /stations/:id/charging-plans', verb: 'csmsctl charging-plans set IDENTITY' },
  'clear-charging-profile': { route: 'POST /stations/:id/charging-plans/clear', verb: 'csmsctl charging-plans clear IDENTITY' },
  'get-composite-schedule': { route: 'POST /stations/:id/charging-plans/composite', verb: 'csmsctl charging-plans composite IDENTITY' },
  'reserve-now': { route: 'POST /reservations', verb: 'csmsctl reservations create IDENTITY' },
  'cancel-reservation': { route: 'DELETE /reservations/:id', verb: 'csmsctl reservations cancel ID' },
  'get-configuration': { route: 'POST /stations/:id/commands (get-configuration)', verb: 'csmsctl configuration get IDENTITY --read' },
  'change-configuration': { route: 'POST /stations/:id/commands (change-configuration)', verb: 'csmsctl configuration set IDENTITY KEY VALUE' },
  'get-diagnostics': { route: 'POST /stations/:id/diagnostics', verb: 'csmsctl diagnostics get IDENTITY' },
  'get-log': { route: 'POST /stations/:id/logs', verb: 'csmsctl diagnostics log IDENTITY' },
  'update-firmware': { route: 'POST /stations/:id/firmware, POST /rollouts', verb: 'csmsctl firmware update IDENTITY, csmsctl rollout start' },
  'signed-update-firmware': { route: 'POST /stations/:id/firmware, POST /rollouts', verb: 'csmsctl firmware update IDENTITY, csmsctl rollout start' },
  'certificate-signed': { route: 'by itself, once a request of the station (SignCertificate) is signed', verb: 'csmsctl certificates list' },
  'install-certificate': { route: 'POST /stations/:id/installed-certificates', verb: 'csmsctl certificates install IDENTITY FILE' },
  'get-installed-certificate-ids': { route: 'POST /stations/:id/installed-certificates/list', verb: 'csmsctl certificates installed IDENTITY --ask' },
  'delete-certificate': { route: 'POST /stations/:id/installed-certificates/deletion', verb: 'csmsctl certificates uninstall IDENTITY SERIAL' },
  'send-local-list': { route: 'POST /stations/:id/local-list', verb: 'csmsctl local-list sync IDENTITY' },
};

export function reachOf(action: StoredCommand['action']): CommandReach {
  return ownWays[action] ?? general(action);
}

const asStation: CommandReach = { route: 'GET /stations/:id', verb: 'csmsctl station get IDENTITY' };
const asSession: CommandReach = { route: 'GET /sessions/:id/explanation', verb: 'csmsctl session explain ID' };
const asSecurityEvent: CommandReach = { route: 'GET /security-events', verb: 'csmsctl security-events' };
const asUpload: CommandReach = { route: 'GET /uploads', verb: 'csmsctl diagnostics list' };
const asUpdate: CommandReach = { route: 'GET /firmware/updates', verb: 'csmsctl firmware updates' };

/** Where a user sees what a station said, by the action of the wire. */
const shown: Readonly<Record<string, CommandReach>> = {
  Authorize: { route: 'GET /tokens', verb: 'csmsctl session explain ID' }, BootNotification: asStation, Heartbeat: asStation, StatusNotification: asStation,
  StartTransaction: asSession, StopTransaction: asSession, MeterValues: asSession, TransactionEvent: asSession, DataTransfer: asSecurityEvent,
  DiagnosticsStatusNotification: asUpload, LogStatusNotification: asUpload, FirmwareStatusNotification: asUpdate, SignedFirmwareStatusNotification: asUpdate,
  SecurityEventNotification: asSecurityEvent, SignCertificate: { route: 'GET /signing-requests', verb: 'csmsctl certificates requests' },
};

/** Undefined for an action that nobody shows anywhere, which a test does not allow. */
export function shownAt(action: string): CommandReach | undefined {
  return shown[action];
}
