/** PM2 in fork mode: the flag is read by each instance itself, and sees the port that is its own. */
module.exports = {
  apps: [
    {
      name: 'house',
      script: `${__dirname}/pm2-service.mjs`,
      exec_mode: 'fork',
      instances: 2,
      node_args: '--import opentelemetry-instrumentation-aimlapi/register',
      increment_var: 'OTEL_EXPORTER_PROMETHEUS_PORT',
      env: { OTEL_EXPORTER_PROMETHEUS_PORT: Number(process.env.OTEL_EXPORTER_PROMETHEUS_PORT) },
    },
  ],
}
