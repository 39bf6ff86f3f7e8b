/**
 * How long things take in cluster milliseconds. Measured on the real cluster of test/cluster (v1.36.3, containerd 1.6.20, two nodes on two
 * cores), so that a rollout of four pods takes about as long here at timeScale 1: 2.6 s.
 */
export const TIMINGS = {
  /** From seeing a pod to having its sandbox. */
  sandbox: 600,
  create: 30,
  start: 80,
  /** From a change in the runtime until the kubelet looks at the pod again. */
  notice: 80,
  /** The same after making the sandbox: the generic relist. */
  relist: 700,
  /** From SIGTERM to the exit of a well-behaved process. */
  stop: 220,
  /** From the last exit to the pod's removal. */
  cleanUp: 400,
  /** A process that ends by itself does so after this. */
  run: 120,
  /** A sync that failed is tried again after this, plus up to half of it. */
  retry: 10_500,
  /** Every pod is looked at again after this, whatever happens. */
  resync: 75_000,
  backOff: 10_000,
  backOffMax: 300_000,
  /** Asking the registry for a manifest, beside the HTTP requests themselves. */
  resolve: 12,
  /** Bytes per cluster millisecond: 25 MB/s. */
  pullSpeed: 25_000,
  controller: 10,
  scheduler: 15,
  /** After this without its kubelet a node is NotReady: node-monitor-grace-period; measured 52 s from the last sign of life. */
  nodeGrace: 50_000,
} as const;
