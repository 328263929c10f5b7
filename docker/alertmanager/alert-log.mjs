// A webhook that writes what Alertmanager tells to its log: put your own receivers in its place.
import { createServer } from 'node:http'

const port = Number(process.env.PORT ?? 9095)

createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => (body += chunk))
  request.on('end', () => {
    response.end()
    if (request.method !== 'POST') return
    for (const { status, labels, annotations } of JSON.parse(body).alerts) {
      console.log(`${status} ${labels.severity} ${labels.alertname}: ${annotations.description}`)
    }
  })
}).listen(port, () => console.log(`alerts are told on port ${port}`))

process.once('SIGTERM', () => process.exit(0))
