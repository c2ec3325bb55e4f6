-- For wrk: one kind of request again and again, each about another record.
--
--   wrk … -s requests.lua URL -- read|paths|create TOKEN FIRST COUNT FILE
--
-- read draws a number from FIRST on, COUNT of them, and asks for the record with that number in
-- its id. paths draws one of the paths in FILE, one a line. create sends the body in FILE with
-- the next number from FIRST on, which no other request has.

local PREFIX = "0198f1c2-7a00-7000-8000-"
local NUMBER = "100000000000"

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("this_thread", threads)
end

local function contents(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function init(args)
  local what, token, file = args[1], args[2], args[5]
  local first, count = tonumber(args[3]), tonumber(args[4])
  local headers = { ["Authorization"] = "Bearer " .. token }
  math.randomseed(os.time() * 10 + this_thread)

  if what == "read" then
    request = function()
      local number = first + math.random(0, count - 1)
      return wrk.format("GET", "/v1/organisations/" .. PREFIX .. string.format("%d", number), headers)
    end
  elseif what == "paths" then
    local requests = {}
    for path in contents(file):gmatch("%S+") do
      requests[#requests + 1] = wrk.format("GET", path, headers)
    end
    request = function() return requests[math.random(#requests)] end
  else
    local body = contents(file)
    local from, to = body:find(NUMBER, 1, true)
    local before, after = body:sub(1, from - 1), body:sub(to + 1)
    -- Two threads at most: one takes the even numbers, the other the odd ones.
    local next_number = first + this_thread - 1
    headers["Content-Type"] = "application/json"
    request = function()
      local number = string.format("%d", next_number)
      next_number = next_number + 2
      headers["Idempotency-Key"] = "bench-" .. number
      return wrk.format("POST", "/v1/organisations", headers, before .. number .. after)
    end
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("result %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
