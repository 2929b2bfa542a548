"""What a user can do, one file per verb; every surface calls these."""
