import { toTimestamp } from '../clock.ts';

/** A node as the real kubelet registers it, with the fields that somebody looks at. */
export function nodeObject(name: string, number: number): Record<string, unknown> {
  const at = toTimestamp(Date.now());
  const capacity = { cpu: '2', 'ephemeral-storage': '264212084Ki', memory: '24684092Ki', pods: '110' };
  return {
    metadata: {
      name,
      labels: {
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'repull.test/node': String(number),
      },
    },
    spec: {},
    status: {
      addresses: [
        { type: 'InternalIP', address: '192.0.2.2' },
        { type: 'Hostname', address: name },
      ],
      capacity,
      allocatable: capacity,
      conditions: [
        {
          type: 'MemoryPressure',
          status: 'False',
          reason: 'KubeletHasSufficientMemory',
          message: 'kubelet has sufficient memory available',
          lastTransitionTime: at,
        },
        {
          type: 'DiskPressure',
          status: 'False',
          reason: 'KubeletHasNoDiskPressure',
          message: 'kubelet has no disk pressure',
          lastTransitionTime: at,
        },
        {
          type: 'PIDPressure',
          status: 'False',
          reason: 'KubeletHasSufficientPID',
          message: 'kubelet has sufficient PID available',
          lastTransitionTime: at,
        },
        { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status', lastTransitionTime: at },
      ],
      nodeInfo: {
        architecture: 'amd64',
        operatingSystem: 'linux',
        containerRuntimeVersion: 'containerd://1.6.20',
        kubeletVersion: 'v1.36.3',
        osImage: 'simulated',
        kernelVersion: 'simulated',
      },
      images: [],
    },
  };
}
