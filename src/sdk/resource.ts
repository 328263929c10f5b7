/** The resource of our own SDK: attributes that describe this process. */
import type { DetectedResource, Resource, ResourceDetector } from '@opentelemetry/resources'
import { loadBundled } from '../bundled.ts'
import type { SdkEnvironment } from '../config.ts'

/** Command lines may contain keys and passwords, and a user's name is personal data. */
const SECRET: ReadonlySet<string> = new Set([
  'process.command',
  'process.command_args',
  'process.command_line',
  'process.owner',
])
/** NodeSDK's defaults without OTEL_NODE_RESOURCE_DETECTORS. */
const DEFAULT_DETECTORS = ['env', 'process', 'host']
/** With an instance id, so that a Collector does not mix the counters of replicas. Later detectors override earlier ones. */
const DEFAULT_PUSH_DETECTORS = ['serviceinstance', ...DEFAULT_DETECTORS]

/**
 * The resource by OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES and the detectors. Some attributes come late (`host.id` is
 * read from a file): see `Resource.waitForAsyncAttributes`.
 */
export function createResource(environment: SdkEnvironment): Resource {
  const { defaultResource, detectResources } = loadBundled('metrics')
  return defaultResource().merge(detectResources({ detectors: chooseDetectors(environment) }))
}

function chooseDetectors({ resourceDetectors, metricExporters }: SdkEnvironment): ResourceDetector[] {
  const { envDetector, hostDetector, osDetector, processDetector, serviceInstanceIdDetector } =
    loadBundled('metrics')
  const known: Readonly<Record<string, ResourceDetector>> = {
    serviceinstance: serviceInstanceIdDetector,
    env: envDetector,
    process: withoutSecrets(processDetector),
    host: hostDetector,
    os: osDetector,
  }
  const standard = metricExporters.length > 0 ? DEFAULT_PUSH_DETECTORS : DEFAULT_DETECTORS
  const names = resourceDetectors ?? standard
  if (names.includes('none')) return []
  if (names.includes('all')) return Object.values(known)
  return names.flatMap((name) => (Object.hasOwn(known, name) ? (known[name] ?? []) : []))
}

function withoutSecrets(detector: ResourceDetector): ResourceDetector {
  return {
    detect(config): DetectedResource {
      const { attributes = {}, ...rest } = detector.detect(config)
      const kept = Object.entries(attributes).filter(([name]) => !SECRET.has(name))
      return { ...rest, attributes: Object.fromEntries(kept) }
    },
  }
}
