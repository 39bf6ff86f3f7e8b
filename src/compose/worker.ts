import { inquire } from '../app/inquire.ts';
import { planRequest } from '../app/plan-request.ts';
import { newId } from '../app/new-id.ts';
import { rollOut } from '../app/roll-out.ts';
import { watchGrace } from '../app/watch-grace.ts';
import type { Log, WorkerDeps } from '../app/worker-deps.ts';
import type { WorkerEnv } from '../config/env.ts';
import { zonedClock } from '../config/zoned-clock.ts';
import { connectCluster } from '../kube/kube-cluster.ts';
import type { Metrics } from '../ops/metrics.ts';
import { BullQueues } from '../queue/producer.ts';
import { startClusterWorker, type ClusterWorker } from '../queue/workers.ts';
import { createRegistry } from '../registry/resolve.ts';
import { failAfterBug } from './after-bug.ts';
import { openBackbone } from './backbone.ts';
import { queueHooks } from './hooks.ts';
import { atMost, START_ENDS_WITHIN, untilItWorks, type Lacking, type Part } from './part.ts';
import { createSigner } from './signer.ts';
import { createWatching } from './watching.ts';
import type { LivePolicy } from './live-policy.ts';

/** One cluster's worker: holds that cluster's credentials and Redis, never a Slack token. */
export function startWorker(env: WorkerEnv, policy: LivePolicy, log: Log, metrics: Metrics): Part {
  const ended = new AbortController();
  const backbone = openBackbone(env, `repull-worker-${env.cluster}`, log);
  const cluster = connectCluster({
    name: env.cluster,
    ...(env.kubeconfig === undefined ? {} : { kubeconfigFile: env.kubeconfig }),
    onForbidden: ({ subject, remedy }) => log.warn({ right: subject, remedy }, 'may not be watched: repull looks every 2 s instead'),
  });
  const registry = createRegistry({
    insecureHosts: env.insecureRegistryHosts,
    // Every plan and every re-check asks anew: a build pushed a second ago counts. It costs one HEAD, which registries give away.
    cacheMs: 0,
    ...(env.dockerConfigPath === undefined ? {} : { dockerConfigPath: env.dockerConfigPath }),
  });
  const queues = new BullQueues(backbone.patient, { onError: (error) => log.warn({ problem: error.message }, 'queue') });
  const lacking: Lacking = new Map();
  let consuming: ClusterWorker | undefined;

  const watching = createWatching(
    cluster,
    (id) => void consuming?.promote(id).catch((problem: unknown) => log.debug({ request: id, problem: String(problem) }, 'not promoted')),
    async (id) => (await backbone.stores.store.load(id))?.state.status !== 'rolling-out',
  );
  const deps: WorkerDeps = {
    ...backbone.stores,
    cluster,
    registry,
    queues,
    policy: policy.current,
    zoned: zonedClock,
    watching,
    ...(env.jobKey === undefined ? {} : { signer: createSigner(env.jobKey) }),
    newId: (now) => newId(now, Math.random),
    log,
  };
  const handlers = {
    plan: (id: string) => planRequest(deps, id),
    rollOut: (id: string, signal: AbortSignal) => rollOut(deps, id, signal),
    inquire: (id: string) => inquire(deps, id),
    grace: (id: string) => watchGrace(deps, id),
  };

  const begun = (async () => {
    await untilItWorks('Redis', log, ended.signal, lacking, backbone.check);
    if (ended.signal.aborted) return;
    consuming = startClusterWorker(backbone.blocking, env.cluster, handlers, {
      ...queueHooks(log, metrics),
      gaveUp: (trouble) => failAfterBug(deps, trouble),
    });
    log.info({ cluster: env.cluster }, 'consuming');
  })();

  return {
    async unready() {
      const problems = await backbone.unready(lacking);
      if (consuming === undefined) problems.push('not consuming yet');
      if (!(await cluster.ready().catch(() => false))) problems.push(`the API server of ${env.cluster} does not answer`);
      return problems;
    },
    async close() {
      ended.abort();
      await atMost(START_ENDS_WITHIN, begun);
      await consuming?.close();
      watching.close();
      await queues.close();
      await cluster.close();
      backbone.close();
    },
  };
}
