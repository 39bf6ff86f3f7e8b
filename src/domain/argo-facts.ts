/** What a Rollout of Argo Rollouts has beyond other kinds. */
export interface ArgoFacts {
  strategy: 'canary' | 'blueGreen';
  /** `Healthy`, `Progressing`, `Paused` or `Degraded`, of the generation that its controller has observed. */
  phase?: string;
  message?: string;
  /** The pods' hash of the newest template, and of the one that is fully promoted. */
  currentHash?: string;
  stableHash?: string;
  aborted: boolean;
  /** Of a canary: what each step does, in a few words. */
  steps: string[];
  /** Index of the step it is at; the number of steps where it is through. */
  step?: number;
  /** Why it does not go on: `PausedByHand` (`spec.paused`), `CanaryPauseStep`, `BlueGreenPause`, `InconclusiveAnalysisRun`, … */
  pauses: string[];
  /** `5m`: the pause that it is in ends by itself. */
  pauseFor?: string;
  /** RFC 3339 as written; equal once its controller has asked the last old pod to go. */
  restartAt?: string;
  restartedAt?: string;
  /** Who asked for `restartAt`: the request id on the object itself. A restart leaves no mark on the template. */
  stamp?: string;
  /** `spec.workloadRef`: the template lies in this Deployment, not in the Rollout. */
  template?: { kind: 'Deployment'; namespace: string; name: string; uid: string; resourceVersion: string; replicas: number };
}
