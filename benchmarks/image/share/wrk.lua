-- Tells what wrk counted, exactly: what it prints itself is rounded and in powers of 1024.
--   {"event":"running"}       when the first thread is set up
--   {"event":"done",...}      at the end; bytes are all that was read: headers, and what came of
--                             responses that were not complete yet

local running = false

local function tell(line)
   io.write(line, "\n")
   io.flush()
end

function setup(thread)
   if not running then
      running = true
      tell('{"event":"running"}')
   end
end

function done(summary, latency, requests)
   local errors = summary.errors
   -- %d of a number above 2^31 is not safe in LuaJIT
   tell(string.format(
      '{"event":"done","bytes":%.0f,"duration_us":%.0f,"requests":%.0f,"errors":{"connect":%.0f,'
         .. '"read":%.0f,"write":%.0f,"status":%.0f,"timeout":%.0f}}',
      summary.bytes, summary.duration, summary.requests,
      errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
