-- Runs Lua that a test sends over a socket, one JSON message a line: {id, code, arguments} -> {id, value | failed}.
local pipe = assert(vim.uv.new_pipe(false))
assert(pipe:connect(vim.env.ANVCS_TEST_SOCKET, function(failed)
  assert(not failed, failed)
  local rest = ''
  pipe:read_start(function(_, data)
    if not data then
      vim.schedule(function()
        vim.cmd('quitall!')
      end)
      return
    end
    rest = rest .. data
    for line in rest:gmatch('([^\n]*)\n') do
      vim.schedule(function()
        local asked = vim.json.decode(line)
        local fine, value = pcall(assert(loadstring(asked.code)), unpack(asked.arguments))
        pipe:write(vim.json.encode({ id = asked.id, [fine and 'value' or 'failed'] = value == nil and vim.NIL or value }) .. '\n')
      end)
    end
    rest = rest:match('[^\n]*$')
  end)
end))
