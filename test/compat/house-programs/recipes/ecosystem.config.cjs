/** PM2: two workers, a port for each. */
module.exports = {
  apps: [
    {
      name: 'house',
      script: `${__dirname}/pm2-service.mjs`,
      node_args: '--import opentelemetry-instrumentation-aimlapi/register',
      exec_mode: 'cluster',
      instances: 2,
      increment_var: 'OTEL_EXPORTER_PROMETHEUS_PORT',
      env: { OTEL_EXPORTER_PROMETHEUS_PORT: Number(process.env.OTEL_EXPORTER_PROMETHEUS_PORT) },
    },
  ],
}
