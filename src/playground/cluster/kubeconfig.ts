/** A kubeconfig for @kubernetes/client-node and kubectl. */
export function kubeconfigText(server: string, ca: string, token: string): string {
  return `apiVersion: v1
kind: Config
clusters:
  - name: simulated
    cluster:
      server: ${server}
      certificate-authority-data: ${Buffer.from(ca).toString('base64')}
users:
  - name: simulated
    user:
      token: ${token}
contexts:
  - name: simulated
    context:
      cluster: simulated
      user: simulated
current-context: simulated
`;
}
