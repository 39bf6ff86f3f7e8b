import { simulatedCluster } from '../../support/simulated-cluster.ts';
import { kubeClusterContract } from './suite.ts';

kubeClusterContract('the simulation', simulatedCluster);
