import type { Condition, LabelSelector, PodTemplate } from './objects.ts';
import type { KubeObject, ObjectMeta } from './types.ts';

export interface Job extends KubeObject {
  spec: {
    parallelism: number;
    completions: number;
    backoffLimit: number;
    selector: LabelSelector;
    template: PodTemplate;
    suspend?: boolean;
  };
  status: {
    active?: number;
    succeeded?: number;
    failed?: number;
    ready?: number;
    startTime?: string;
    completionTime?: string;
    conditions?: Condition[];
  };
}

export interface CronJob extends KubeObject {
  spec: { schedule: string; suspend?: boolean; jobTemplate: { metadata?: Partial<ObjectMeta>; spec: Record<string, unknown> } };
  status: { lastScheduleTime?: string; active?: { name: string; namespace: string; uid: string; kind: string; apiVersion: string }[] };
}
