-- One kind of call, sent by wrk. What it is told comes by the environment, which the main state can read as well:
--   CALL    attach, replay, retrieve, list, customer, payment-method or setup-intent
--   PREFIX  before /v1: which of the server's routes
--   KEY     the secret key
--   FIRST   number of the first payment method to use up; each request takes the next one
--   PORTS   ports on 127.0.0.1, as many as threads: each thread calls one of them
--   PAYMENT_METHOD, CUSTOMER  formats that make an id of a number
--   CUSTOMERS  how many customers there are
--   OLD     one attach in so many is to a customer from among all, the others to one of the last 10,000; 0 for none

local call, key, prefix = os.getenv("CALL"), os.getenv("KEY"), os.getenv("PREFIX") or ""
local payment_method, customer = os.getenv("PAYMENT_METHOD"), os.getenv("CUSTOMER")
local customers, old = tonumber(os.getenv("CUSTOMERS")), tonumber(os.getenv("OLD") or "0")
local recent = math.min(customers, 10000)
local threads, replayed = {}, 1000

function setup(thread)
  local ports = {}
  for port in os.getenv("PORTS"):gmatch("%d+") do ports[#ports + 1] = port end
  thread.addr = wrk.lookup("127.0.0.1", ports[#threads % #ports + 1])[1]
  thread:set("n", tonumber(os.getenv("FIRST")) + #threads)
  thread:set("step", #ports)
  threads[#threads + 1] = thread
end

function init()
  first = n
  math.randomseed(os.time() + n)
end

local common = " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " .. key .. "\r\n"

local function get(path)
  return "GET " .. path .. common .. "\r\n"
end

local function post(path, body, idempotency_key)
  return "POST " .. prefix .. path .. common .. "Content-Type: application/x-www-form-urlencoded\r\nIdempotency-Key: "
    .. idempotency_key .. "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

-- As clients make them: of the form of a UUID, in no order.
local function new_key(number)
  return string.format("%08x-%04x-4%03x-8%03x-%012x", math.random(0, 0x7fffffff), math.random(0, 0xffff),
    math.random(0, 0xfff), math.random(0, 0xfff), number)
end

local function customer_of(number)
  if old > 0 and number % old == 0 then return customer:format(math.random(0, customers - 1)) end
  return customer:format(customers - 1 - number % recent)
end

local function attach(number, idempotency_key)
  return post("/v1/payment_methods/" .. payment_method:format(number) .. "/attach",
    "customer=" .. customer_of(number), idempotency_key)
end

local calls = {
  attach = function(number) return attach(number, new_key(number)) end,
  replay = function(number)
    local again = first + (number - first) % (replayed * step)
    return attach(again, "replayed-" .. again)
  end,
  retrieve = function(number)
    return get("/v1/payment_methods/" .. payment_method:format(math.random(0, 9999)))
  end,
  list = function(number)
    return get("/v1/customers/cus_listed" .. string.format("%05d", math.random(0, 999)) .. "/payment_methods")
  end,
  customer = function(number)
    return post("/v1/customers", "name=Jenny+Rosen&email=jenny" .. number .. "%40example.com", new_key(number))
  end,
  ["payment-method"] = function(number)
    return post("/v1/payment_methods", "type=card&card[number]=4242424242424242&card[exp_month]=8" ..
      "&card[exp_year]=2033&card[cvc]=314&billing_details[name]=Jenny+Rosen", new_key(number))
  end,
  ["setup-intent"] = function(number)
    return post("/v1/setup_intents", "confirm=true&payment_method=" .. payment_method:format(number) ..
      "&customer=" .. customer_of(number), new_key(number))
  end
}

local make = calls[call]

function request()
  local number = n
  n = n + step
  return make(number)
end

function done(summary, latency)
  local next = 0
  for _, thread in ipairs(threads) do next = math.max(next, thread:get("n")) end
  local errors = summary.errors
  io.write(string.format(
    '\nJSON {"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"max":%f,"next":%d,"status":%d,"socket":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, next, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
