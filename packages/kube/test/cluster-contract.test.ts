import { HttpClusterClient, urlTransport } from '@csms/kube';
import { kubeconfigTransport } from '@csms/kube/kubeconfig';
import { startLocalCluster } from '@csms/kube/local-cluster/index';
import { clusterContract } from '@csms/kube/testing/cluster-contract';

// Holds O-20 and what else a cluster promises; the titles are in the suite.
clusterContract('the local cluster', async () => {
  const cluster = await startLocalCluster({ kinds: [], images: {}, env: {} });
  const client = new HttpClusterClient(urlTransport(cluster.url));
  return {
    client,
    close: async () => {
      await client.close();
      await cluster.stop();
    },
  };
});

// The same promises of a real API server, when there is one. Not KUBECONFIG: a test must never write into a cluster that merely happens to be configured.
const kubeconfig = process.env['CSMS_TEST_KUBECONFIG'];
if (kubeconfig !== undefined)
  clusterContract('the API server of CSMS_TEST_KUBECONFIG', async () => {
    const client = new HttpClusterClient(await kubeconfigTransport(kubeconfig));
    return { client, close: () => client.close() };
  });
