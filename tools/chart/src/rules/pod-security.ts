import type { Container, Pod } from '../rendered/manifests.ts';

const volumeTypes = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'];
const safeSysctls = [
  'kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports', 'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes',
];
const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];
const seccompTypes = ['RuntimeDefault', 'Localhost'];

/**
 * What the Pod Security Standard `restricted` (Kubernetes 1.30, kubernetes.io/docs/concepts/security/pod-security-standards) says against a pod: one sentence a
 * fault, none for a pod that is admitted.
 */
export function restrictedFaults(pod: Pod): string[] {
  const { spec } = pod;
  const own = spec.securityContext ?? {};
  const faults: (string | false)[] = [
    spec.hostNetwork === true && 'hostNetwork', spec.hostPID === true && 'hostPID', spec.hostIPC === true && 'hostIPC',
    own.windowsOptions?.hostProcess === true && 'hostProcess', own.runAsUser === 0 && 'runAsUser is 0',
    own.seccompProfile !== undefined && !seccompTypes.includes(own.seccompProfile.type) && 'seccompProfile of the pod',
    !seLinuxAllowed(own) && 'seLinuxOptions', own.appArmorProfile?.type === 'Unconfined' && 'appArmorProfile Unconfined',
    ...(own.sysctls ?? []).map(({ name }) => !safeSysctls.includes(name) && `sysctl ${name}`),
    ...spec.volumes.map((volume) => !Object.keys(volume).some((key) => volumeTypes.includes(key)) && `volume ${volume.name} is of a type that is not allowed`),
    ...[...spec.containers, ...spec.initContainers, ...spec.ephemeralContainers].flatMap((container) => containerFaults(container, own)),
  ];
  return faults.filter((fault): fault is string => fault !== false).map((fault) => `${pod.owner}: ${fault}`);
}

function containerFaults(container: Container, pod: NonNullable<Pod['spec']['securityContext']>): (string | false)[] {
  const own = container.securityContext ?? {};
  const seccomp = own.seccompProfile ?? pod.seccompProfile;
  const said = (fault: string): string => `container ${container.name}: ${fault}`;
  return [
    own.privileged === true && said('privileged'), own.allowPrivilegeEscalation !== false && said('allowPrivilegeEscalation is not false'),
    (own.runAsNonRoot ?? pod.runAsNonRoot) !== true && said('runAsNonRoot is not true'), own.runAsUser === 0 && said('runAsUser is 0'),
    (seccomp === undefined || !seccompTypes.includes(seccomp.type)) && said('no seccompProfile'), !(own.capabilities?.drop ?? []).includes('ALL') && said('capabilities are not dropped'),
    (own.capabilities?.add ?? []).some((name) => name !== 'NET_BIND_SERVICE') && said('capabilities are added'), own.procMount !== undefined && own.procMount !== 'Default' && said('procMount'),
    own.windowsOptions?.hostProcess === true && said('hostProcess'), !seLinuxAllowed(own) && said('seLinuxOptions'), own.appArmorProfile?.type === 'Unconfined' && said('appArmorProfile Unconfined'),
    container.ports.some(({ hostPort }) => hostPort !== undefined && hostPort !== 0) && said('hostPort'),
  ];
}

const seLinuxAllowed = ({ seLinuxOptions: options }: NonNullable<Pod['spec']['securityContext']>): boolean =>
  options === undefined || (seLinuxTypes.includes(options.type ?? '') && (options.user ?? '') === '' && (options.role ?? '') === '');

/** Pods that talk to the API server and so carry a token of their own. */
const withToken = ['operator', 'prometheus'];

/** What we ask beyond the standard (K-01): a uid, a root file system that is read only, limits, no token without need, no image that changes under its name. */
export function houseFaults(pod: Pod): string[] {
  const { spec } = pod;
  const faults: (string | false)[] = [
    (spec.securityContext?.runAsUser ?? 0) < 1 && 'no uid', spec.automountServiceAccountToken !== withToken.includes(pod.component) && 'automountServiceAccountToken',
    spec.topologySpreadConstraints.length === 0 && 'no topologySpreadConstraints',
    ...[...spec.containers, ...spec.initContainers].flatMap((container) => [
      container.securityContext?.readOnlyRootFilesystem !== true && `${container.name}: the root file system can be written`,
      container.resources.limits['memory'] === undefined && `${container.name}: no memory limit`,
      (container.resources.requests['memory'] === undefined || container.resources.requests['cpu'] === undefined) && `${container.name}: no requests`,
      !/^[a-z0-9.:-]+\/[a-z0-9./_-]+(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$/.test(container.image) && `${container.name}: image ${container.image} is not fully named`,
    ]),
    ...(pod.serving ? spec.containers : []).map((container) => (container.livenessProbe === undefined || container.readinessProbe === undefined) && `${container.name}: probes`),
  ];
  return faults.filter((fault): fault is string => fault !== false).map((fault) => `${pod.owner}: ${fault}`);
}
