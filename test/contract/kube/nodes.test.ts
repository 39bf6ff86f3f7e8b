import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeFacts } from '../../../src/domain/workload.ts';
import { OPTIONAL_RIGHTS, REQUIRED_RIGHTS } from '../../../src/kube/required-rights.ts';
import type { Snapshot } from '../../../src/domain/workload.ts';
import { simulatedCluster } from '../../support/simulated-cluster.ts';
import { aDaemonSet } from './subject.ts';
import { refTo, settled, value } from './steps.ts';

/** What happens to nodes only a simulation shows on demand. A node is read again after 15 s, hence a connection of its own for each look. */
describe('the nodes of a snapshot', () => {
  let subject: Awaited<ReturnType<typeof simulatedCluster>>;
  const REF = () => refTo('DaemonSet', subject.namespace, 'agent');
  const look = async (token?: string): Promise<Snapshot> => {
    const port = subject.connect(token === undefined ? {} : { token });
    try {
      return value(await port.snapshot([REF()]));
    } finally {
      await port.close();
    }
  };
  const node2 = (nodes: NodeFacts[]) => nodes.find(({ name }) => name === 'node-2');

  beforeAll(async () => {
    subject = await simulatedCluster();
    const { ref } = await subject.push('agent');
    await subject.apply(aDaemonSet('agent', { image: ref }));
    const port = subject.connect();
    await settled(port, REF());
    await port.close();
  });
  afterAll(async () => subject.close());

  it('that are well are ready, and short of nothing', async () => {
    const { nodes, lostNodes } = await look();
    expect(node2(nodes)).toEqual({ name: 'node-2', os: 'linux', architecture: 'amd64', ready: true, unschedulable: false });
    expect(lostNodes).toEqual([]);
  });

  it('that do not answer are not ready, with the time and the words of the API server', async () => {
    subject.cluster.faults.stopKubelet('node-2');
    const isReady = (node: unknown) => JSON.stringify(node).includes('NodeStatusUnknown');
    await subject.cluster.until('Node', '', 'node-2', isReady, 30_000);
    const seen = node2((await look()).nodes);
    expect(seen).toMatchObject({ ready: false, why: 'Kubelet stopped posting node status.' });
    expect(seen?.since).toBeGreaterThan(0);
  });

  it('that are gone are named, because their pods may still be there', async () => {
    await subject.cluster.delete('Node', '', 'node-2');
    const { nodes, lostNodes, workloads } = await look();
    expect(new Set(workloads[0]?.pods.map(({ node }) => node))).toEqual(new Set(['node-1', 'node-2']));
    expect(node2(nodes)).toBeUndefined();
    expect(lostNodes).toEqual(['node-2']);
  });

  it('that the worker may not see are neither there nor gone', async () => {
    const token = await subject.tokenWith('blind', [...REQUIRED_RIGHTS, ...OPTIONAL_RIGHTS.filter(({ resource }) => resource !== 'nodes')]);
    const { nodes, lostNodes } = await look(token);
    expect({ nodes, lostNodes }).toEqual({ nodes: [], lostNodes: [] });
  });
});
