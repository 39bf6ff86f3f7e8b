{{- define "repull.labels" -}}
app.kubernetes.io/name: repull
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}
{{- define "repull.selector" -}}
app.kubernetes.io/name: repull
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "repull.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ with .Values.image.digest }}@{{ . }}{{ end }}
{{- end }}

{{- /* What both pods have in common. Draining takes at most 10 s; in HTTP mode 5 s more, see bot.yaml. */ -}}
{{- define "repull.pod" -}}
securityContext: {runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, seccompProfile: {type: RuntimeDefault}}
terminationGracePeriodSeconds: 20
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* /livez answers while Redis, Slack or the API server are away: restarting repull would not bring them back. */ -}}
{{- define "repull.container" -}}
image: {{ include "repull.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext: {allowPrivilegeEscalation: false, privileged: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
startupProbe: {httpGet: {path: /livez, port: ops}, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 60}
livenessProbe: {httpGet: {path: /livez, port: ops}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6}
readinessProbe: {httpGet: {path: /readyz, port: ops}, periodSeconds: 5, timeoutSeconds: 5}
{{- end }}

{{- /* The whole folder, never subPath: only so a changed ConfigMap reaches a running container. */ -}}
{{- define "repull.mounts" -}}
- {name: policy, mountPath: /etc/repull, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- end }}
{{- define "repull.volumes" -}}
- {name: policy, configMap: {name: {{ .Release.Name }}-policy}}
- {name: tmp, emptyDir: {sizeLimit: 64Mi}}
{{- end }}

{{- define "repull.env" -}}
- {name: REPULL_CONFIG, value: /etc/repull/policy.yaml}
- {name: REPULL_RETENTION_DAYS, value: {{ .Values.retentionDays | quote }}}
- {name: LOG_LEVEL, value: {{ .Values.logLevel | quote }}}
{{- if .Values.redis.existingSecret }}
- {name: REDIS_URL, valueFrom: {secretKeyRef: {name: {{ .Values.redis.existingSecret }}, key: REDIS_URL}}}
{{- else }}
- {name: REDIS_URL, value: {{ .Values.redis.url | quote }}}
{{- end }}
{{- if .Values.jobKey.existingSecret }}
- {name: REPULL_JOB_KEY, valueFrom: {secretKeyRef: {name: {{ .Values.jobKey.existingSecret }}, key: REPULL_JOB_KEY}}}
{{- end }}
{{- end }}
