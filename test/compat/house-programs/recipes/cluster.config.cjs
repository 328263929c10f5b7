/**
 * PM2 in cluster mode: instances get their own environment only after Node's flags were read, so `register()` stands
 * in the code.
 */
module.exports = {
  apps: [
    {
      name: 'house',
      script: `${__dirname}/pm2-service.mjs`,
      exec_mode: 'cluster',
      instances: 2,
      increment_var: 'OTEL_EXPORTER_PROMETHEUS_PORT',
      env: {
        CELL_REGISTER: 'in the code',
        OTEL_EXPORTER_PROMETHEUS_PORT: Number(process.env.OTEL_EXPORTER_PROMETHEUS_PORT),
      },
    },
  ],
}
