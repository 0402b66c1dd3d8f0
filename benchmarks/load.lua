-- Sends the requests of a file in turn: a line each, with tabs between the method, the path, the
-- headers (a name, a colon, a space, the value; each followed by a tab) and the body.
-- wrk gives each thread a state of its own; there is one thread.
-- A word of sixteen zeros becomes another one each time that its request is sent.
local requests = {}
local place = 0
local unique = string.rep("0", 16)
local started = os.time()
local sent = 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    local method, path, rest = line:match("^([A-Z]+)\t([^\t]+)\t(.*)$")
    local headers = {}
    for name, value in rest:gmatch("([%w-]+): ([^\t]*)\t") do
      headers[name] = value
    end
    local body = rest:match("([^\t]*)$")
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
  -- The warm-up and the measurement do not begin alike.
  place = tonumber(arguments[2]) % #requests
end

function request()
  place = place % #requests + 1
  local first, last = requests[place]:find(unique, 1, true)
  if not first then
    return requests[place]
  end
  sent = sent + 1
  local fresh = string.format("%010d%06d", started, sent)
  return requests[place]:sub(1, first - 1) .. fresh .. requests[place]:sub(last + 1)
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
