import { appManifest, type AppOptions, type Json } from './world.ts';

export interface FailingApp {
  kind?: AppOptions['kind'];
  replicas?: number;
  /** Of the workload, beside its template. */
  spec?: Json;
  /** Of the pod. */
  pod?: Json;
  /** Of its one container. */
  container?: Json;
  /** Beside that one. */
  more?: Json[];
}

/** A workload of the test image with whatever it takes to break it later; without any probe unless it is given one. */
export function failingApp(namespace: string, name: string, image: string, options: FailingApp = {}): Json {
  const { kind, replicas = 1, spec, pod, container, more = [] } = options;
  const manifest: Json = appManifest(namespace, name, { image, pullPolicy: 'Always', replicas, ...(kind === undefined ? {} : { kind }) });
  const [app] = manifest.spec.template.spec.containers;
  delete app.startupProbe;
  Object.assign(app, container);
  Object.assign(manifest.spec, spec);
  Object.assign(manifest.spec.template.spec, pod, { containers: [app, ...more] });
  return manifest;
}

export const configMap = (name: string, data: Record<string, string>): Json => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
