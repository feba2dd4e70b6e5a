-- What wrk asks for: the paths in the file that PATHS names, one after another, and at the end a line of
-- JSON with what came of it (times in milliseconds).
local requests = {}

function init()
  for path in io.lines(os.getenv('PATHS')) do
    requests[#requests + 1] = wrk.format('GET', path, { ['Accept-Encoding'] = 'br, gzip' })
  end
  math.randomseed(tonumber(tostring({}):match('0x(%x+)'), 16) % 2147483647)
  next_one = math.random(#requests)
end

function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"seconds":%f,"bytes":%d,"p50":%f,"p95":%f,"p99":%f,"max":%f,"refused":%d,"broken":%d,"timeouts":%d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
    errors.status, errors.connect + errors.read + errors.write, errors.timeout))
end
