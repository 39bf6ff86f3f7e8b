import { ofWorkload } from './candidate.ts';
import type { ContainerPlan, WorkloadPlan } from './plan.ts';
import { STAMP, type Owner, type Workload } from './workload.ts';

export interface RevertedInput {
  /** The workload as it is now; undefined: it is not there any more. */
  workload: Workload | undefined;
  plan: WorkloadPlan;
  /** All containers of the plan; those of other workloads are passed over. */
  containers: readonly ContainerPlan[];
  /** Id of the request that succeeded. */
  request: string;
  /** When it was planned, API server's milliseconds: whoever wrote after that did not write what was planned on. */
  since: number;
}

/**
 * What somebody did to a workload after a request succeeded on it, in words, with the name that the cluster gives them. `newer`: a later request
 * of ours, which is no revert. Undefined: it stands.
 */
export function reverted(input: RevertedInput): { text: string } | 'newer' | undefined {
  const { workload, plan, request, since } = input;
  if (workload === undefined) return { text: 'it was deleted.' };
  if (workload.uid !== plan.uid) return { text: `it was deleted, and ${writerOf(workload, plan, 0)} created it again.` };
  if (workload.deleting) return { text: 'it is being deleted.' };
  const stamp = workload.templateAnnotations[STAMP];
  const [last] = after(workload, since);
  // Another stamp alone proves nothing: `kubectl rollout undo` brings that of an older request back.
  if (stamp !== undefined && stamp !== request && last?.manager === OURS) return 'newer';
  const who = writerOf(workload, plan, since);
  const changes = changesOf(input, workload);
  if (changes.length > 0) return { text: `${who} reverted the change: ${changes.join(', ')}.` };
  if (!stampsTemplate(plan) || stamp === request) return undefined;
  return stamp === undefined
    ? { text: `${who} removed the stamp of this request from the template, so its pods are replaced once more.` }
    : { text: `${who} took the template back to that of ${stamp}, so its pods are replaced once more.` };
}

const stampsTemplate = ({ write }: WorkloadPlan): boolean => write.action === 'patch-template';

/** Field by field, so that a tool that takes back the policy and leaves the image is seen, too. Neighbours are nobody's promise. */
function changesOf({ plan, containers }: RevertedInput, workload: Workload): string[] {
  const { write } = plan;
  const policies = write.action === 'patch-template' ? write.pullPolicies : [];
  return ofWorkload(containers, plan.workload)
    .filter((each) => each.concerned)
    .flatMap((each) => {
      const now = workload.containers.find((one) => one.name === each.container);
      if (now === undefined) return [`${each.container} is gone`];
      // What was written, not what pods show: admission may change them, and nobody has reverted anything then.
      const policy = policies.find((one) => one.container === each.container)?.pullPolicy;
      return [
        ...(now.image === each.imageAfter ? [] : [`${each.container} is ${now.image} ${now.image === each.image ? 'again' : 'now'}`]),
        ...(policy === undefined || now.pullPolicy === policy
          ? []
          : [`the pull policy of ${each.container} is ${now.pullPolicy} ${now.pullPolicy === each.pullPolicy ? 'again' : 'now'}`]),
      ];
    });
}

const TOOLS: readonly [RegExp, string][] = [
  [/^argocd-/, 'Argo CD'],
  [/^(?:kustomize|helm)-controller$/, 'Flux'],
  [/^helm$/i, 'Helm'],
  [/^kubectl(?:-|$)/, 'somebody with kubectl'],
];

const OURS = 'repull';

const nameOf = ({ by, name }: Owner): string => (name === undefined ? by : `${by} (${name})`);

/** Newest first. Their times have whole seconds. */
const after = ({ templateManagers }: Workload, since: number): Workload['templateManagers'] =>
  templateManagers.filter(({ at }) => at >= Math.floor(since / 1000) * 1000);

/** Who wrote the template last, as far as the API server notes it: a manager that only takes fields away leaves no trace. */
function writerOf(workload: Workload, plan: WorkloadPlan, since: number): string {
  const last = after(workload, since).find(({ manager }) => manager !== OURS)?.manager;
  if (last === undefined || last === '') {
    const managers = plan.owners.filter(({ by }) => by !== 'hpa' && by !== 'vpa').map(nameOf);
    return `somebody (the cluster does not note who${managers.length === 0 ? '' : `; it is managed by ${managers.join(' and ')}`})`;
  }
  const tool = TOOLS.find(([pattern]) => pattern.test(last))?.[1];
  return tool === undefined ? last : `${tool} (field manager ${last})`;
}
