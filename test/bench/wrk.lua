-- The request's headers come as arguments, "Name: value" each; the result goes out as one line that can be parsed.
function init(args)
  for _, header in ipairs(args) do
    local name, value = header:match("^([^:]+): (.*)$")
    wrk.headers[name] = value
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"durationMs":%.3f,"bytes":%d,"p50Ms":%.3f,"p99Ms":%.3f,' ..
      '"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}\n',
    summary.requests, summary.duration / 1000, summary.bytes,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect, errors.read, errors.write, errors.status, errors.timeout
  ))
end
