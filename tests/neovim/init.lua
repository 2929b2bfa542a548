-- The configuration of a user who has followed the README, with the server of this checkout.
vim.opt.runtimepath:prepend(vim.env.ANVCS_TEST_PLUGIN)
vim.opt.swapfile = false
vim.opt.autoindent = false
require('anvcs').setup({ cmd = vim.json.decode(vim.env.ANVCS_TEST_SERVER) })
dofile(vim.env.ANVCS_TEST_DRIVER)
