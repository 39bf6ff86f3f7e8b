{{- define "repull.labels" -}}
app.kubernetes.io/name: repull
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
{{- define "repull.selector" -}}
app.kubernetes.io/name: repull
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "repull.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- define "repull.podSecurity" -}}
securityContext: {runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, seccompProfile: {type: RuntimeDefault}}
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
terminationGracePeriodSeconds: 15
{{- end }}
{{- define "repull.container" -}}
image: {{ include "repull.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
ports: [{name: ops, containerPort: 8080}]
livenessProbe: {httpGet: {path: /livez, port: ops}, periodSeconds: 10}
readinessProbe: {httpGet: {path: /readyz, port: ops}, periodSeconds: 5, timeoutSeconds: 5}
volumeMounts: [{name: policy, mountPath: /etc/repull, readOnly: true}, {name: tmp, mountPath: /tmp}]
{{- end }}
{{- define "repull.volumes" -}}
volumes: [{name: policy, configMap: {name: {{ .Release.Name }}-policy}}, {name: tmp, emptyDir: {}}]
{{- end }}
{{- define "repull.env" -}}
- {name: REPULL_CONFIG, value: /etc/repull/policy.yaml}
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
