-- One attach per request, each of a payment method and under a key of its own: wrk -s attach.lua URL -- PREFIX KEY FIRST
local prefix, key, n

function init(args)
  prefix, key, n = args[1], args[2], tonumber(args[3])
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. key
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
end

function request()
  local id = n
  n = n + 1
  wrk.headers["Idempotency-Key"] = string.format("bench-%d", id)
  return wrk.format(nil, string.format("%s/v1/payment_methods/pm_bench%018d/attach", prefix, id), nil,
    string.format("customer=cus_bench%05d", id % 10000))
end
