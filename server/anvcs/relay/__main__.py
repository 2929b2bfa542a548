"""``python -m anvcs.relay``: one repository's relay."""

from anvcs.relay.main import main

if __name__ == "__main__":
    main()
