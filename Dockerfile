# Behind a registry mirror or a proxy with a certificate of its own, hand npm's configuration in as build secrets, which no layer keeps:
#   --secret id=npmrc,src=$HOME/.npmrc   and   --secret id=ca,src=/path/to/ca-certificates.crt
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN --mount=type=secret,id=npmrc --mount=type=secret,id=ca \
    export NPM_CONFIG_USERCONFIG=/run/secrets/npmrc NPM_CONFIG_CACHE=/tmp/npm; \
    if [ -e /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi; \
    npm ci --no-audit --no-fund && rm -rf /tmp/npm
COPY tsconfig.json vite.config.ts ./
COPY scripts ./scripts
COPY src ./src
# What only building needs goes before the next stage takes node_modules over; the playground's page is bundled by then.
RUN npm run build && npm prune --omit=dev --offline --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/dist ./dist
# Numeric, so that Kubernetes can see that it is not root. Files stay root's: the process cannot change its own code.
USER 1000:1000
# Health and metrics; Slack's deliveries in HTTP mode.
EXPOSE 8080 3000
# Node itself is process 1 and gets SIGTERM: it drains and ends with 0.
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["all"]
