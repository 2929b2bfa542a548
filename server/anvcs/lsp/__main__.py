"""``python -m anvcs.lsp``: the same as ``anvcs-lsp``."""

from anvcs.lsp.main import main

if __name__ == "__main__":
    main()
