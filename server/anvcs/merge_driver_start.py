"""What git's merge driver starts: ``merge_driver``, which Python keeps compiled only where it is imported.

To compile it anew for each file takes as long as to import the engine's grammar and data classes together.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from anvcs.merge_driver import run

    run()
