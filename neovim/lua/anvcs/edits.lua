--- Text as rooms have it, and their edits in a buffer: as one change, so that the server sees its own edit come back.
local M = {}

--- The lines of a buffer, and the empty one after a final line end that Neovim does not show.
---@param buffer integer
---@param first integer
---@param last integer the last of them, included
---@return string[]
local function lines_of(buffer, first, last)
  local lines = vim.api.nvim_buf_get_lines(buffer, first, last + 1, false)
  if vim.bo[buffer].endofline and last >= vim.api.nvim_buf_line_count(buffer) then
    lines[#lines + 1] = ''
  end
  return lines
end

--- The text of a buffer with LF line ends.
---@param buffer integer
---@return string
function M.text(buffer)
  return table.concat(lines_of(buffer, 0, vim.api.nvim_buf_line_count(buffer)), '\n')
end

--- A cursor, with lines from 1 and bytes from 0, as a place of the protocol.
---@param buffer integer
---@param cursor [integer, integer]
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return { line: integer, character: integer }
function M.position(buffer, cursor, encoding)
  local line = vim.api.nvim_buf_get_lines(buffer, cursor[1] - 1, cursor[1], false)[1] or ''
  return { line = cursor[1] - 1, character = vim.str_utfindex(line, encoding, math.min(cursor[2], #line), false) }
end

--- A place in some lines, as a line from 1 and a byte from 0.
local function place(lines, first, position, encoding)
  local line = position.line - first + 1
  return { line, vim.str_byteindex(lines[line] or '', encoding, position.character, false) }
end

local function is_before(one, two)
  return one[1] < two[1] or (one[1] == two[1] and one[2] < two[2])
end

--- Where a place is once the text between two others is replaced; what is written right there comes after it.
local function carried(at, from, to, written)
  if not is_before(from, at) then
    return at
  end
  local last = { from[1] + #written - 1, #written[#written] + (#written == 1 and from[2] or 0) }
  if is_before(at, to) then
    return is_before(last, at) and last or at
  end
  return { at[1] - to[1] + last[1], at[1] == to[1] and at[2] - to[2] + last[2] or at[2] }
end

--- Replace a part of some lines.
local function replaced(lines, from, to, written)
  local out = vim.list_slice(lines, 1, from[1] - 1)
  local head, tail = lines[from[1]]:sub(1, from[2]), lines[to[1]]:sub(to[2] + 1)
  for index, text in ipairs(written) do
    out[#out + 1] = (index == 1 and head or '') .. text .. (index == #written and tail or '')
  end
  return vim.list_extend(out, lines, to[1] + 1)
end

--- How many bytes two lines share at their beginning (or, beside those, at their end), whole characters only.
local function shared(one, two, skip)
  local most, found = math.min(#one, #two) - (skip or 0), 0
  local function at(text, index)
    return skip and text:byte(#text - index) or text:byte(index + 1)
  end
  while found < most and at(one, found) == at(two, found) do
    found = found + 1
  end
  -- Not into the middle of a character of either.
  local function is_inside(text)
    local byte = skip and text:byte(#text - found + 1) or text:byte(found + 1)
    return byte and byte >= 0x80 and byte < 0xC0
  end
  while found > 0 and (is_inside(one) or is_inside(two)) do
    found = found - 1
  end
  return found
end

--- Put lines in the place of others, touching as little as possible; false if none differs.
local function put(buffer, first, before, after)
  local head, tail = 0, 0
  local most = math.min(#before, #after)
  while head < most and before[head + 1] == after[head + 1] do
    head = head + 1
  end
  while tail < most - head and before[#before - tail] == after[#after - tail] do
    tail = tail + 1
  end
  if head == #before and head == #after then
    return false
  end
  local new = vim.list_slice(after, head + 1, #after - tail)
  local from, to = first + head, first + #before - tail
  if #new == 0 or from == to then
    vim.api.nvim_buf_set_lines(buffer, from, to, false, new)
    return true
  end
  local start = shared(before[head + 1], new[1])
  local last = before[#before - tail]
  local stop = shared(last, new[#new], (#new == 1 or to - from == 1) and start or 0)
  new[#new] = new[#new]:sub(1, #new[#new] - stop)
  new[1] = new[1]:sub(start + 1)
  vim.api.nvim_buf_set_text(buffer, from, start, to - 1, #last - stop, new)
  return true
end

--- Without a history Neovim cannot take back what others wrote; the room remembers what the user did.
local function without_history(buffer, work)
  local levels = vim.bo[buffer].undolevels
  vim.bo[buffer].undolevels = -1
  local fine, outcome = pcall(work)
  vim.bo[buffer].undolevels = levels
  return fine and outcome
end

--- Apply edits to a buffer as one change; cursors stay in their text. False if no line changed.
---@param buffer integer
---@param edits { range: { start: table, ["end"]: table }, newText: string }[] of one text, apart from each other
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return boolean
function M.apply(buffer, edits, encoding)
  local count = vim.api.nvim_buf_line_count(buffer)
  local first, last = math.huge, 0
  for _, each in ipairs(edits) do
    first, last = math.min(first, each.range.start.line), math.max(last, each.range['end'].line)
  end
  if last >= count then
    -- Together with the line before the end, which may begin a new one.
    first, last = math.min(first, count - 1), count
  end
  local before = lines_of(buffer, first, last)
  local cursors = {}
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    local cursor = vim.api.nvim_win_get_cursor(window)
    cursors[window] = { cursor[1] - first, cursor[2] }
  end
  table.sort(edits, function(one, two)
    local a, b = one.range.start, two.range.start
    return a.line > b.line or (a.line == b.line and a.character > b.character)
  end)
  local after = before
  for _, each in ipairs(edits) do
    local from = place(before, first, each.range.start, encoding)
    local to = place(before, first, each.range['end'], encoding)
    local written = vim.split(each.newText:gsub('\r\n', '\n'), '\n', { plain = true })
    after = replaced(after, from, to, written)
    for window, cursor in pairs(cursors) do
      cursors[window] = carried(cursor, from, to, written)
    end
  end
  if last == count and vim.bo[buffer].endofline then
    table.remove(before)
    if after[#after] == '' then
      table.remove(after)
    else
      vim.bo[buffer].endofline, vim.bo[buffer].fixendofline = false, false
    end
  end
  local changed = without_history(buffer, function()
    return put(buffer, first, before, after)
  end)
  for window, cursor in pairs(cursors) do
    local line = math.max(1, math.min(cursor[1] + first, vim.api.nvim_buf_line_count(buffer)))
    vim.api.nvim_win_set_cursor(window, { line, math.max(0, cursor[2]) })
  end
  return changed
end

return M
