/*
 * Each script touches one key, so that it runs on a cluster too. Epochs are decimal text of Redis TIME in ms, at least the previous one + 1 and
 * above what the caller has seen: monotonic after FLUSHALL and after the expiry of a key.
 */

/**
 * KEYS own. ARGV gateway, socket, connected at (ms), epoch to be above.
 * Returns { epoch, previous gateway, previous socket, previous epoch }; epoch '0': a newer socket owns it. A first claim (epoch 0) is allowed 2 s of skew between clocks.
 */
export const claimScript = `
local o = redis.call('HMGET', KEYS[1], 'gateway', 'epoch', 'socket', 'at')
local skew = ARGV[4] == '0' and 2000 or 0
if o[4] and tonumber(o[4]) > tonumber(ARGV[3]) + skew then return { '0', '', '', '0' } end
local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)
local e = string.format('%.0f', math.max(now, (tonumber(o[2]) or 0) + 1, tonumber(ARGV[4]) + 1))
redis.call('HSET', KEYS[1], 'gateway', ARGV[1], 'socket', ARGV[2], 'at', string.format('%.0f', math.min(tonumber(ARGV[3]), now)), 'epoch', e)
redis.call('PERSIST', KEYS[1])
return { e, o[1] or '', o[3] or '', o[2] or '0' }`;

/** KEYS rate. ARGV window (ms). A window begins with its first count. */
export const countScript = `
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return n`;

/** KEYS own. ARGV epoch. Compares, so that the late close of one process cannot erase the claim of another; epoch and time of connection stay for an hour. */
export const releaseScript = `
if redis.call('HGET', KEYS[1], 'epoch') == ARGV[1] and redis.call('HEXISTS', KEYS[1], 'gateway') == 1 then
  redis.call('HDEL', KEYS[1], 'gateway', 'socket'); redis.call('PEXPIRE', KEYS[1], 3600000)
  return 1
end
return 0`;
