"""How surfaces reach the relay: the file that names it, starting it, and connections to it. Holds no rule."""
