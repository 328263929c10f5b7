/** A request of Prometheus' remote write, version 1: https://prometheus.io/docs/specs/prw/remote_write_spec/ */
import protobufjs from 'protobufjs'
import snappy from 'snappyjs'

const { root } = protobufjs.parse(`
  syntax = "proto3";
  message Sample { double value = 1; int64 timestamp = 2; }
  message Label { string name = 1; string value = 2; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; }
  message WriteRequest { repeated TimeSeries timeseries = 1; }
`)
const writeRequest = root.lookupType('WriteRequest')

/**
 * The body of the request: protobuf, packed by Snappy.
 * @param timeseries Objects of the message TimeSeries: `{ labels, samples }`.
 */
export function writeRequestBody(timeseries: readonly object[]): Uint8Array<ArrayBuffer> {
  const bytes = writeRequest.encode({ timeseries }).finish()
  return new Uint8Array(snappy.compress(bytes))
}
