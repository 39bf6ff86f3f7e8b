import { rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';
import { CLUSTER, DANA, DEPLOYS, demoWorkspace, PERSONAS, SAM } from '../../../src/playground/demo.ts';
import { startSimulatedCluster, startSimulatedRegistry } from '../../../src/playground/cluster/start.ts';
import { commandHints } from '../../../src/playground/page-server/hints.ts';
import { startPageServer } from '../../../src/playground/page-server/server.ts';
import { simulatedSource } from '../../../src/playground/page-server/simulated-source.ts';
import { startLocalSlack } from '../../../src/playground/slack/start.ts';
import type { LocalSlack } from '../../../src/playground/slack/types.ts';
import type { SimulatedCluster, SimulatedRegistry } from '../../../src/playground/cluster/types.ts';
import { type HouseApp, startHouseApp } from './house-app.ts';

export interface PageWorld {
  url: string;
  slack: LocalSlack;
  cluster: SimulatedCluster;
  registry: SimulatedRegistry;
  app: HouseApp;
  close(): Promise<void>;
}

const assets = path.resolve('node_modules', '.cache', `repull-page-${process.pid}`);

/** The page as it is in src/, a local Slack with a Bolt app in it, and a small simulated cluster. */
export async function pageWorld(): Promise<PageWorld> {
  await build({ configFile: path.resolve('vite.config.ts'), logLevel: 'error', build: { outDir: assets } });
  const registry = await startSimulatedRegistry();
  const cluster = await startSimulatedCluster({ registry, timeScale: 0.1 });
  const image = registry.push('shop/my-app:stable', { version: 'my-app build 1' }).ref;
  await cluster.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'my-app', namespace: 'shop-prod' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'my-app' } },
      template: {
        metadata: { labels: { app: 'my-app' } },
        spec: { containers: [{ name: 'app', image, imagePullPolicy: 'IfNotPresent' }] },
      },
    },
  });
  const slack = await startLocalSlack({ workspace: demoWorkspace(), rateLimits: 'off' });
  const app = await startHouseApp(slack);
  const source = simulatedSource(CLUSTER, cluster, registry);
  const server = await startPageServer({
    slack,
    cluster: source,
    assets,
    port: 0,
    stage: {
      personas: PERSONAS,
      shortcuts: [{ callbackId: 'repull_from_here', name: 'Repull from here' }],
      hints: commandHints(
        [
          { name: 'my-app', environments: ['prod', 'staging'] },
          { name: 'web', environments: ['prod'] },
        ],
        ['prod', 'staging'],
      ),
      tour: { channel: DEPLOYS, app: 'my-app', environment: 'prod', ref: image, requester: DANA, approver: SAM },
    },
  });
  return {
    url: server.url,
    slack,
    cluster,
    registry,
    app,
    async close() {
      await server.close();
      await source.close();
      await app.stop();
      await slack.close();
      await cluster.close();
      await registry.close();
      rmSync(assets, { recursive: true, force: true });
    },
  };
}
