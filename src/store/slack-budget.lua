--[[
  One turn at Slack, for all bots. Reply: 0 = taken, else the milliseconds after which it is worth asking again.

  Whoever must wait stands in a line by rank and age. The answer says when its turn will come, so that nobody asks more often than that; a place
  whose owner does not come back (killed, or nothing to say any more) is given up a few seconds after it.

  KEYS: paused, spent, line, due, moving (updates) or spent by all channels (posts), progress (updates only)
  ARGV: 'update' | 'post', who, rank 0..2, since, token of this call, then the limits (see below)
]]
local paused, spent, line, due, beside, progress = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local who, rank, since = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
-- As text: a number of this size would turn into 1.7e+12 on its way into a key.
local function text(number) return string.format('%.0f', number) end

-- How long somebody may take to come back after the time that was named, and how far ahead a time is named.
local LATE, FAR = 6000, 5000
local HOUR = 3600000

for _, gone in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', text(now))) do
  redis.call('ZREM', line, gone)
  redis.call('ZREM', due, gone)
end
local quiet = math.max(0, redis.call('PTTL', paused))

local function leave()
  redis.call('ZREM', line, who)
  redis.call('ZREM', due, who)
end
local function stand()
  redis.call('ZADD', line, text(rank * 1e13 + since), who)
  return redis.call('ZRANK', line, who)
end
local function come_back(wait)
  wait = math.max(50, math.min(FAR, math.max(quiet, wait)))
  redis.call('ZADD', due, text(now + wait + LATE), who)
  redis.call('PEXPIRE', line, HOUR)
  redis.call('PEXPIRE', due, HOUR)
  return math.ceil(wait)
end

-- chat.update: so many in a window. What is likely to be needed for ends is kept free: one for each request that is under way.
local function update()
  local limit, window, every, longest = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
  redis.call('ZREMRANGEBYSCORE', spent, '-inf', text(now - window))
  redis.call('ZREMRANGEBYSCORE', beside, '-inf', text(now - 2 * window))
  if rank == 0 then redis.call('ZREM', beside, who) else redis.call('ZADD', beside, text(now), who) end
  local used, moving = redis.call('ZCARD', spent), redis.call('ZCARD', beside)
  local reserve = 0
  if rank == 1 then reserve = math.min(moving, math.floor(limit * 3 / 4)) end
  if rank == 2 then reserve = math.min(limit, moving + math.floor(limit / 3)) end

  local function until_free(many)
    if many <= 0 then return 0 end
    local oldest = redis.call('ZRANGE', spent, math.min(many, used) - 1, math.min(many, used) - 1, 'WITHSCORES')
    return oldest[2] and tonumber(oldest[2]) + window - now or window
  end
  local function take()
    redis.call('ZADD', spent, text(now), ARGV[5])
    redis.call('PEXPIRE', spent, window)
    redis.call('PEXPIRE', beside, 2 * window)
    return 0
  end

  if rank == 2 then
    leave()
    redis.call('ZREMRANGEBYSCORE', progress, '-inf', text(now - longest))
    -- Each gets its share of what may be used, evenly spread, rather than the fastest all of it.
    local share = limit > reserve and math.min(longest, math.max(every, moving * window / (limit - reserve))) or longest
    local own = (tonumber(redis.call('ZSCORE', progress, who) or '-inf')) + share - now
    local wait = math.max(quiet, own, until_free(used + 1 + reserve - limit))
    if wait <= 0 and redis.call('ZCARD', line) > 0 then wait = every end
    if wait > 0 then return math.ceil(math.min(longest, math.max(1000, wait))) end
    redis.call('ZADD', progress, text(now), who)
    redis.call('PEXPIRE', progress, longest)
    return take()
  end
  local wait = until_free(used + stand() + 1 + reserve - limit)
  if quiet > 0 or wait > 0 then return come_back(wait) end
  leave()
  return take()
end

-- chat.postMessage: an even pace with short bursts (GCRA: the key holds the time at which the pace is kept again), per channel and for all.
-- The last of a burst is for what goes first.
local function post()
  local every, burst, every_all, burst_all = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
  if rank > 0 then burst, burst_all = math.max(1, burst - 1), math.max(1, math.floor(burst_all / 2)) end
  local at = math.max(now, tonumber(redis.call('GET', spent) or '0'))
  local at_all = math.max(now, tonumber(redis.call('GET', beside) or '0'))
  local wait = math.max(at + (stand() - burst + 1) * every - now, at_all - (burst_all - 1) * every_all - now)
  if quiet > 0 or wait > 0 then return come_back(wait) end
  leave()
  redis.call('SET', spent, text(at + every), 'PX', HOUR)
  redis.call('SET', beside, text(at_all + every_all), 'PX', HOUR)
  return 0
end

if ARGV[1] == 'update' then return update() end
return post()
