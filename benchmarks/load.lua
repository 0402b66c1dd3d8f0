-- Posts the requests of a file in turn: a line each, the token and the body with a tab between.
-- wrk gives each thread a state of its own; there is one thread.
local requests = {}
local place = 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    local token, body = line:match("^([^\t]*)\t(.*)$")
    local headers = { ["Content-Type"] = "application/json" }
    if token ~= "" then
      headers["Authorization"] = "Bearer " .. token
    end
    requests[#requests + 1] = wrk.format("POST", "/graphql", headers, body)
  end
  -- The warm-up and the measurement do not begin alike.
  place = tonumber(arguments[2]) % #requests
end

function request()
  place = place % #requests + 1
  return requests[place]
end

-- Microseconds, as wrk has them.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    "figures requests=%d duration=%d p50=%d p99=%d most=%d bytes=%d refused=%d broken=%d\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    latency.max, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout
  ))
end
