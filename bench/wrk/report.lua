-- What wrk sends, and one line of JSON for what it saw.
--   BODY_BYTES    each request is a POST of so many bytes
--   BODIES_FILE   each request is a POST of the next of these JSON bodies, one a line

local bodies = {}
local turn = 0

local size = tonumber(os.getenv("BODY_BYTES"))
local file = os.getenv("BODIES_FILE")

if size then
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/octet-stream"
  wrk.body = string.rep("x", size)
elseif file then
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  for line in io.lines(file) do bodies[#bodies + 1] = line end
  request = function()
    turn = turn % #bodies + 1
    return wrk.format(nil, nil, nil, bodies[turn])
  end
end

done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"p50Ms":%.3f,"p99Ms":%.3f,"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
