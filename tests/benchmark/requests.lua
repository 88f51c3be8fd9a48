-- Sends the requests of a file repeatedly, and prints the figures as JSON.
-- The first argument is the file: each line has method, path, body and token, separated by tabs. The
-- other arguments are headers. In place of `new`, an Idempotency-Key has another text in each request.
local requests, position, sent = {}, 0, 0
local placeholder, began = ("k"):rep(32), nil

function init(arguments)
  local headers = {}
  for number = 2, #arguments do
    local name, value = arguments[number]:match("^([^:]+): (.*)$")
    if name == "Idempotency-Key" then
      value, began = placeholder, os.time()
    end
    headers[name] = value
  end
  for line in io.lines(arguments[1]) do
    local method, path, body, token = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    local given = {}
    for name, value in pairs(headers) do given[name] = value end
    if token ~= "" then given["Authorization"] = "Bearer " .. token end
    if body ~= "" then given["Content-Type"] = "application/json" else body = nil end
    requests[#requests + 1] = wrk.format(method, path, given, body)
  end
end

function request()
  position = position % #requests + 1
  if not began then return requests[position] end
  sent = sent + 1
  return (requests[position]:gsub(placeholder, ("%016d%016d"):format(began, sent), 1))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
