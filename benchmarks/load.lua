-- Sends the requests of a file in turn: a line each, with tabs between the method, the path, the
-- headers (a name, a colon, a space, the value; each followed by a tab) and the body.
-- wrk gives each thread a state of its own; there is one thread.
-- The third argument is a word of 16 letters that becomes another one each time that its request is
-- sent.
local requests = {}
local words = {}  -- Where that word begins in each of them, if it is there.
local place = 0
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
    local request = wrk.format(method, path, headers, body ~= "" and body or nil)
    requests[#requests + 1] = request
    words[#requests] = request:find(arguments[3], 1, true) or false
  end
  -- The warm-up and the measurement do not begin alike.
  place = tonumber(arguments[2]) % #requests
end

function request()
  place = place % #requests + 1
  local request, word = requests[place], words[place]
  if not word then
    return request
  end
  sent = sent + 1
  return request:sub(1, word - 1) .. string.format("%010d%06d", started, sent)
    .. request:sub(word + 16)
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
