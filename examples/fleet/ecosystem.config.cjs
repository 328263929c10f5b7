// pm2 start ecosystem.config.cjs: four processes, ports 9464 to 9467.
module.exports = {
  apps: [
    {
      name: 'shop',
      script: './server.mjs',
      instances: 4,
      exec_mode: 'fork',
      node_args: '--import opentelemetry-instrumentation-aimlapi/register',
      // PM2 adds one for each instance.
      increment_var: 'OTEL_EXPORTER_PROMETHEUS_PORT',
      env: {
        OTEL_SERVICE_NAME: 'shop',
        OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0',
        OTEL_EXPORTER_PROMETHEUS_PORT: 9464,
        // The exporter asks for the balance.
        AIMLAPI_BALANCE_INTERVAL_MS: '0',
      },
    },
  ],
}
