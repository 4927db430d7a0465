-- What wrk sends and what it says at the end: one line of JSON for benches/measure.py.
-- wrk … -s serve.lua URL -- [ACCEPT_ENCODING]

function init(args)
  wrk.headers["Accept-Encoding"] = args[1] or "identity"
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"bytes":%d,"micros":%d,"p50_us":%d,"p99_us":%d,"failed":%d}\n',
    summary.requests, summary.bytes, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
