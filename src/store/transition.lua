--[[
  The one script that makes and moves a request. It does everything or nothing: guard, legality, time, lines, claim, fields, milestones,
  indexes, dirty mark and audit. It never decodes a record: fields arrive and are stored as finished JSON, because cjson turns empty arrays into
  objects and rounds large numbers (docs/adr/0001). The order itself holds only strings, booleans, lists of strings and milliseconds, which cjson keeps.

  KEYS[1]  hash of the request; every other key is in the same slot, under the hash tag {repull}
  ARGV[1]  the order, JSON; see Order in redis-store.ts

  Reply: { verdict, other, replayed, woken ids, hash as a flat list, milestones, card }
  An error reply is a bug of the caller and changed nothing: it is raised before the first write.
]]
local P = '{repull}:'
local order = cjson.decode(ARGV[1])
local id = order.id
local hash = KEYS[1]

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local function text(number) return string.format('%.0f', number) end

local legal, open, holding = {}, {}, {}
for _, pair in ipairs(order.pairs) do
  legal[pair] = true
  open[string.match(pair, '^(.-)>')] = true
end
for _, status in ipairs(order.holding) do holding[status] = true end

local function reply(verdict, of, other, replayed, woken)
  return {
    verdict, other or '', replayed and '1' or '0', woken or {},
    redis.call('HGETALL', P .. 'request:' .. of), redis.call('LRANGE', P .. 'milestones:' .. of, 0, -1),
    redis.call('HGET', P .. 'delivery:' .. of, 'card') or ''
  }
end

local function lines_of(of)
  local list = redis.call('HGET', P .. 'request:' .. of, '_lines')
  return list and cjson.decode(list) or {}
end

local function head(line) return redis.call('ZRANGE', P .. 'line:' .. line, 0, 0)[1] end

-- Who stands before `of`, or false where it is first in all of its lines.
local function before(of)
  for _, line in ipairs(lines_of(of)) do
    local first = head(line)
    if first ~= of then return first or '?' end
  end
  return false
end

-- Leaving the line is the release; returns those who now stand first everywhere. Only a new head can have been waiting for us.
local function leave_lines()
  local woken, asked = {}, {}
  for _, line in ipairs(lines_of(id)) do
    local was_head = head(line) == id
    redis.call('ZREM', P .. 'line:' .. line, id)
    local next_one = was_head and head(line)
    if next_one then asked[#asked + 1] = next_one end
  end
  redis.call('HDEL', hash, '_lines', '_place')
  local told = {}
  for _, candidate in ipairs(asked) do
    if not told[candidate] and not before(candidate) and redis.call('HGET', P .. 'request:' .. candidate, '_status') == 'queued' then
      told[candidate] = true
      woken[#woken + 1] = candidate
    end
  end
  return woken
end

local function join_lines()
  local place = redis.call('INCR', P .. 'place')
  for _, line in ipairs(order.lines) do redis.call('ZADD', P .. 'line:' .. line, place, id) end
  redis.call('HSET', hash, '_lines', cjson.encode(order.lines), '_place', place)
end

local function drop_claim()
  local held = redis.call('HGET', hash, '_claim')
  if held and redis.call('HGET', P .. 'claims', held) == id then redis.call('HDEL', P .. 'claims', held) end
  redis.call('HDEL', hash, '_claim')
end

local function audit(from, to, version)
  local entry = { 'id', id, 'at', text(now), 'from', from, 'to', to, 'actor', order.actor, 'because', order.because or '',
    'actionId', order.actionId, 'version', version }
  if #order.milestones > 0 then
    entry[#entry + 1] = 'said'
    entry[#entry + 1] = '[' .. table.concat(order.milestones, ',') .. ']'
  end
  redis.call('XADD', P .. 'audit', 'MINID', '~', text(now - order.auditMs), '*', unpack(entry))
end

local function tell_milestones()
  for _, milestone in ipairs(order.milestones) do
    local seq = redis.call('HINCRBY', hash, '_said', 1)
    -- The sequence number is the post-once key of the thread, so it is given here and nowhere else.
    redis.call('RPUSH', P .. 'milestones:' .. id, '{"seq":' .. seq .. ',"at":' .. text(now) .. ',' .. string.sub(milestone, 2))
  end
end

local function write_fields()
  for i = 1, #order.fields, 2 do redis.call('HSET', hash, order.fields[i], order.fields[i + 1]) end
  for _, field in ipairs(order.remove) do redis.call('HDEL', hash, field) end
end

local function mark_dirty() redis.call('ZADD', P .. 'dirty', 'NX', text(now), id) end

local function index_of_open() return { P .. 'open', P .. 'open:' .. (redis.call('HGET', hash, '_cluster') or '') } end

local function end_it(status)
  redis.call('HSET', hash, 'endedAt', text(now))
  for _, key in ipairs(index_of_open()) do redis.call('ZREM', key, id) end
  drop_claim()
  if order.changed == 'yes' or (order.changed == 'writing' and redis.call('HEXISTS', hash, 'writing') == 1) then
    redis.call('ZADD', P .. 'changed:' .. redis.call('HGET', hash, '_place_of_app'), text(now), id)
  end
end

-- Also after every later word on an ended request: a list that did not exist when it ended has no expiry yet.
local function let_expire()
  for _, kind in ipairs({ 'request:', 'milestones:' }) do redis.call('PEXPIRE', P .. kind .. id, order.retentionMs) end
  redis.call('PEXPIRE', P .. 'actions:' .. id, order.actionsMs)
end

------------------------------------------------------------------ create

if order.op == 'create' then
  local made = P .. 'created:' .. order.actionId
  local first = redis.call('GET', made)
  if first then return reply('moved', first, '', true) end
  if redis.call('EXISTS', hash) == 1 then return redis.error_reply('TAKEN the id ' .. id .. ' is in use') end
  if holding[order.status] then return redis.error_reply('BUG a request cannot begin as ' .. order.status) end

  redis.call('SET', made, id, 'PX', order.retentionMs)
  write_fields()
  redis.call('HSET', hash, 'version', 1, '_status', order.status, 'since', text(now), 'createdAt', text(now), '_said', 0,
    '_cluster', order.cluster, '_place_of_app', order.place)
  for _, index in ipairs(order.indexes) do
    redis.call('ZADD', P .. index, text(now), id)
    -- Ids whose records have expired leave the indexes here, a few at a time, where the work is paid by what makes it.
    redis.call('ZREMRANGEBYSCORE', P .. index, '-inf', text(now - 2 * order.retentionMs))
  end
  if open[order.status] then
    for _, key in ipairs(index_of_open()) do redis.call('ZADD', key, text(now), id) end
  else
    end_it(order.status)
  end
  tell_milestones()
  mark_dirty()
  audit('', order.status, 1)
  if not open[order.status] then let_expire() end
  return reply('moved', id, '', false)
end

------------------------------------------------------------------ move

local from = redis.call('HGET', hash, '_status')
if not from then return { 'unknown', '', '0', {}, {}, {}, '' } end

local done = redis.call('HGET', P .. 'actions:' .. id, order.actionId)
if done then return reply('moved', id, '', true, cjson.decode(done)) end

local version = tonumber(redis.call('HGET', hash, 'version'))
if order.version then
  if version ~= order.version then return reply('version', id) end
else
  local allowed = false
  for _, status in ipairs(order.statuses) do allowed = allowed or status == from end
  if not allowed then return reply('version', id) end
end

local to = order.status or from
local is_legal = legal[from .. '>' .. to] or (not order.status and order.afterEnd)
if not is_legal then return reply('illegal', id) end
if order.notAfter and now > order.notAfter then return reply('too-late', id) end
if order.notBefore and now < order.notBefore then return reply('too-early', id) end

local starts = to == 'rolling-out' and from ~= 'rolling-out'
if starts or order.mustBeFirst then
  local other = before(id)
  if other or #lines_of(id) == 0 then return reply('not-first', id, other or '') end
end
if order.claim then
  local holder = redis.call('HGET', P .. 'claims', order.claim)
  -- A holder that is not open any more cannot happen through this script; believing it would block a workload for ever.
  if holder and holder ~= id and open[redis.call('HGET', P .. 'request:' .. holder, '_status') or ''] then
    return reply('same', id, holder)
  end
end
local joins = holding[to] and not holding[from]
if joins and #order.lines == 0 then return redis.error_reply('BUG entering ' .. to .. ' needs the workloads it stands in line for') end

-- Everything has been asked; from here on everything is done.
local woken = {}
-- A word for the audit alone changes nothing, so nobody who is about to move the request has to look at it again.
if not order.status and not order.claim and #order.fields + #order.remove + #order.milestones == 0 then
  if not order.quiet then audit(from, to, version) end
  redis.call('HSET', P .. 'actions:' .. id, order.actionId, '[]')
  if not open[to] then let_expire() end
  return reply('moved', id, '', false, woken)
end
write_fields()
local after = redis.call('HINCRBY', hash, 'version', 1)
if to ~= from then redis.call('HSET', hash, '_status', to, 'since', text(now)) end
if joins then join_lines() end
if holding[from] and not holding[to] then woken = leave_lines() end
if order.claim then
  drop_claim()
  redis.call('HSET', P .. 'claims', order.claim, id)
  redis.call('HSET', hash, '_claim', order.claim)
end
if open[from] and not open[to] then end_it(to) end
tell_milestones()
mark_dirty()
if not order.quiet then audit(from, to, after) end
redis.call('HSET', P .. 'actions:' .. id, order.actionId, #woken > 0 and cjson.encode(woken) or '[]')
if not open[to] then let_expire() end
return reply('moved', id, '', false, woken)
