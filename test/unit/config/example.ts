/** The policy file of the specification (product.md §6), with a second environment without votes. */
export const EXAMPLE = `environments:
  prod:
    cluster: prod-eu
    namespaces: [shop, payments]
    approval: { votes: 1, from: [sre], self: false, expires: 30m }
    windows:  { timezone: Europe/Berlin, open: ["Mon-Thu 09:00-16:30"] }
    freezes:  [{ from: 2026-12-20, to: 2027-01-03, reason: holiday freeze }]
    methods:  [auto, restart, pin, evict, set-image]
    on-failure: ask            # or: rollback
  staging:
    cluster: staging-eu
    namespaces: [shop]
apps:
  my-app: { workloads: [deployment/my-app, statefulset/my-app-cache], aliases: [myapp] }
groups:
  sre: { user-groups: [S0123ABCD], users: [U0456EFGH] }
roles:
  developer: { verbs: [view, request, cancel], environments: ["*"], apps: ["*"] }
  operator:  { verbs: ["*"], environments: ["*"], apps: ["*"] }
bindings:
  - { role: developer, groups: [everyone], channels: [C0DEPLOYS1] }
  - { role: operator,  groups: [sre],      channels: ["*"] }
incidents: { bind: [sre], votes: 0, ignore-windows: true, reason: required, announce: C0AUDIT001 }
`;
