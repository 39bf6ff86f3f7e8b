import { describe } from 'vitest';
import { kubeClusterContract } from '../contract/kube/suite.ts';
import { REAL_CLUSTER, realCluster } from '../support/real-cluster.ts';

describe.skipIf(!REAL_CLUSTER)('a real Kubernetes', () => {
  kubeClusterContract('etcd, kube-apiserver, controllers, kubelets and containerd', async () => await realCluster('kube-contract'));
});
