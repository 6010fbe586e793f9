import { clusterContract } from '@csms/kube/testing/cluster-contract';
import { openTestCluster } from './test-cluster.ts';

// Holds O-20 against the real one, and what else the local cluster promises; the titles are in the suite.
clusterContract('a real API server', openTestCluster);
