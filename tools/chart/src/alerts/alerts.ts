import type { Alert } from './alert.ts';
import { budgetAlerts } from './budget-alerts.ts';
import { gatewayAlerts } from './gateway-alerts.ts';
import { platformAlerts } from './platform-alerts.ts';

/** The groups of charts/csms/files/alerts.yaml. */
export const groups: { name: string; alerts: Alert[] }[] = [
  { name: 'csms-budgets', alerts: budgetAlerts },
  { name: 'csms-gateways', alerts: gatewayAlerts },
  { name: 'csms-platform', alerts: platformAlerts },
];

export const alerts: Alert[] = groups.flatMap((group) => group.alerts);
