--- ANVCS in Neovim: its language server, and live typing in rooms.
---
--- require('anvcs').setup() starts the server for files in Git repositories. A file that is in its room is typed in
--- together with others; undo takes back one's own edits only, and a save is one that all editors know of.
local edits = require('anvcs.edits')
local presence = require('anvcs.presence')

local M = {}

--- Milliseconds that a save waits for the server at most.
local PATIENCE = 6000
--- How often in a minute a server that ended is started again, and after how many milliseconds.
local RESTARTS, PAUSE = 5, 500
--- States in which the server follows a document's text.
local FOLLOWED = { connecting = true, joined = true, offline = true, desync = true }

---@class anvcs.Room
---@field state string as the server says
---@field reason string one sentence for the user
---@field undurable integer edits that are not durable yet
---@field client vim.lsp.Client
---@field autocmds? integer

---@type table<integer, anvcs.Room> by buffer
local rooms = {}
---@type table<integer, boolean> buffers whose changes are told
local watched = {}

local group = vim.api.nvim_create_augroup('anvcs', {})

---@param buffer integer
---@return boolean
local function followed(buffer)
  return rooms[buffer] ~= nil and FOLLOWED[rooms[buffer].state] ~= nil
end

---@param buffer integer
---@return { uri: string, version: integer }
local function named(buffer)
  return { uri = vim.uri_from_bufnr(buffer), version = vim.lsp.util.buf_versions[buffer] }
end

--- The buffer of a message; nothing for one that is not loaded any more.
---@param uri string
---@return integer?
local function buffer_of(uri)
  local buffer = vim.uri_to_bufnr(uri)
  return vim.api.nvim_buf_is_loaded(buffer) and buffer or nil
end

--- Tell of each change before the language client does: these listeners are asked in the order in which they came.
---@param buffer integer
local function watch(buffer)
  if watched[buffer] then
    return
  end
  watched[buffer] = vim.api.nvim_buf_attach(buffer, false, {
    on_lines = function(_, _, tick)
      if followed(buffer) then
        local told = { uri = vim.uri_from_bufnr(buffer), version = tick, dirty = vim.bo[buffer].modified }
        rooms[buffer].client:notify('anvcs/rooms/changed', told)
      end
    end,
    on_reload = function() end,
    on_detach = function()
      watched[buffer], rooms[buffer] = nil, nil
    end,
  })
end

--- Apply what comes from the room, if the text is still the one that it is meant for.
---@param params { uri: string, version: integer, edits: table[] }
local function edit(_, params)
  local buffer = buffer_of(params.uri)
  if not buffer or vim.lsp.util.buf_versions[buffer] ~= params.version or not vim.bo[buffer].modifiable then
    return { applied = false }
  end
  if not edits.apply(buffer, params.edits, rooms[buffer].client.offset_encoding) then
    -- Only the end of the last line changed, of which no listener is told.
    local told = named(buffer)
    rooms[buffer].client:notify('anvcs/rooms/resync', vim.tbl_extend('force', told, { text = edits.text(buffer) }))
  end
  return { applied = true }
end

--- Write a buffer into its file, as it is, in place; false if that cannot be done, which the user is told.
---@param buffer integer
---@return boolean
local function write(buffer)
  local path = vim.api.nvim_buf_get_name(buffer)
  local text = edits.text(buffer)
  if vim.bo[buffer].fileformat == 'dos' then
    text = text:gsub('\n', '\r\n')
  end
  if vim.bo[buffer].bomb then
    text = '\239\187\191' .. text
  end
  local file, failed = io.open(path, 'wb')
  local written = file
  if file then
    written, failed = file:write(text)
    local closed, late = file:close()
    written, failed = written and closed, failed or late
  end
  if not written then
    vim.notify(('ANVCS: not saved: %s. The text is kept here and in its room.'):format(failed), vim.log.levels.ERROR)
    return false
  end
  vim.bo[buffer].modified = false
  local shown = vim.fn.fnamemodify(path, ':~:.')
  vim.api.nvim_echo({ { ('"%s" %dL, %dB written'):format(shown, vim.api.nvim_buf_line_count(buffer), #text) } }, false, {})
  return true
end

--- Save a file that is in a room: the server prepares it first, and hears of it afterwards.
---@param args { buf: integer, match: string }
local function save(args)
  local buffer = args.buf
  if vim.fs.normalize(args.match) ~= vim.fs.normalize(vim.api.nvim_buf_get_name(buffer)) then
    vim.cmd('noautocmd keepalt write! ' .. vim.fn.fnameescape(args.match))
    return
  end
  local client = rooms[buffer].client
  client:request_sync('anvcs/rooms/willSave', named(buffer), PATIENCE, buffer)
  -- Only then: what formatters of two editors do in the same way is one save's and counts once.
  vim.api.nvim_exec_autocmds('BufWritePre', { buffer = buffer, modeline = false })
  local saved = named(buffer)
  if not write(buffer) then
    return
  end
  client:notify('anvcs/rooms/didSave', saved)
  vim.api.nvim_exec_autocmds('BufWritePost', { buffer = buffer, modeline = false })
end

--- Somebody else saved just this text: it is saved here too.
---@param params { uri: string, version: integer }
local function follow(_, params)
  local buffer = buffer_of(params.uri)
  if buffer and followed(buffer) and vim.lsp.util.buf_versions[buffer] == params.version and vim.bo[buffer].modified then
    vim.bo[buffer].modified = false
    local told = { uri = params.uri, version = params.version, followed = true }
    rooms[buffer].client:notify('anvcs/rooms/didSave', told)
  end
end

--- Take back, or do again, what the user wrote last; what others wrote stays.
---@param buffer integer
---@param method 'undo'|'redo'
local function take_back(buffer, method)
  for _ = 1, vim.v.count1 do
    rooms[buffer].client:request('anvcs/rooms/' .. method, { uri = vim.uri_from_bufnr(buffer) }, function(failed, done)
      if failed or not (done and done.done) then
        vim.api.nvim_echo({ { failed and failed.message or ('Nothing of yours to ' .. method) } }, false, {})
      end
    end, buffer)
  end
end

--- Tell where the cursor or the selection is.
---@param buffer integer
local function moved(buffer)
  local encoding = rooms[buffer].client.offset_encoding
  local active = edits.position(buffer, vim.api.nvim_win_get_cursor(0), encoding)
  local anchor = active
  if vim.fn.mode():match('^[vV\22]') then
    local place = vim.fn.getpos('v')
    anchor = edits.position(buffer, { place[2], place[3] - 1 }, encoding)
  end
  local selection = { anchor = anchor, active = active }
  rooms[buffer].client:notify(
    'anvcs/rooms/cursor',
    vim.tbl_extend('force', named(buffer), { selections = { selection } })
  )
end

---@param buffer integer
---@return integer
local function take_over(buffer)
  for key, method in pairs({ u = 'undo', ['<C-r>'] = 'redo' }) do
    vim.keymap.set('n', key, function()
      take_back(buffer, method)
    end, { buffer = buffer, desc = 'ANVCS: ' .. method .. ' what you wrote' })
  end
  -- It would bring a whole line back as it was, with what others wrote in it.
  vim.keymap.set('n', 'U', '<Nop>', { buffer = buffer })
  local own = vim.api.nvim_create_augroup('anvcs.' .. buffer, {})
  local function on(event, callback)
    vim.api.nvim_create_autocmd(event, { group = own, buffer = buffer, callback = callback })
  end
  on('BufWriteCmd', save)
  on('FileChangedShell', function()
    -- What others write into the file comes by the room.
    vim.v.fcs_choice = ''
  end)
  on({ 'CursorMoved', 'CursorMovedI', 'ModeChanged', 'BufEnter' }, function()
    if followed(buffer) and vim.api.nvim_get_current_buf() == buffer then
      moved(buffer)
    end
  end)
  return own
end

---@param buffer integer
---@param autocmds integer
local function give_back(buffer, autocmds)
  for _, key in ipairs({ 'u', '<C-r>', 'U' }) do
    pcall(vim.keymap.del, 'n', key, { buffer = buffer })
  end
  vim.api.nvim_del_augroup_by_id(autocmds)
  presence.clear(buffer)
end

--- How a document stands.
local function state(_, params, context)
  local buffer = buffer_of(params.uri)
  local client = vim.lsp.get_client_by_id(context.client_id)
  if not buffer or not client then
    return
  end
  local before = rooms[buffer] or {}
  rooms[buffer] = {
    state = params.state,
    reason = params.reason or '',
    undurable = params.undurable or 0,
    client = client,
    autocmds = before.autocmds,
  }
  if followed(buffer) and not before.autocmds then
    rooms[buffer].autocmds = take_over(buffer)
  elseif not followed(buffer) and before.autocmds then
    give_back(buffer, before.autocmds)
    rooms[buffer].autocmds = nil
  end
  if params.copy then
    M.copies[buffer] = params.copy
    vim.notify('ANVCS: unsaved text could not be joined with its room; :AnvcsCopy shows it.', vim.log.levels.WARN)
  end
  vim.api.nvim_exec_autocmds('User', { pattern = 'AnvcsRoom', modeline = false, data = { buffer = buffer } })
end

--- Unsaved texts that could not be joined with their rooms, by buffer.
---@type table<integer, string>
M.copies = {}

--- How the room of a buffer stands, for a status line; nothing if it is in none.
---@param buffer? integer
---@return { state: string, reason: string, undurable: integer }?
function M.room(buffer)
  local room = rooms[buffer ~= 0 and buffer or vim.api.nvim_get_current_buf()]
  return room and { state = room.state, reason = room.reason, undurable = room.undurable } or nil
end

---@class anvcs.Options
---@field cmd? string[] starts the language server

local start, forget, restart

--- Start the server for a buffer, or join the one that runs for its repository.
---@param buffer integer
---@param options anvcs.Options
function start(buffer, options)
  local name = vim.api.nvim_buf_get_name(buffer)
  local root = vim.bo[buffer].buftype == '' and name ~= '' and vim.fs.root(name, '.git')
  if not root then
    return
  end
  watch(buffer)
  local capabilities = vim.lsp.protocol.make_client_capabilities()
  -- Rooms count in UTF-16.
  capabilities.general.positionEncodings = { 'utf-16' }
  vim.lsp.start({
    name = 'anvcs',
    cmd = options.cmd or { 'anvcs-lsp' },
    root_dir = root,
    capabilities = capabilities,
    init_options = { anvcs = { rooms = { live = true } } },
    flags = { debounce_text_changes = 0 },
    handlers = {
      ['anvcs/rooms/edit'] = edit,
      ['anvcs/rooms/state'] = state,
      ['anvcs/rooms/saved'] = follow,
      ['anvcs/rooms/presence'] = function(_, params)
        local seen = buffer_of(params.uri)
        if seen and rooms[seen] then
          presence.show(seen, params.others or {}, rooms[seen].client.offset_encoding)
        end
      end,
    },
    on_exit = vim.schedule_wrap(function(code, signal, id)
      local left = forget(id)
      if code ~= 0 or signal ~= 0 then
        restart(left, options)
      end
    end),
  }, { bufnr = buffer })
end

--- The server has ended: files are as in any editor. Gives those that were in rooms.
---@param id integer
---@return integer[]
function forget(id)
  local left = {}
  for buffer, room in pairs(rooms) do
    if room.client.id == id then
      left[#left + 1] = buffer
      if room.autocmds then
        give_back(buffer, room.autocmds)
      end
      rooms[buffer] = nil
    end
  end
  return left
end

local restarts = 0

--- Start the server again; it knows what each file showed, and goes on from there.
---@param buffers integer[]
---@param options anvcs.Options
function restart(buffers, options)
  if restarts >= RESTARTS then
    vim.notify('ANVCS: its server ended too often; :edit starts it again.', vim.log.levels.ERROR)
    return
  end
  restarts = restarts + 1
  vim.defer_fn(function()
    restarts = restarts - 1
  end, 60000)
  vim.defer_fn(function()
    for _, buffer in ipairs(buffers) do
      if vim.api.nvim_buf_is_loaded(buffer) then
        start(buffer, options)
      end
    end
  end, PAUSE)
end

--- Switch ANVCS on, for files that are open and for those that will be.
---@param options? anvcs.Options
function M.setup(options)
  vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
    group = group,
    callback = function(args)
      start(args.buf, options or {})
    end,
  })
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) then
      start(buffer, options or {})
    end
  end
  vim.api.nvim_create_user_command('AnvcsCopy', function()
    local copy = M.copies[vim.api.nvim_get_current_buf()]
    if copy then
      vim.cmd('vertical new')
      vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(copy, '\n', { plain = true }))
      vim.bo.buftype = 'nofile'
    end
  end, { desc = 'ANVCS: show unsaved text that could not be joined with its room' })
end

return M
