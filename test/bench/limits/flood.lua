-- A flood with one key, or with a new key for each request. The kind comes as an argument, then a seed, then the pause of a connection between two requests in ms.
local random, pauseMs

function init(args)
  random = args[1] == "random"
  math.randomseed(tonumber(args[2]))
  pauseMs = tonumber(args[3])
end

function request()
  wrk.headers["X-Key"] = random and string.format("%.0f-%.0f", math.random() * 2 ^ 52, math.random() * 2 ^ 52) or "hot"
  return wrk.format()
end

function delay()
  return pauseMs
end

function done(summary)
  io.write(string.format('RESULT {"requests":%d,"refused":%d}\n', summary.requests, summary.errors.status))
end
