--- Shows where the others in a room are.
local M = {}

local space = vim.api.nvim_create_namespace('anvcs.presence')
local COLOURS = { 'DiagnosticInfo', 'DiagnosticWarn', 'DiagnosticHint', 'DiagnosticOk', 'DiagnosticError', 'Special' }

--- A place of the protocol as one of extmarks; nothing where the text has none.
local function place(buffer, position, encoding)
  local line = vim.api.nvim_buf_get_lines(buffer, position.line, position.line + 1, false)[1]
  return line and { position.line, vim.str_byteindex(line, encoding, position.character, false) } or nil
end

--- Show nobody.
---@param buffer integer
function M.clear(buffer)
  vim.api.nvim_buf_clear_namespace(buffer, space, 0, -1)
end

--- Show everybody who is here: what they selected, and their names beside their cursors.
---@param buffer integer
---@param others { name: string, where?: string, colour?: integer, selections?: table[] }[]
---@param encoding 'utf-8'|'utf-16'|'utf-32'
function M.show(buffer, others, encoding)
  M.clear(buffer)
  for _, other in ipairs(others) do
    local colour = COLOURS[(other.colour or 0) % #COLOURS + 1]
    for _, selection in ipairs(other.where ~= 'elsewhere' and other.selections or {}) do
      local active = place(buffer, selection.active, encoding)
      local anchor = place(buffer, selection.anchor, encoding)
      if active and anchor then
        local name = { { '▏' .. other.name, colour } }
        vim.api.nvim_buf_set_extmark(buffer, space, active[1], active[2], { virt_text = name, virt_text_pos = 'eol' })
        local from, to = anchor, active
        if to[1] < from[1] or (to[1] == from[1] and to[2] < from[2]) then
          from, to = to, from
        end
        local range = { end_row = to[1], end_col = to[2], hl_group = 'Visual' }
        vim.api.nvim_buf_set_extmark(buffer, space, from[1], from[2], range)
      end
    end
  end
end

return M
