"""What the relay reads of a repository: sessions, signs of git at work, what files are in commits."""
