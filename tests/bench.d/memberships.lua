-- For wrk: one membership after the other, none of them twice.
--
--   wrk … -s memberships.lua URL -- create TOKEN FIRST ORGANISATIONS FILE
--
-- The file is the body, in which MEMBER and OF stand for ids. The numbers from FIRST on say which organisation joins
-- which network: all organisations the first network, then all of them the second.

local PREFIX = "0198f1c2-7a00-7000-8000-"
local ORGANISATION, NETWORK, NETWORKS = 100000000001, 110000000001, 2000

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("this_thread", threads)
end

function init(args)
  local token, first, organisations = args[2], tonumber(args[3]), tonumber(args[4])
  local file = assert(io.open(args[5], "rb"))
  local body = file:read("*a")
  file:close()
  local headers = { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json" }
  -- Two threads at most: one takes the even numbers, the other the odd ones.
  local next_number = first + this_thread - 1
  local id = function(number) return PREFIX .. string.format("%d", number) end
  request = function()
    local number = next_number
    next_number = next_number + 2
    local member = id(ORGANISATION + number % organisations)
    local of = id(NETWORK + math.floor(number / organisations) % NETWORKS)
    headers["Idempotency-Key"] = "bench-membership-" .. string.format("%d", number)
    return wrk.format("POST", "/v1/memberships", headers, (body:gsub("MEMBER", member):gsub("OF", of)))
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("result %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
