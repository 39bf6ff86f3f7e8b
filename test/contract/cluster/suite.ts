import { afterAll, beforeAll, describe } from 'vitest';
import { Client } from './client.ts';
import type { ClusterUnderTest } from './client.ts';
import { conflictContract } from './conflicts.ts';
import { disruptionContract } from './disruptions.ts';
import { failureContract } from './failures.ts';
import { imageContract } from './images.ts';
import { kindContract } from './kinds.ts';
import { probeContract } from './probes.ts';
import { readContract } from './reads.ts';
import { registryContract } from './registries.ts';
import { rightsContract } from './rights.ts';
import { rolloutContract } from './rollouts.ts';
import { World } from './world.ts';
import { writeContract } from './writes.ts';

/** What repull relies on in a cluster. It runs on the simulation and on the real cluster; where they differ, the simulation is wrong. */
export function clusterContract(name: string, start: () => Promise<ClusterUnderTest>): void {
  describe(`the contract on ${name}`, () => {
    let world: World | undefined;
    beforeAll(async () => {
      world = new World(new Client(await start()));
      await world.open();
    });
    afterAll(async () => {
      await world?.close();
      await world?.client.close();
      await world?.client.cluster.close();
    });
    const get = () => {
      if (!world) throw new Error('the cluster did not start');
      return world;
    };
    writeContract(get);
    conflictContract(get);
    readContract(get);
    rightsContract(get);
    rolloutContract(get);
    imageContract(get);
    failureContract(get);
    registryContract(get);
    probeContract(get);
    kindContract(get);
    disruptionContract(get);
  });
}
